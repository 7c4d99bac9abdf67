using JpegQualityEstimation.Cuda.Handles;

namespace JpegQualityEstimation.Cuda.Runtime;

// DeviceBuffer: device memory from the pool, rented on a stream; its contents are undefined at first. Dispose returns it in
// the order of that stream: what was launched before still finds it.
// Used on another stream, that stream has to wait for an event of the renting one, and the other way round before Dispose.
sealed class DeviceBuffer<T> : IDisposable
    where T : unmanaged
{
    readonly MemoryHandle memory;
    readonly long length;

    internal DeviceBuffer(MemoryHandle memory, long length)
    {
        this.memory = memory;
        this.length = length;
    }

    public long Length => length;

    /// <summary>All of it.</summary>
    /// <exception cref="ObjectDisposedException">It was returned.</exception>
    public DeviceSpan<T> Span => new(memory.Address, length);

    public DeviceSpan<T> Slice(long start, long count) => Span.Slice(start, count);

    public DeviceSpan<T> Slice(long start) => Span.Slice(start);

    public static implicit operator DeviceSpan<T>(DeviceBuffer<T> buffer) => buffer.Span;

    public static implicit operator KernelArgument(DeviceBuffer<T> buffer) => buffer.Span;

    public void Dispose() => memory.Dispose();
}
