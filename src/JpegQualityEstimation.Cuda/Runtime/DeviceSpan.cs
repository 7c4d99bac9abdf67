using System.Globalization;
using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Cuda.Runtime;

/// <summary>A stretch of device memory: an address and a length, no ownership. Valid while its buffer is.</summary>
readonly record struct DeviceSpan<T>(ulong Address, long Length)
    where T : unmanaged
{
    public long Bytes => Length * Unsafe.SizeOf<T>();

    /// <summary>Elements [start, start + length).</summary>
    public DeviceSpan<T> Slice(long start, long length)
    {
        if (start < 0 || length < 0 || start > Length - length)
            throw new ArgumentOutOfRangeException(nameof(start), string.Create(CultureInfo.InvariantCulture, $"[{start}, {start} + {length}) of {Length}"));
        return new DeviceSpan<T>(Address + (ulong)(start * Unsafe.SizeOf<T>()), length);
    }

    public DeviceSpan<T> Slice(long start) => Slice(start, Length - start);

    /// <summary>The same bytes as elements of another type.</summary>
    public DeviceSpan<TOther> As<TOther>()
        where TOther : unmanaged => new(Address, Bytes / Unsafe.SizeOf<TOther>());

    public static implicit operator KernelArgument(DeviceSpan<T> span) => KernelArgument.Pointer(span.Address);
}
