using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector256<short>;

namespace JpegQualityEstimation.Jpeg.Lanes;

/// <summary>Two 8x8 blocks side by side: AVX2.</summary>
readonly struct Lanes256 : ILanes<V>
{
    public static int Count => 16;

    public static bool IsSupported => Avx2.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Create(short value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V CreatePairs(short even, short odd) => Vector256.Create((ushort)even | odd << 16).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Create32(int value) => Vector256.Create(value).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(ref short source) => Vector256.LoadUnsafe(ref source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(V value, ref short target) => value.StoreUnsafe(ref target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadRepeated(ref readonly short source)
    {
        Vector128<short> part = Vector128.LoadUnsafe(in source);
        return Vector256.Create(part, part);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadParts(ref readonly short source, nint partStride) =>
        Vector256.Create(Vector128.LoadUnsafe(in source), Vector128.LoadUnsafe(in source, (nuint)partStride));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreParts(V value, ref short target, nint partStride)
    {
        value.GetLower().StoreUnsafe(ref target);
        value.GetUpper().StoreUnsafe(ref target, (nuint)partStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadBytes(ref readonly byte source) => Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(in source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(V value, ref byte target) =>
        Sse2.PackUnsignedSaturate(value.GetLower(), value.GetUpper()).StoreUnsafe(ref target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add(V a, V b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddSaturate(V a, V b) => Vector256.AddSaturate(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Subtract(V a, V b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyLow(V a, V b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyHigh(V a, V b) => Avx2.MultiplyHigh(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyHighUnsigned(V a, V b) => Avx2.MultiplyHigh(a.AsUInt16(), b.AsUInt16()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V And(V a, V b) => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Or(V a, V b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Xor(V a, V b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Abs(V a) => Vector256.Abs(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftLeft(V a, int count) => a << count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftRight(V a, int count) => a >> count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftRightUnsigned(V a, int count) => a >>> count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V InterleaveLow(V a, V b) => Avx2.UnpackLow(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V InterleaveHigh(V a, V b) => Avx2.UnpackHigh(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V InterleaveLow32(V a, V b) => Avx2.UnpackLow(a.AsInt32(), b.AsInt32()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V InterleaveHigh32(V a, V b) => Avx2.UnpackHigh(a.AsInt32(), b.AsInt32()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V InterleaveLow64(V a, V b) => Avx2.UnpackLow(a.AsInt64(), b.AsInt64()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V InterleaveHigh64(V a, V b) => Avx2.UnpackHigh(a.AsInt64(), b.AsInt64()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAddAdjacent(V a, V b) => Avx2.MultiplyAddAdjacent(a, b).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add32(V a, V b) => (a.AsInt32() + b.AsInt32()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Subtract32(V a, V b) => (a.AsInt32() - b.AsInt32()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftRight32(V a, int count) => (a.AsInt32() >> count).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Narrow32(V low, V high) => Avx2.PackSignedSaturate(low.AsInt32(), high.AsInt32());
}
