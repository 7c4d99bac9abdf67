namespace JpegQualityEstimation.Tool;

// --model [NAME=]FILE of the verbs that take several models: NAME is what tables call it.
readonly record struct NamedFile(string? Name, string File)
{
    public static NamedFile Parse(string text)
    {
        // A file may be called so.
        int equals = System.IO.File.Exists(text) ? -1 : text.IndexOf('=', StringComparison.Ordinal);
        return new NamedFile(equals > 0 ? text[..equals] : null, text[(equals + 1)..]);
    }

    public static void RequireNew(IEnumerable<string> names, string name)
    {
        if (names.Contains(name))
            throw new UsageException($"two models are called '{name}': name them as NAME=FILE");
    }
}
