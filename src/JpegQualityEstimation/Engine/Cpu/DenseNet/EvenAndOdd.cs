using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

/// <summary>Parts a row into its even and its odd elements, and joins them: pairs are 64-bit numbers of two halves.</summary>
static unsafe class EvenAndOdd
{
    /// <summary>Four of each from eight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Four(float* from, float* even, float* odd)
    {
        Vector128<ulong> a = Vector128.Load((ulong*)from);
        Vector128<ulong> b = Vector128.Load((ulong*)from + 2);
        Vector128.Narrow(a, b).AsSingle().Store(even);
        Vector128.Narrow(a >>> 32, b >>> 32).AsSingle().Store(odd);
    }

    /// <summary>The sixteen even ones of 32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sixteen(float* from) => Vector512.Narrow(Vector512.Load((ulong*)from), Vector512.Load((ulong*)from + 8)).AsSingle();

    /// <summary>Eight from four even ones and four odd ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Join(float* even, float* odd, float* to)
    {
        (Vector128<ulong> evenLow, Vector128<ulong> evenHigh) = Vector128.Widen(Vector128.Load(even).AsUInt32());
        (Vector128<ulong> oddLow, Vector128<ulong> oddHigh) = Vector128.Widen(Vector128.Load(odd).AsUInt32());
        (evenLow | oddLow << 32).AsSingle().Store(to);
        (evenHigh | oddHigh << 32).AsSingle().Store(to + 4);
    }
}
