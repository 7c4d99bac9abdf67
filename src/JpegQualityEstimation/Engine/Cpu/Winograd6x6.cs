using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Engine.Cpu;

// Winograd6x6: the one-dimensional transforms of F(6x6, 3x3), points 0, 1, -1, 2, -2, 1/2, -1/2, infinity (Lavin, Gray 2016,
// section 4.1), each on vectors of channels. Y = At [ (G g Gt) . (Bt d B) ] A.
static class Winograd6x6<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    /// <summary>Bt d: eight inputs to eight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input(
        ref TVector d0, ref TVector d1, ref TVector d2, ref TVector d3, ref TVector d4, ref TVector d5, ref TVector d6, ref TVector d7)
    {
        TVector minusFive = TSimd.Broadcast(-5);
        TVector four = TSimd.Broadcast(4);
        TVector half = TSimd.Broadcast(0.5f);
        TVector minusFourAndAQuarter = TSimd.Broadcast(-4.25f);
        TVector fiveAndAQuarter = TSimd.Broadcast(5.25f);
        TVector t0 = TSimd.MultiplyAdd(fiveAndAQuarter, TSimd.Subtract(d4, d2), TSimd.Subtract(d0, d6));
        TVector t7 = TSimd.MultiplyAdd(fiveAndAQuarter, TSimd.Subtract(d3, d5), TSimd.Subtract(d7, d1));
        TVector even = TSimd.MultiplyAdd(minusFourAndAQuarter, d4, TSimd.Add(d2, d6));
        TVector odd = TSimd.MultiplyAdd(minusFourAndAQuarter, d3, TSimd.Add(d1, d5));
        TVector evenFar = TSimd.MultiplyAdd(TSimd.Broadcast(-1.25f), d4, TSimd.MultiplyAdd(TSimd.Broadcast(0.25f), d2, d6));
        TVector oddFar = TSimd.Multiply(half, TSimd.MultiplyAdd(four, d5, TSimd.MultiplyAdd(minusFive, d3, d1)));
        TVector evenNear = TSimd.MultiplyAdd(minusFive, d4, TSimd.MultiplyAdd(four, d2, d6));
        TVector oddNear = TSimd.Multiply(half, TSimd.MultiplyAdd(four, d1, TSimd.MultiplyAdd(minusFive, d3, d5)));
        d0 = t0;
        d1 = TSimd.Add(even, odd);
        d2 = TSimd.Subtract(even, odd);
        d3 = TSimd.Add(evenFar, oddFar);
        d4 = TSimd.Subtract(evenFar, oddFar);
        d5 = TSimd.Add(evenNear, oddNear);
        d6 = TSimd.Subtract(evenNear, oddNear);
        d7 = t7;
    }

    /// <summary>At m: eight products to six outputs, left in m0..m5.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output(
        ref TVector m0, ref TVector m1, ref TVector m2, ref TVector m3, ref TVector m4, ref TVector m5, TVector m6, TVector m7)
    {
        TVector sum = TSimd.Add(m1, m2);
        TVector difference = TSimd.Subtract(m1, m2);
        TVector sumFar = TSimd.Add(m3, m4);
        TVector differenceFar = TSimd.Subtract(m3, m4);
        TVector sumNear = TSimd.Add(m5, m6);
        TVector differenceNear = TSimd.Subtract(m5, m6);
        m0 = TSimd.Add(TSimd.Add(m0, sum), TSimd.Add(sumFar, sumNear));
        m1 = TSimd.MultiplyAdd(TSimd.Broadcast(2), differenceFar, TSimd.MultiplyAdd(TSimd.Broadcast(1f / 2), differenceNear, difference));
        m2 = TSimd.MultiplyAdd(TSimd.Broadcast(4), sumFar, TSimd.MultiplyAdd(TSimd.Broadcast(1f / 4), sumNear, sum));
        m3 = TSimd.MultiplyAdd(TSimd.Broadcast(8), differenceFar, TSimd.MultiplyAdd(TSimd.Broadcast(1f / 8), differenceNear, difference));
        m4 = TSimd.MultiplyAdd(TSimd.Broadcast(16), sumFar, TSimd.MultiplyAdd(TSimd.Broadcast(1f / 16), sumNear, sum));
        m5 = TSimd.MultiplyAdd(
            TSimd.Broadcast(32), differenceFar, TSimd.MultiplyAdd(TSimd.Broadcast(1f / 32), differenceNear, TSimd.Add(difference, m7)));
    }

    /// <summary>G g: three weights to eight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Weight(
        ref TVector g0, ref TVector g1, ref TVector g2, out TVector g3, out TVector g4, out TVector g5, out TVector g6, out TVector g7)
    {
        TVector scale = TSimd.Broadcast(-2f / 9);
        TVector outer = TSimd.Add(g0, g2);
        TVector sum = TSimd.Add(outer, g1);
        TVector difference = TSimd.Subtract(outer, g1);
        TVector far = TSimd.Multiply(TSimd.Broadcast(1f / 90), TSimd.MultiplyAdd(TSimd.Broadcast(4), g2, g0));
        TVector farOdd = TSimd.Multiply(TSimd.Broadcast(1f / 45), g1);
        TVector near = TSimd.Multiply(TSimd.Broadcast(8f / 45), TSimd.MultiplyAdd(TSimd.Broadcast(4), g0, g2));
        TVector nearOdd = TSimd.Multiply(TSimd.Broadcast(16f / 45), g1);
        g7 = g2;
        g1 = TSimd.Multiply(scale, sum);
        g2 = TSimd.Multiply(scale, difference);
        g3 = TSimd.Add(far, farOdd);
        g4 = TSimd.Subtract(far, farOdd);
        g5 = TSimd.Add(near, nearOdd);
        g6 = TSimd.Subtract(near, nearOdd);
    }
}
