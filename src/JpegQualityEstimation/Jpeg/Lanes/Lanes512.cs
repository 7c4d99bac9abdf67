using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector512<short>;

namespace JpegQualityEstimation.Jpeg.Lanes;

/// <summary>Four 8x8 blocks side by side: AVX-512 BW.</summary>
readonly struct Lanes512 : ILanes<V>
{
    public static int Count => 32;

    public static bool IsSupported => Avx512BW.IsSupported && Vector512.IsHardwareAccelerated;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Create(short value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V CreatePairs(short even, short odd) => Vector512.Create((ushort)even | odd << 16).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Create32(int value) => Vector512.Create(value).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(ref short source) => Vector512.LoadUnsafe(ref source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(V value, ref short target) => value.StoreUnsafe(ref target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadRepeated(ref readonly short source) => Vector512.Create(Vector128.LoadUnsafe(in source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadParts(ref readonly short source, nint partStride) => Vector512.Create(
        Lanes256.LoadParts(in source, partStride),
        Lanes256.LoadParts(in Unsafe.Add(ref Unsafe.AsRef(in source), 2 * partStride), partStride));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreParts(V value, ref short target, nint partStride)
    {
        Lanes256.StoreParts(value.GetLower(), ref target, partStride);
        Lanes256.StoreParts(value.GetUpper(), ref Unsafe.Add(ref target, 2 * partStride), partStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadBytes(ref readonly byte source) => Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(in source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(V value, ref byte target) =>
        Avx512BW.ConvertToVector256ByteWithSaturation(Vector512.Max(value, V.Zero).AsUInt16()).StoreUnsafe(ref target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add(V a, V b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddSaturate(V a, V b) => Vector512.AddSaturate(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Subtract(V a, V b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyLow(V a, V b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyHigh(V a, V b) => Avx512BW.MultiplyHigh(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyHighUnsigned(V a, V b) => Avx512BW.MultiplyHigh(a.AsUInt16(), b.AsUInt16()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V And(V a, V b) => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Or(V a, V b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Xor(V a, V b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Abs(V a) => Vector512.Abs(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftLeft(V a, int count) => a << count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftRight(V a, int count) => a >> count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftRightUnsigned(V a, int count) => a >>> count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V InterleaveLow(V a, V b) => Avx512BW.UnpackLow(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V InterleaveHigh(V a, V b) => Avx512BW.UnpackHigh(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V InterleaveLow32(V a, V b) => Avx512F.UnpackLow(a.AsInt32(), b.AsInt32()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V InterleaveHigh32(V a, V b) => Avx512F.UnpackHigh(a.AsInt32(), b.AsInt32()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V InterleaveLow64(V a, V b) => Avx512F.UnpackLow(a.AsInt64(), b.AsInt64()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V InterleaveHigh64(V a, V b) => Avx512F.UnpackHigh(a.AsInt64(), b.AsInt64()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V MultiplyAddAdjacent(V a, V b) => Avx512BW.MultiplyAddAdjacent(a, b).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add32(V a, V b) => (a.AsInt32() + b.AsInt32()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Subtract32(V a, V b) => (a.AsInt32() - b.AsInt32()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ShiftRight32(V a, int count) => (a.AsInt32() >> count).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Narrow32(V low, V high) => Avx512BW.PackSignedSaturate(low.AsInt32(), high.AsInt32());
}
