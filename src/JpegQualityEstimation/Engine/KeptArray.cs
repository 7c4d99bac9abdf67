namespace JpegQualityEstimation.Engine;

// KeptArray: room that is kept from one use to the next and grows to the most that was asked for. What it holds is what the
// last use left. One thread at a time.
struct KeptArray<T>
{
    T[]? values;

    /// <summary>The first so many values.</summary>
    public readonly Span<T> Values(int length) => values.AsSpan(0, length);

    /// <summary>Makes room; what was there may be gone.</summary>
    /// <returns>At least so many values.</returns>
    public T[] Room(int length)
    {
        if (values is null || values.Length < length)
            values = new T[length];
        return values;
    }
}
