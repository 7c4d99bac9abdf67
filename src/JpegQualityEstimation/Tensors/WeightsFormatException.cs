namespace JpegQualityEstimation.Tensors;

/// <summary>A weight file that cannot be used: which one, where in it, and why.</summary>
/// <remarks>The only exception that <see cref="Safetensors"/> throws for bad bytes, whatever the bytes.</remarks>
public sealed class WeightsFormatException : Exception
{
    /// <summary>Makes the error.</summary>
    /// <param name="file">Path or caller's name of the input.</param>
    /// <param name="offset">Byte offset at which reading stopped making sense, -1 where there is none.</param>
    /// <param name="reason">One sentence, lower case, no full stop.</param>
    /// <param name="innerException">What the reader below said, if anything.</param>
    public WeightsFormatException(string file, long offset, string reason, Exception? innerException = null)
        : base(offset < 0 ? $"{file}: {reason}" : $"{file}: at byte {offset}: {reason}", innerException)
    {
        File = file;
        Offset = offset;
        Reason = reason;
    }

    /// <summary>Path or caller's name of the input.</summary>
    public string File { get; }

    /// <summary>Byte offset, -1 where there is none.</summary>
    public long Offset { get; }

    /// <summary>The reason alone, without file and offset.</summary>
    public string Reason { get; }
}
