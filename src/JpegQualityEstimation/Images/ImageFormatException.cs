namespace JpegQualityEstimation.Images;

/// <summary>A file that cannot be used: which one, where in it, and why.</summary>
/// <remarks>The only exception that the readers of this library throw for bad bytes, whatever the bytes.</remarks>
public sealed class ImageFormatException : Exception
{
    /// <summary>Makes the error.</summary>
    /// <param name="code">What kind of error.</param>
    /// <param name="file">Path or caller's name of the input.</param>
    /// <param name="offset">Byte offset at which reading stopped making sense, -1 where there is none.</param>
    /// <param name="reason">One sentence, lower case, no full stop.</param>
    public ImageFormatException(ImageErrorCode code, string file, long offset, string reason)
        : base(offset < 0 ? $"{file}: {reason}" : $"{file}: at byte {offset}: {reason}")
    {
        Code = code;
        File = file;
        Offset = offset;
        Reason = reason;
    }

    /// <summary>What kind of error.</summary>
    public ImageErrorCode Code { get; }

    /// <summary>Path or caller's name of the input.</summary>
    public string File { get; }

    /// <summary>Byte offset, -1 where there is none.</summary>
    public long Offset { get; }

    /// <summary>The reason alone, without file and offset.</summary>
    public string Reason { get; }
}

/// <summary>Kinds of <see cref="ImageFormatException"/>.</summary>
public enum ImageErrorCode
{
    /// <summary>The first bytes are those of no format this library reads.</summary>
    UnknownFormat,
    /// <summary>The file is of a known format, in a variant this library does not read.</summary>
    Unsupported,
    /// <summary>The bytes contradict the format.</summary>
    Corrupt,
    /// <summary>The file ends before the picture does.</summary>
    Truncated,
    /// <summary>The picture is larger than <see cref="ImageReadOptions.MaxPixels"/> or than memory can hold.</summary>
    TooLarge,
}
