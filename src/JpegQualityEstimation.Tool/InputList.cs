namespace JpegQualityEstimation.Tool;

// From the PATH arguments to single pictures: files as named, folders expanded (ordinal order, known extensions),
// "-" replaced by the names on standard input, read one at a time so that a caller may feed names as it goes.
sealed class InputList(IReadOnlyList<string> paths, bool recursive, string? exclude, NameReader names)
{
    // What a byte that is not UTF-8 is read as.
    const char Replacement = '\uFFFD';

    static readonly HashSet<string> Extensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".pnm", ".ppm", ".pgm", ".pbm", ".tif", ".tiff",
    };

    readonly string? excluded = exclude is null ? null : Path.GetFullPath(exclude) + Path.DirectorySeparatorChar;

    // Pictures with the folder that names of outputs are taken from; what is none carries its refusal.
    public IEnumerable<InputPicture> Pictures() =>
        paths.SelectMany(path => path == "-" ? names.Names() : [path]).SelectMany(Expand).Select(Checked);

    IEnumerable<InputPicture> Expand(string path)
    {
        if (!Directory.Exists(path))
        {
            yield return new InputPicture(path, path.Contains('\0') ? "" : Path.GetDirectoryName(Path.GetFullPath(path)) ?? "");
            yield break;
        }
        bool any = false;
        foreach (string file in Files(path))
        {
            any = true;
            yield return new InputPicture(file, Path.GetFullPath(path));
        }
        if (!any)
            yield return new InputPicture(path, Path.GetFullPath(path), new Failure("empty-folder", "no picture in this folder (--recursive also looks below it)"));
    }

    static InputPicture Checked(InputPicture picture)
    {
        if (picture.Path.Contains('\0'))
            return picture with { Refusal = new Failure("bad-name", "a zero byte in a name: names that are ended by zero bytes need --null") };
        if (picture.Path.Contains(Replacement) && !Path.Exists(picture.Path))
            return picture with { Refusal = new Failure("bad-name", "a name that is not UTF-8 cannot be opened: rename the file") };
        return picture;
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

// One picture: its name as the caller gave it or as found, the folder that was searched or holds it, and why it is none.
sealed record InputPicture(string Path, string Folder, Failure? Refusal = null);
