namespace JpegQualityEstimation.Tool;

// Where the maps of a picture go: DIR/NAME.kind, NAME being the picture's path, extension included, relative to the
// deepest folder that holds all inputs, or to a root that is given. x.png and x.jpg, a/x.png and b/x.png thus never meet
// in one name, and the same command gives the same names every time (which --resume needs).
sealed class OutputNames
{
    readonly string target;
    readonly string root;
    readonly bool rootGiven;

    public OutputNames(string target, IEnumerable<InputPicture> pictures)
    {
        this.target = Path.GetFullPath(target);
        root = pictures.Select(p => p.Folder).Distinct().Aggregate((string?)null, Common) ?? "";
    }

    public OutputNames(string target, string root)
    {
        this.target = Path.GetFullPath(target);
        this.root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        rootGiven = true;
    }

    public string Of(InputPicture picture, string kind)
    {
        string full = Path.GetFullPath(picture.Path);
        if (rootGiven && !Holds(root, full))
            throw new InputException("outside-root", $"not below {root}, which map files are named from");
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
