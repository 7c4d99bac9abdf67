using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

/// <summary>How a magnitude 8 |x| becomes a row of the table.</summary>
/// <param name="BinScale">Bins a unit of the scaled DCT, rounded up so that a bin's lower edge is inside it.</param>
/// <param name="LastBin">Index of the open bin.</param>
readonly record struct CodeScale(float BinScale, float LastBin);

// IPhaseSimd: what the phase histograms need of a float register beyond ISimd.
interface IPhaseSimd<TVector>
    where TVector : struct
{
    /// <summary>indexes = code + 2 bin, code = min(LastCode, trunc(|t| + 1/2)), bin = min(lastBin, trunc(|t| * binScale)), both as <see cref="CodeScale"/> has them.</summary>
    static abstract unsafe void StoreIndexes(TVector t, TVector binScale, TVector lastBin, ushort* indexes);

    static abstract unsafe TVector LoadIntegers(int* source);

    /// <summary>total = sum of the rows at values, values + row, ..</summary>
    static abstract unsafe void TotalIntegers(int* values, int row, int rows, int* total);

    static abstract TVector SquareRoot(TVector a);

    /// <summary>A register is a line of the cache, so that half of one may go with half of another.</summary>
    static abstract bool IsLine { get; }

    /// <summary>The lower halves of both.</summary>
    static abstract TVector Lower(TVector a, TVector b);

    /// <summary>The upper half of a, then the lower half of b.</summary>
    static abstract TVector UpperLower(TVector a, TVector b);
}

readonly struct PhaseSimd512 : IPhaseSimd<Vector512<float>>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void StoreIndexes(Vector512<float> t, Vector512<float> binScale, Vector512<float> lastBin, ushort* indexes)
    {
        Vector512<float> a = Vector512.Abs(t);
        Vector512<float> code = Vector512.MinNative(a + Vector512.Create(0.5f), Vector512.Create((float)PhaseTables.LastCode));
        Vector512<float> bin = Vector512.MinNative(a * binScale, lastBin);
        Vector512<uint> index = (Vector512.ConvertToInt32Native(code) + (Vector512.ConvertToInt32Native(bin) << 1)).AsUInt32();
        Avx512F.ConvertToVector256UInt16(index).Store(indexes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector512<float> LoadIntegers(int* source) => Vector512.ConvertToSingle(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void TotalIntegers(int* values, int row, int rows, int* total)
    {
        Vector512<int> sum = Vector512<int>.Zero, other = sum;
        for (; rows > 1; rows -= 2, values += 2 * row)
        {
            sum += Vector512.Load(values);
            other += Vector512.Load(values + row);
        }
        if (rows > 0)
            sum += Vector512.Load(values);
        (sum + other).Store(total);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> SquareRoot(Vector512<float> a) => Vector512.Sqrt(a);

    public static bool IsLine => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Lower(Vector512<float> a, Vector512<float> b) => Vector512.Create(a.GetLower(), b.GetLower());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> UpperLower(Vector512<float> a, Vector512<float> b) => Avx512F.AlignRight32(b.AsInt32(), a.AsInt32(), 8).AsSingle();
}

readonly struct PhaseSimd256 : IPhaseSimd<Vector256<float>>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void StoreIndexes(Vector256<float> t, Vector256<float> binScale, Vector256<float> lastBin, ushort* indexes)
    {
        Vector256<float> a = Vector256.Abs(t);
        Vector256<float> code = Vector256.MinNative(a + Vector256.Create(0.5f), Vector256.Create((float)PhaseTables.LastCode));
        Vector256<float> bin = Vector256.MinNative(a * binScale, lastBin);
        Vector256<uint> index = (Vector256.ConvertToInt32Native(code) + (Vector256.ConvertToInt32Native(bin) << 1)).AsUInt32();
        Vector256.Narrow(index, index).GetLower().Store(indexes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector256<float> LoadIntegers(int* source) => Vector256.ConvertToSingle(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void TotalIntegers(int* values, int row, int rows, int* total)
    {
        Vector256<int> sum = Vector256<int>.Zero;
        for (; rows > 0; rows--, values += row)
            sum += Vector256.Load(values);
        sum.Store(total);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> SquareRoot(Vector256<float> a) => Vector256.Sqrt(a);

    public static bool IsLine => false;

    public static Vector256<float> Lower(Vector256<float> a, Vector256<float> b) => throw new NotSupportedException();

    public static Vector256<float> UpperLower(Vector256<float> a, Vector256<float> b) => throw new NotSupportedException();
}

readonly struct PhaseSimd128 : IPhaseSimd<Vector128<float>>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void StoreIndexes(Vector128<float> t, Vector128<float> binScale, Vector128<float> lastBin, ushort* indexes)
    {
        Vector128<float> a = Vector128.Abs(t);
        Vector128<float> code = Vector128.MinNative(a + Vector128.Create(0.5f), Vector128.Create((float)PhaseTables.LastCode));
        Vector128<float> bin = Vector128.MinNative(a * binScale, lastBin);
        Vector128<uint> index = (Vector128.ConvertToInt32Native(code) + (Vector128.ConvertToInt32Native(bin) << 1)).AsUInt32();
        Vector128.Narrow(index, index).GetLower().Store(indexes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector128<float> LoadIntegers(int* source) => Vector128.ConvertToSingle(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void TotalIntegers(int* values, int row, int rows, int* total)
    {
        Vector128<int> sum = Vector128<int>.Zero;
        for (; rows > 0; rows--, values += row)
            sum += Vector128.Load(values);
        sum.Store(total);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> SquareRoot(Vector128<float> a) => Vector128.Sqrt(a);

    public static bool IsLine => false;

    public static Vector128<float> Lower(Vector128<float> a, Vector128<float> b) => throw new NotSupportedException();

    public static Vector128<float> UpperLower(Vector128<float> a, Vector128<float> b) => throw new NotSupportedException();
}

readonly struct PhaseSimdScalar : IPhaseSimd<float>
{
    public static unsafe void StoreIndexes(float t, float binScale, float lastBin, ushort* indexes)
    {
        float a = MathF.Abs(t);
        *indexes = (ushort)((int)float.MinNative(a + 0.5f, PhaseTables.LastCode) + ((int)float.MinNative(a * binScale, lastBin) << 1));
    }

    public static unsafe float LoadIntegers(int* source) => *source;

    public static unsafe void TotalIntegers(int* values, int row, int rows, int* total)
    {
        int sum = 0;
        for (; rows > 0; rows--, values += row)
            sum += *values;
        *total = sum;
    }

    public static float SquareRoot(float a) => MathF.Sqrt(a);

    public static bool IsLine => false;

    public static float Lower(float a, float b) => throw new NotSupportedException();

    public static float UpperLower(float a, float b) => throw new NotSupportedException();
}
