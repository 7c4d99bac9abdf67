using System.Globalization;
using System.Runtime.CompilerServices;
using JpegQualityEstimation.Cuda.Handles;

namespace JpegQualityEstimation.Cuda.Runtime;

// PinnedBuffer: page-locked host memory, which copies run from and to beside kernels. Whoever hands it to an asynchronous copy
// leaves it alone until an event recorded after the copy is done.
sealed unsafe class PinnedBuffer<T> : IDisposable
    where T : unmanaged
{
    readonly PinnedHandle memory;

    internal PinnedBuffer(ContextHandle context, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        memory = new PinnedHandle(context, (nuint)Math.Max(1, (long)length * Unsafe.SizeOf<T>()));
    }

    public int Length { get; }

    public Span<T> Span => new((void*)memory.Pointer, Length);

    internal void* At(int start, long count)
    {
        if (start < 0 || count < 0 || start > Length - count)
            throw new ArgumentOutOfRangeException(nameof(start), string.Create(CultureInfo.InvariantCulture, $"[{start}, {start} + {count}) of {Length} pinned elements"));
        return (T*)memory.Pointer + start;
    }

    public void Dispose() => memory.Dispose();
}
