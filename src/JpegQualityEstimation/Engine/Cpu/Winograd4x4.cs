using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Engine.Cpu;

// Winograd4x4: the one-dimensional transforms of F(4x4, 3x3), points 0, 1, -1, 2, -2, infinity (Lavin, Gray 2016,
// section 4.3), each on vectors of channels. Y = At [ (G g Gt) . (Bt d B) ] A; a backward pass uses the adjoints.
static class Winograd4x4<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    /// <summary>Bt d: six inputs to six.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input(ref TVector d0, ref TVector d1, ref TVector d2, ref TVector d3, ref TVector d4, ref TVector d5)
    {
        TVector four = TSimd.Broadcast(4);
        TVector minusFour = TSimd.Broadcast(-4);
        TVector minusFive = TSimd.Broadcast(-5);
        TVector two = TSimd.Broadcast(2);
        TVector minusOne = TSimd.Broadcast(-1);
        TVector even = TSimd.MultiplyAdd(minusFour, d2, d4);
        TVector odd = TSimd.MultiplyAdd(minusFour, d1, d3);
        TVector evenNear = TSimd.MultiplyAdd(minusOne, d2, d4);
        TVector oddNear = TSimd.Multiply(two, TSimd.MultiplyAdd(minusOne, d1, d3));
        TVector t0 = TSimd.MultiplyAdd(four, d0, TSimd.MultiplyAdd(minusFive, d2, d4));
        TVector t5 = TSimd.MultiplyAdd(four, d1, TSimd.MultiplyAdd(minusFive, d3, d5));
        d0 = t0;
        d1 = TSimd.Add(even, odd);
        d2 = TSimd.MultiplyAdd(minusOne, odd, even);
        d3 = TSimd.Add(evenNear, oddNear);
        d4 = TSimd.MultiplyAdd(minusOne, oddNear, evenNear);
        d5 = t5;
    }

    /// <summary>At m: six products to four outputs, left in m0..m3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output(ref TVector m0, ref TVector m1, ref TVector m2, ref TVector m3, TVector m4, TVector m5)
    {
        TVector minusOne = TSimd.Broadcast(-1);
        TVector sumNear = TSimd.Add(m1, m2);
        TVector differenceNear = TSimd.MultiplyAdd(minusOne, m2, m1);
        TVector sumFar = TSimd.Add(m3, m4);
        TVector differenceFar = TSimd.MultiplyAdd(minusOne, m4, m3);
        m0 = TSimd.Add(TSimd.Add(m0, sumNear), sumFar);
        m1 = TSimd.MultiplyAdd(TSimd.Broadcast(2), differenceFar, differenceNear);
        m2 = TSimd.MultiplyAdd(TSimd.Broadcast(4), sumFar, sumNear);
        m3 = TSimd.Add(TSimd.MultiplyAdd(TSimd.Broadcast(8), differenceFar, differenceNear), m5);
    }

    /// <summary>A y: the adjoint of <see cref="Output"/>, four to six.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OutputAdjoint(TVector y0, ref TVector y1, ref TVector y2, ref TVector y3, out TVector y4, out TVector y5)
    {
        TVector minusOne = TSimd.Broadcast(-1);
        TVector evenNear = TSimd.Add(y0, y2);
        TVector oddNear = TSimd.Add(y1, y3);
        TVector evenFar = TSimd.MultiplyAdd(TSimd.Broadcast(4), y2, y0);
        TVector oddFar = TSimd.Multiply(TSimd.Broadcast(2), TSimd.MultiplyAdd(TSimd.Broadcast(4), y3, y1));
        y5 = y3;
        y1 = TSimd.Add(evenNear, oddNear);
        y2 = TSimd.MultiplyAdd(minusOne, oddNear, evenNear);
        y3 = TSimd.Add(evenFar, oddFar);
        y4 = TSimd.MultiplyAdd(minusOne, oddFar, evenFar);
    }

    /// <summary>G g: three weights to six.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Weight(ref TVector g0, ref TVector g1, ref TVector g2, out TVector g3, out TVector g4, out TVector g5)
    {
        TVector minusOne = TSimd.Broadcast(-1);
        TVector outer = TSimd.Add(g0, g2);
        TVector minusSixth = TSimd.Broadcast(-1f / 6);
        TVector far = TSimd.Multiply(TSimd.Broadcast(1f / 24), TSimd.MultiplyAdd(TSimd.Broadcast(4), g2, g0));
        TVector farOdd = TSimd.Multiply(TSimd.Broadcast(1f / 12), g1);
        TVector sum = TSimd.Add(outer, g1);
        TVector difference = TSimd.MultiplyAdd(minusOne, g1, outer);
        g5 = g2;
        g0 = TSimd.Multiply(TSimd.Broadcast(0.25f), g0);
        g1 = TSimd.Multiply(minusSixth, sum);
        g2 = TSimd.Multiply(minusSixth, difference);
        g3 = TSimd.Add(far, farOdd);
        g4 = TSimd.MultiplyAdd(minusOne, farOdd, far);
    }

    /// <summary>Gt u: the adjoint of <see cref="Weight"/>, six to three, left in u0..u2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WeightAdjoint(ref TVector u0, ref TVector u1, ref TVector u2, TVector u3, TVector u4, TVector u5)
    {
        TVector minusOne = TSimd.Broadcast(-1);
        TVector near = TSimd.Multiply(TSimd.Broadcast(-1f / 6), TSimd.Add(u1, u2));
        TVector nearOdd = TSimd.Multiply(TSimd.Broadcast(1f / 6), TSimd.MultiplyAdd(minusOne, u1, u2));
        TVector far = TSimd.Multiply(TSimd.Broadcast(1f / 24), TSimd.Add(u3, u4));
        TVector farOdd = TSimd.Multiply(TSimd.Broadcast(1f / 12), TSimd.MultiplyAdd(minusOne, u4, u3));
        u0 = TSimd.Add(TSimd.MultiplyAdd(TSimd.Broadcast(0.25f), u0, near), far);
        u1 = TSimd.Add(nearOdd, farOdd);
        u2 = TSimd.Add(TSimd.MultiplyAdd(TSimd.Broadcast(4), far, near), u5);
    }
}
