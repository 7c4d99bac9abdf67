namespace JpegQualityEstimation.Training;

/// <summary>A recipe that cannot be used: which file, which key, and why.</summary>
public sealed class RecipeException : Exception
{
    /// <summary>Makes the error.</summary>
    /// <param name="file">Path or name of the recipe.</param>
    /// <param name="key">The key at fault, empty where it is the whole file.</param>
    /// <param name="reason">One sentence, lower case, no full stop.</param>
    /// <param name="innerException">What the reader below said, if anything.</param>
    public RecipeException(string file, string key, string reason, Exception? innerException = null)
        : base(key.Length == 0 ? $"{file}: {reason}" : $"{file}: '{key}' {reason}", innerException)
    {
        File = file;
        Key = key;
    }

    /// <summary>Path or name of the recipe.</summary>
    public string File { get; }

    /// <summary>The key at fault, empty where it is the whole file.</summary>
    public string Key { get; }
}
