namespace JpegQualityEstimation.Images;

// OutputFile: a file appears whole or not at all. Written beside its place under a temporary name, then renamed.

/// <summary>Writes files whole or not at all.</summary>
public static class OutputFile
{
    /// <summary>Writes the file at <paramref name="path"/>, replacing what was there once all is written.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="write">Writes the content; the stream can seek.</param>
    /// <remarks>The temporary file stands in the same folder and is removed when <paramref name="write"/> throws.</remarks>
    /// <exception cref="IOException">Writing or renaming failed; also <see cref="UnauthorizedAccessException"/>.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string full = Path.GetFullPath(path);
        string temporary = Path.Combine(
            Path.GetDirectoryName(full) ?? throw new IOException($"{path}: not a file name"),
            $".{Path.GetFileName(full)}.{Path.GetRandomFileName()}");
        try
        {
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16))
                write(stream);
            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
