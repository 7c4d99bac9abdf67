namespace JpegQualityEstimation.Tool;

// From the PATH arguments to single pictures: files as named, folders expanded (ordinal order, known extensions),
// "-" replaced by the lines of standard input, read one at a time so that a caller may feed names as it goes.
sealed class InputList(IReadOnlyList<string> paths, bool recursive, string? exclude, TextReader names)
{
    static readonly HashSet<string> Extensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".pnm", ".ppm", ".pgm", ".pbm", ".tif", ".tiff",
    };

    readonly string? excluded = exclude is null ? null : Path.GetFullPath(exclude) + Path.DirectorySeparatorChar;

    // Folders that held no picture at all; to be reported once the list is through.
    public List<string> Empty { get; } = [];

    // Pictures with the folder that names of outputs are taken from.
    public IEnumerable<InputPicture> Pictures() => Named().SelectMany(Expand);

    IEnumerable<string> Named()
    {
        foreach (string path in paths)
        {
            if (path != "-")
            {
                yield return path;
                continue;
            }
            while (names.ReadLine() is { } line)
                if (line.Length > 0)
                    yield return line;
        }
    }

    IEnumerable<InputPicture> Expand(string path)
    {
        if (!Directory.Exists(path))
        {
            yield return new InputPicture(path, Path.GetDirectoryName(Path.GetFullPath(path)) ?? "");
            yield break;
        }
        bool any = false;
        foreach (string file in Files(path))
        {
            any = true;
            yield return new InputPicture(file, Path.GetFullPath(path));
        }
        if (!any)
            Empty.Add(path);
    }

    IEnumerable<string> Files(string folder)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = recursive, IgnoreInaccessible = true };
        return Directory.EnumerateFiles(folder, "*", options)
            .Where(file => Extensions.Contains(Path.GetExtension(file)))
            .Where(file => excluded is null || !Path.GetFullPath(file).StartsWith(excluded, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
    }
}

// One picture: its name as the caller gave it or as found, and the folder that was searched or holds it.
readonly record struct InputPicture(string Path, string Folder);
