namespace JpegQualityEstimation.Cuda.Runtime;

enum KernelArgumentKind : byte
{
    /// <summary>An address or a 64-bit whole number: PTX does not tell them apart.</summary>
    Word64,
    Word32,
    Float32,
    Float64,
}

// KernelArgument: one argument of a launch: 8 bytes that the kernel reads, and what they are, which is compared with the
// kernel's own declaration.
readonly struct KernelArgument
{
    internal readonly ulong Bits;
    internal readonly KernelArgumentKind Kind;

    KernelArgument(ulong bits, KernelArgumentKind kind) => (Bits, Kind) = (bits, kind);

    internal static KernelArgument Pointer(ulong address) => new(address, KernelArgumentKind.Word64);

    public static implicit operator KernelArgument(int value) => new((uint)value, KernelArgumentKind.Word32);

    public static implicit operator KernelArgument(uint value) => new(value, KernelArgumentKind.Word32);

    public static implicit operator KernelArgument(long value) => new((ulong)value, KernelArgumentKind.Word64);

    public static implicit operator KernelArgument(ulong value) => new(value, KernelArgumentKind.Word64);

    public static implicit operator KernelArgument(float value) => new(BitConverter.SingleToUInt32Bits(value), KernelArgumentKind.Float32);

    public static implicit operator KernelArgument(double value) => new(BitConverter.DoubleToUInt64Bits(value), KernelArgumentKind.Float64);
}
