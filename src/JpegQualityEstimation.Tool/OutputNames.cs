namespace JpegQualityEstimation.Tool;

// Where the maps of a picture go: DIR/NAME.kind, NAME being the picture's path, extension included, relative to the
// deepest folder that holds all inputs. x.png and x.jpg, a/x.png and b/x.png thus never meet in one name, and the same
// command gives the same names every time (which --resume needs).
sealed class OutputNames
{
    readonly string target;
    readonly string root;

    public OutputNames(string target, IEnumerable<InputPicture> pictures)
    {
        this.target = Path.GetFullPath(target);
        root = pictures.Select(p => p.Folder).Distinct().Aggregate((string?)null, Common) ?? "";
    }

    public string Of(InputPicture picture, string kind)
    {
        string full = Path.GetFullPath(picture.Path);
        string relative = root.Length > 0 ? Path.GetRelativePath(root, full) : full;
        if (Path.IsPathRooted(relative))
            relative = relative.Replace(":", "", StringComparison.Ordinal).TrimStart(Path.DirectorySeparatorChar);
        return Path.Combine(target, relative + kind);
    }

    // The deepest folder above both; "" where there is none (two Windows drives).
    static string Common(string? soFar, string folder)
    {
        if (soFar is null)
            return folder;
        string above = soFar;
        while (above.Length > 0 && !Holds(above, folder))
            above = Path.GetDirectoryName(above) ?? "";
        return above;
    }

    static bool Holds(string above, string folder) =>
        folder == above || folder.StartsWith(Path.EndsInDirectorySeparator(above) ? above : above + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
