using JpegQualityEstimation.Cuda.Runtime;

namespace JpegQualityEstimation.Cuda.Ops;

/// <summary>Values in device memory with their type. The memory is somebody else's.</summary>
/// <param name="Address">Of the first.</param>
/// <param name="Length">Values.</param>
/// <param name="Type">Storage.</param>
readonly record struct DeviceValues(ulong Address, long Length, StorageType Type)
{
    public static implicit operator DeviceValues(DeviceSpan<float> span) => new(span.Address, span.Length, StorageType.Float32);

    public static implicit operator DeviceValues(DeviceSpan<Half> span) => new(span.Address, span.Length, StorageType.Float16);

    public static implicit operator DeviceValues(DeviceSpan<BFloat16> span) => new(span.Address, span.Length, StorageType.BFloat16);

    public static implicit operator DeviceValues(DeviceBuffer<float> buffer) => buffer.Span;

    public static implicit operator DeviceValues(DeviceBuffer<Half> buffer) => buffer.Span;

    public static implicit operator DeviceValues(DeviceBuffer<BFloat16> buffer) => buffer.Span;

    /// <summary>Bytes as values of a type.</summary>
    public static DeviceValues Of(DeviceSpan<byte> bytes, StorageType type) => new(bytes.Address, bytes.Length / type.Bytes(), type);

    public DeviceValues Slice(long start, long length)
    {
        if (start < 0 || length < 0 || start > Length - length)
            throw new ArgumentOutOfRangeException(nameof(start), $"values {start}..{start + length} of {Length}");
        return new(Address + (ulong)(start * Type.Bytes()), length, Type);
    }

    public DeviceValues Slice(long start) => Slice(start, Length - start);
}
