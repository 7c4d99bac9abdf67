using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// ITallyLanes: a register of bytes or of shorts that table rows are added to, and its way into sums of 32 bits.
// All is integer arithmetic: equal in every width.
interface ITallyLanes<TVector>
    where TVector : struct
{
    /// <summary>Bytes.</summary>
    static abstract int Count { get; }

    static abstract TVector Zero { get; }

    static abstract unsafe TVector Load(byte* source);

    static abstract TVector AddBytes(TVector a, TVector b);

    static abstract TVector SubtractBytes(TVector a, TVector b);

    static abstract TVector AddShorts(TVector a, TVector b);

    static abstract TVector SubtractShorts(TVector a, TVector b);

    /// <summary>sums[Count] += the signed bytes.</summary>
    static abstract unsafe void AddBytesTo(int* sums, TVector a);

    /// <summary>sums[Count / 2] += the shorts.</summary>
    static abstract unsafe void AddShortsTo(int* sums, TVector a);
}

readonly struct TallyLanes512 : ITallyLanes<Vector512<byte>>
{
    public static int Count => 64;
    public static Vector512<byte> Zero => Vector512<byte>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector512<byte> Load(byte* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> AddBytes(Vector512<byte> a, Vector512<byte> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> SubtractBytes(Vector512<byte> a, Vector512<byte> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> AddShorts(Vector512<byte> a, Vector512<byte> b) => (a.AsInt16() + b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> SubtractShorts(Vector512<byte> a, Vector512<byte> b) => (a.AsInt16() - b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void AddBytesTo(int* sums, Vector512<byte> a)
    {
        (Vector512<short> low, Vector512<short> high) = Vector512.Widen(a.AsSByte());
        AddShortsTo(sums, low.AsByte());
        AddShortsTo(sums + 32, high.AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void AddShortsTo(int* sums, Vector512<byte> a)
    {
        (Vector512<int> low, Vector512<int> high) = Vector512.Widen(a.AsInt16());
        (Vector512.Load(sums) + low).Store(sums);
        (Vector512.Load(sums + 16) + high).Store(sums + 16);
    }
}

readonly struct TallyLanes256 : ITallyLanes<Vector256<byte>>
{
    public static int Count => 32;
    public static Vector256<byte> Zero => Vector256<byte>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector256<byte> Load(byte* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> AddBytes(Vector256<byte> a, Vector256<byte> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> SubtractBytes(Vector256<byte> a, Vector256<byte> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> AddShorts(Vector256<byte> a, Vector256<byte> b) => (a.AsInt16() + b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> SubtractShorts(Vector256<byte> a, Vector256<byte> b) => (a.AsInt16() - b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void AddBytesTo(int* sums, Vector256<byte> a)
    {
        (Vector256<short> low, Vector256<short> high) = Vector256.Widen(a.AsSByte());
        AddShortsTo(sums, low.AsByte());
        AddShortsTo(sums + 16, high.AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void AddShortsTo(int* sums, Vector256<byte> a)
    {
        (Vector256<int> low, Vector256<int> high) = Vector256.Widen(a.AsInt16());
        (Vector256.Load(sums) + low).Store(sums);
        (Vector256.Load(sums + 8) + high).Store(sums + 8);
    }
}

/// <summary>Also the set for machines without vectors: the runtime then does it lane by lane.</summary>
readonly struct TallyLanes128 : ITallyLanes<Vector128<byte>>
{
    public static int Count => 16;
    public static Vector128<byte> Zero => Vector128<byte>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector128<byte> Load(byte* source) => Vector128.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AddBytes(Vector128<byte> a, Vector128<byte> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> SubtractBytes(Vector128<byte> a, Vector128<byte> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AddShorts(Vector128<byte> a, Vector128<byte> b) => (a.AsInt16() + b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> SubtractShorts(Vector128<byte> a, Vector128<byte> b) => (a.AsInt16() - b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void AddBytesTo(int* sums, Vector128<byte> a)
    {
        (Vector128<short> low, Vector128<short> high) = Vector128.Widen(a.AsSByte());
        AddShortsTo(sums, low.AsByte());
        AddShortsTo(sums + 8, high.AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void AddShortsTo(int* sums, Vector128<byte> a)
    {
        (Vector128<int> low, Vector128<int> high) = Vector128.Widen(a.AsInt16());
        (Vector128.Load(sums) + low).Store(sums);
        (Vector128.Load(sums + 4) + high).Store(sums + 4);
    }
}
