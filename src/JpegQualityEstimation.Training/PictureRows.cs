using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace JpegQualityEstimation.Training;

// PictureRows: rows of a photograph that are read soon. A crop's rows lie kilobytes apart, so that the processor does not see them
// coming; nothing but time depends on it.
static unsafe class PictureRows
{
    /// <summary>How many rows before they are read rows are asked for.</summary>
    public const int Ahead = 4;

    /// <summary>The bytes that lie <see cref="Ahead"/> rows after those from at on; none where the picture ends before.</summary>
    public static void AskAhead(ReadOnlySpan<byte> pixels, int stride, int at, int length)
    {
        long first = at + (long)Ahead * stride;
        if (first + length <= pixels.Length)
            AskFor(ref Unsafe.Add(ref MemoryMarshal.GetReference(pixels), (nint)first), length);
    }

    /// <summary>So many bytes.</summary>
    public static void AskFor(ref byte first, int length)
    {
        if (!Sse.IsSupported)
            return;
        for (int i = 0; i < length + 63; i += 64)
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref first, i)));
    }
}
