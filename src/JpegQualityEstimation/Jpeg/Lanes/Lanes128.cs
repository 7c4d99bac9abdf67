using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector128<short>;

namespace JpegQualityEstimation.Jpeg.Lanes;

/// <summary>One 8x8 block: SSE2, and through <see cref="PortableLanes"/> any 128-bit instruction set.</summary>
readonly struct Lanes128 : ILanes<V>
{
    public static int Count => 8;

    public static bool IsSupported => Vector128.IsHardwareAccelerated && BitConverter.IsLittleEndian;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Create(short value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V CreatePairs(short even, short odd) => Vector128.Create((ushort)even | odd << 16).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Create32(int value) => Vector128.Create(value).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(ref short source) => Vector128.LoadUnsafe(ref source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(V value, ref short target) => value.StoreUnsafe(ref target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadRepeated(ref readonly short source) => Vector128.LoadUnsafe(in source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadParts(ref readonly short source, nint partStride) => Vector128.LoadUnsafe(in source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreParts(V value, ref short target, nint partStride) => value.StoreUnsafe(ref target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadBytes(ref readonly byte source) =>
        Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(in source)).AsByte()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(V value, ref byte target) => Unsafe.WriteUnaligned(
        ref target,
        (Sse2.IsSupported
            ? Sse2.PackUnsignedSaturate(value, value)
            : Vector128.NarrowWithSaturation(Vector128.Max(value, V.Zero).AsUInt16(), V.Zero.AsUInt16())).AsUInt64().ToScalar());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add(V a, V b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddSaturate(V a, V b) => Vector128.AddSaturate(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Subtract(V a, V b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyLow(V a, V b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V And(V a, V b) => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Or(V a, V b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Xor(V a, V b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Abs(V a) => Vector128.Abs(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftLeft(V a, int count) => a << count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftRight(V a, int count) => a >> count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftRightUnsigned(V a, int count) => a >>> count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add32(V a, V b) => (a.AsInt32() + b.AsInt32()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Subtract32(V a, V b) => (a.AsInt32() - b.AsInt32()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftRight32(V a, int count) => (a.AsInt32() >> count).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyHigh(V a, V b) =>
        Sse2.IsSupported ? Sse2.MultiplyHigh(a, b) : PortableLanes.MultiplyHigh(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyHighUnsigned(V a, V b) =>
        Sse2.IsSupported ? Sse2.MultiplyHigh(a.AsUInt16(), b.AsUInt16()).AsInt16() : PortableLanes.MultiplyHighUnsigned(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V InterleaveLow(V a, V b) =>
        Sse2.IsSupported ? Sse2.UnpackLow(a, b) : PortableLanes.InterleaveLow(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V InterleaveHigh(V a, V b) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(a, b) : PortableLanes.InterleaveHigh(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V InterleaveLow32(V a, V b) =>
        Sse2.IsSupported ? Sse2.UnpackLow(a.AsInt32(), b.AsInt32()).AsInt16() : PortableLanes.InterleaveLow32(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V InterleaveHigh32(V a, V b) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(a.AsInt32(), b.AsInt32()).AsInt16() : PortableLanes.InterleaveHigh32(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V InterleaveLow64(V a, V b) =>
        Sse2.IsSupported ? Sse2.UnpackLow(a.AsInt64(), b.AsInt64()).AsInt16() : PortableLanes.InterleaveLow64(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V InterleaveHigh64(V a, V b) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(a.AsInt64(), b.AsInt64()).AsInt16() : PortableLanes.InterleaveHigh64(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAddAdjacent(V a, V b) =>
        Sse2.IsSupported ? Sse2.MultiplyAddAdjacent(a, b).AsInt16() : PortableLanes.MultiplyAddAdjacent(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Narrow32(V low, V high) =>
        Sse2.IsSupported ? Sse2.PackSignedSaturate(low.AsInt32(), high.AsInt32()) : PortableLanes.Narrow32(low, high);
}
