using System.Runtime.Intrinsics;

namespace JpegQualityEstimation.Training;

// ScaledFloats: to = scale * from, value by value; the two may be the same.
static class ScaledFloats
{
    /// <param name="from">[n].</param>
    /// <param name="scale">The factor.</param>
    /// <param name="to">[n] or longer.</param>
    public static void Apply(ReadOnlySpan<float> from, float scale, Span<float> to)
    {
        int i = 0;
        for (; i <= from.Length - 16; i += 16)
            (Vector512.Create(from.Slice(i, 16)) * scale).CopyTo(to[i..]);
        for (; i < from.Length; i++)
            to[i] = scale * from[i];
    }
}
