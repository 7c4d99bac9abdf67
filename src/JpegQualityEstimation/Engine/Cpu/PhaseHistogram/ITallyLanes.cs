using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// ITallyLanes: a register of bytes or of shorts that table rows are added to, and the way from these into sums of 32 bits.
// All is integer arithmetic: equal in every width.
interface ITallyLanes<TVector>
    where TVector : struct
{
    /// <summary>Bytes.</summary>
    static abstract int Count { get; }

    static abstract TVector Zero { get; }

    static abstract unsafe TVector Load(byte* source);

    static abstract unsafe void Store(byte* destination, TVector a);

    static abstract TVector AddBytes(TVector a, TVector b);

    static abstract TVector SubtractBytes(TVector a, TVector b);

    static abstract TVector AddShorts(TVector a, TVector b);

    static abstract TVector SubtractShorts(TVector a, TVector b);

    /// <summary>The low halves of the bytes.</summary>
    static abstract TVector Low(TVector a);

    /// <summary>The high halves.</summary>
    static abstract TVector High(TVector a);

    /// <summary>sums[16] += 16 signed bytes.</summary>
    static abstract unsafe void AddBytesTo(int* sums, byte* values);

    /// <summary>sums[16] += 16 shorts.</summary>
    static abstract unsafe void AddShortsTo(int* sums, byte* values);

    /// <summary>A register is a whole row of PhaseTables: 16 bytes that count, then shorts for at most 32 sums.</summary>
    static abstract bool HoldsRow(int rowBytes, int countBytes, int sumRow);

    /// <summary>counts[32] += the counting bytes of low and high, sums[32] += the shorts of total and others behind them; fresh: = in place of +=.</summary>
    static abstract unsafe void AddRow(TVector total, TVector low, TVector high, bool fresh, int* counts, int* sums);
}

readonly struct TallyLanes512 : ITallyLanes<Vector512<byte>>
{
    public static int Count => 64;
    public static Vector512<byte> Zero => Vector512<byte>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector512<byte> Load(byte* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Store(byte* destination, Vector512<byte> a) => a.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> AddBytes(Vector512<byte> a, Vector512<byte> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> SubtractBytes(Vector512<byte> a, Vector512<byte> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> AddShorts(Vector512<byte> a, Vector512<byte> b) => (a.AsInt16() + b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> SubtractShorts(Vector512<byte> a, Vector512<byte> b) => (a.AsInt16() - b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Low(Vector512<byte> a) => a & Vector512.Create((byte)0x0F);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> High(Vector512<byte> a) => (a.AsUInt16() >>> 4).AsByte() & Vector512.Create((byte)0x0F);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void AddBytesTo(int* sums, byte* values)
    {
        Vector256<short> wide = Vector256.WidenLower(Vector128.Load((sbyte*)values).ToVector256Unsafe());
        (Vector512.Load(sums) + Vector512.WidenLower(wide.ToVector512Unsafe())).Store(sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void AddShortsTo(int* sums, byte* values)
    {
        (Vector512.Load(sums) + Vector512.WidenLower(Vector256.Load((short*)values).ToVector512Unsafe())).Store(sums);
    }

    public static bool HoldsRow(int rowBytes, int countBytes, int sumRow) => rowBytes == 64 && countBytes == 16 && sumRow == 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void AddRow(Vector512<byte> total, Vector512<byte> low, Vector512<byte> high, bool fresh, int* counts, int* sums)
    {
        Vector512<int> first = Wide(low), second = Wide(high);
        Vector512<short> shorts = Vector512.Shuffle(total.AsInt64(), Vector512.Create(2, 3, 4, 5, 6, 7, 6, 7)).AsInt16();
        Vector512<int> third = Vector512.WidenLower(shorts), fourth = Vector512.WidenUpper(shorts);
        if (!fresh)
        {
            first += Vector512.Load(counts);
            second += Vector512.Load(counts + 16);
            third += Vector512.Load(sums);
            fourth += Vector512.Load(sums + 16);
        }
        first.Store(counts);
        second.Store(counts + 16);
        third.Store(sums);
        fourth.Store(sums + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<int> Wide(Vector512<byte> bytes) =>
        Vector512.WidenLower(Vector256.WidenLower(bytes.AsSByte().GetLower()).ToVector512Unsafe());
}

readonly struct TallyLanes256 : ITallyLanes<Vector256<byte>>
{
    public static int Count => 32;
    public static Vector256<byte> Zero => Vector256<byte>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector256<byte> Load(byte* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Store(byte* destination, Vector256<byte> a) => a.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> AddBytes(Vector256<byte> a, Vector256<byte> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> SubtractBytes(Vector256<byte> a, Vector256<byte> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> AddShorts(Vector256<byte> a, Vector256<byte> b) => (a.AsInt16() + b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> SubtractShorts(Vector256<byte> a, Vector256<byte> b) => (a.AsInt16() - b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Low(Vector256<byte> a) => a & Vector256.Create((byte)0x0F);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> High(Vector256<byte> a) => (a.AsUInt16() >>> 4).AsByte() & Vector256.Create((byte)0x0F);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void AddBytesTo(int* sums, byte* values)
    {
        (Vector256<int> low, Vector256<int> high) = Vector256.Widen(Vector256.WidenLower(Vector128.Load((sbyte*)values).ToVector256Unsafe()));
        (Vector256.Load(sums) + low).Store(sums);
        (Vector256.Load(sums + 8) + high).Store(sums + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void AddShortsTo(int* sums, byte* values)
    {
        (Vector256<int> low, Vector256<int> high) = Vector256.Widen(Vector256.Load((short*)values));
        (Vector256.Load(sums) + low).Store(sums);
        (Vector256.Load(sums + 8) + high).Store(sums + 8);
    }

    public static bool HoldsRow(int rowBytes, int countBytes, int sumRow) => false;

    public static unsafe void AddRow(Vector256<byte> total, Vector256<byte> low, Vector256<byte> high, bool fresh, int* counts, int* sums) => throw new NotSupportedException();
}

/// <summary>Also the set for machines without vectors: the runtime then does it lane by lane.</summary>
readonly struct TallyLanes128 : ITallyLanes<Vector128<byte>>
{
    public static int Count => 16;
    public static Vector128<byte> Zero => Vector128<byte>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector128<byte> Load(byte* source) => Vector128.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Store(byte* destination, Vector128<byte> a) => a.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AddBytes(Vector128<byte> a, Vector128<byte> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> SubtractBytes(Vector128<byte> a, Vector128<byte> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AddShorts(Vector128<byte> a, Vector128<byte> b) => (a.AsInt16() + b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> SubtractShorts(Vector128<byte> a, Vector128<byte> b) => (a.AsInt16() - b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Low(Vector128<byte> a) => a & Vector128.Create((byte)0x0F);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> High(Vector128<byte> a) => (a.AsUInt16() >>> 4).AsByte() & Vector128.Create((byte)0x0F);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void AddBytesTo(int* sums, byte* values)
    {
        (Vector128<short> low, Vector128<short> high) = Vector128.Widen(Vector128.Load((sbyte*)values));
        AddTo(sums, low);
        AddTo(sums + 8, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void AddShortsTo(int* sums, byte* values)
    {
        AddTo(sums, Vector128.Load((short*)values));
        AddTo(sums + 8, Vector128.Load((short*)values + 8));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static unsafe void AddTo(int* sums, Vector128<short> a)
    {
        (Vector128<int> low, Vector128<int> high) = Vector128.Widen(a);
        (Vector128.Load(sums) + low).Store(sums);
        (Vector128.Load(sums + 4) + high).Store(sums + 4);
    }

    public static bool HoldsRow(int rowBytes, int countBytes, int sumRow) => false;

    public static unsafe void AddRow(Vector128<byte> total, Vector128<byte> low, Vector128<byte> high, bool fresh, int* counts, int* sums) => throw new NotSupportedException();
}
