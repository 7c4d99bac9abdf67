using System.Runtime.CompilerServices;
using JpegQualityEstimation.Jpeg.Lanes;

namespace JpegQualityEstimation.Jpeg;

// Dct8x8.Vector: the same DCT on as many blocks side by side as a vector has 128-bit parts (1, 2 or 4).
// A group is 8 vectors; vector r holds row r of every block. A pass runs across the vectors; a transposition in
// parts turns rows into columns. All sums are those of the scalar passes, in 16 bits where those are in 16 bits.
static partial class Dct8x8
{
    const int Rounding1 = 1 << (ConstantBits - PassBits - 1);
    const int RoundingForward2 = 1 << (ConstantBits + PassBits - 1);
    const int RoundingInverse2 = 1 << (ConstantBits + PassBits + 2);

    /// <summary>Forward DCT of a group of samples - 128.</summary>
    [SkipLocalsInit]
    public static void Forward<L, V>(ref V group)
        where L : ILanes<V>
        where V : struct
    {
        Transpose<L, V>(ref group);
        ForwardPass<L, V>(ref group, first: true);
        Transpose<L, V>(ref group);
        ForwardPass<L, V>(ref group, first: false);
    }

    /// <summary>Inverse DCT of a group; the results still lack the +128 and the limits.</summary>
    public static void Inverse<L, V>(ref V group)
        where L : ILanes<V>
        where V : struct
    {
        InversePass<L, V>(ref group, first: true);
        Transpose<L, V>(ref group);
        InversePass<L, V>(ref group, first: false);
        Transpose<L, V>(ref group);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Transpose<L, V>(ref V group)
        where L : ILanes<V>
        where V : struct
    {
        V r0 = group, r1 = Unsafe.Add(ref group, 1), r2 = Unsafe.Add(ref group, 2), r3 = Unsafe.Add(ref group, 3);
        V r4 = Unsafe.Add(ref group, 4), r5 = Unsafe.Add(ref group, 5), r6 = Unsafe.Add(ref group, 6), r7 = Unsafe.Add(ref group, 7);

        V a0 = L.InterleaveLow(r0, r1), a1 = L.InterleaveHigh(r0, r1);
        V a2 = L.InterleaveLow(r2, r3), a3 = L.InterleaveHigh(r2, r3);
        V a4 = L.InterleaveLow(r4, r5), a5 = L.InterleaveHigh(r4, r5);
        V a6 = L.InterleaveLow(r6, r7), a7 = L.InterleaveHigh(r6, r7);

        V b0 = L.InterleaveLow32(a0, a2), b1 = L.InterleaveHigh32(a0, a2);
        V b2 = L.InterleaveLow32(a1, a3), b3 = L.InterleaveHigh32(a1, a3);
        V b4 = L.InterleaveLow32(a4, a6), b5 = L.InterleaveHigh32(a4, a6);
        V b6 = L.InterleaveLow32(a5, a7), b7 = L.InterleaveHigh32(a5, a7);

        group = L.InterleaveLow64(b0, b4);
        Unsafe.Add(ref group, 1) = L.InterleaveHigh64(b0, b4);
        Unsafe.Add(ref group, 2) = L.InterleaveLow64(b1, b5);
        Unsafe.Add(ref group, 3) = L.InterleaveHigh64(b1, b5);
        Unsafe.Add(ref group, 4) = L.InterleaveLow64(b2, b6);
        Unsafe.Add(ref group, 5) = L.InterleaveHigh64(b2, b6);
        Unsafe.Add(ref group, 6) = L.InterleaveLow64(b3, b7);
        Unsafe.Add(ref group, 7) = L.InterleaveHigh64(b3, b7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void ForwardPass<L, V>(ref V d, bool first)
        where L : ILanes<V>
        where V : struct
    {
        V t0 = L.Add(d, Unsafe.Add(ref d, 7)), t7 = L.Subtract(d, Unsafe.Add(ref d, 7));
        V t1 = L.Add(Unsafe.Add(ref d, 1), Unsafe.Add(ref d, 6)), t6 = L.Subtract(Unsafe.Add(ref d, 1), Unsafe.Add(ref d, 6));
        V t2 = L.Add(Unsafe.Add(ref d, 2), Unsafe.Add(ref d, 5)), t5 = L.Subtract(Unsafe.Add(ref d, 2), Unsafe.Add(ref d, 5));
        V t3 = L.Add(Unsafe.Add(ref d, 3), Unsafe.Add(ref d, 4)), t4 = L.Subtract(Unsafe.Add(ref d, 3), Unsafe.Add(ref d, 4));
        V rounding = L.Create32(first ? Rounding1 : RoundingForward2);

        V e0 = L.Add(t0, t3), e1 = L.Add(t1, t2), e2 = L.Subtract(t1, t2), e3 = L.Subtract(t0, t3);
        V sum = L.Add(e0, e1), difference = L.Subtract(e0, e1);
        if (first)
        {
            d = L.ShiftLeft(sum, PassBits);
            Unsafe.Add(ref d, 4) = L.ShiftLeft(difference, PassBits);
        }
        else
        {
            V half = L.Create(1 << (PassBits - 1));
            d = L.ShiftRight(L.Add(sum, half), PassBits);
            Unsafe.Add(ref d, 4) = L.ShiftRight(L.Add(difference, half), PassBits);
        }
        V low = L.InterleaveLow(e3, e2), high = L.InterleaveHigh(e3, e2);
        Unsafe.Add(ref d, 2) = Descale<L, V>(low, high, F0541 + F0765, F0541, rounding, rounding, first);
        Unsafe.Add(ref d, 6) = Descale<L, V>(low, high, F0541, F0541 - F1847, rounding, rounding, first);

        V s3 = L.Add(t4, t6), s4 = L.Add(t5, t7);
        low = L.InterleaveLow(s3, s4);
        high = L.InterleaveHigh(s3, s4);
        V z3Low = L.Add32(Dot<L, V>(low, F1175 - F1961, F1175), rounding), z3High = L.Add32(Dot<L, V>(high, F1175 - F1961, F1175), rounding);
        V z4Low = L.Add32(Dot<L, V>(low, F1175, F1175 - F0390), rounding), z4High = L.Add32(Dot<L, V>(high, F1175, F1175 - F0390), rounding);
        low = L.InterleaveLow(t4, t7);
        high = L.InterleaveHigh(t4, t7);
        Unsafe.Add(ref d, 7) = Descale<L, V>(low, high, F0298 - F0899, -F0899, z3Low, z3High, first);
        Unsafe.Add(ref d, 1) = Descale<L, V>(low, high, -F0899, F1501 - F0899, z4Low, z4High, first);
        low = L.InterleaveLow(t5, t6);
        high = L.InterleaveHigh(t5, t6);
        Unsafe.Add(ref d, 5) = Descale<L, V>(low, high, F2053 - F2562, -F2562, z4Low, z4High, first);
        Unsafe.Add(ref d, 3) = Descale<L, V>(low, high, -F2562, F3072 - F2562, z3Low, z3High, first);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void InversePass<L, V>(ref V d, bool first)
        where L : ILanes<V>
        where V : struct
    {
        V in1 = Unsafe.Add(ref d, 1), in3 = Unsafe.Add(ref d, 3), in5 = Unsafe.Add(ref d, 5), in7 = Unsafe.Add(ref d, 7);
        V rounding = L.Create32(first ? Rounding1 : RoundingInverse2);

        V s3 = L.Add(in7, in3), s4 = L.Add(in5, in1);
        V low = L.InterleaveLow(s3, s4), high = L.InterleaveHigh(s3, s4);
        V z3Low = Dot<L, V>(low, F1175 - F1961, F1175), z3High = Dot<L, V>(high, F1175 - F1961, F1175);
        V z4Low = Dot<L, V>(low, F1175, F1175 - F0390), z4High = Dot<L, V>(high, F1175, F1175 - F0390);
        low = L.InterleaveLow(in7, in1);
        high = L.InterleaveHigh(in7, in1);
        V b0Low = L.Add32(Dot<L, V>(low, F0298 - F0899, -F0899), z3Low), b0High = L.Add32(Dot<L, V>(high, F0298 - F0899, -F0899), z3High);
        V b3Low = L.Add32(Dot<L, V>(low, -F0899, F1501 - F0899), z4Low), b3High = L.Add32(Dot<L, V>(high, -F0899, F1501 - F0899), z4High);
        low = L.InterleaveLow(in5, in3);
        high = L.InterleaveHigh(in5, in3);
        V b1Low = L.Add32(Dot<L, V>(low, F2053 - F2562, -F2562), z4Low), b1High = L.Add32(Dot<L, V>(high, F2053 - F2562, -F2562), z4High);
        V b2Low = L.Add32(Dot<L, V>(low, -F2562, F3072 - F2562), z3Low), b2High = L.Add32(Dot<L, V>(high, -F2562, F3072 - F2562), z3High);

        V sum = L.Add(d, Unsafe.Add(ref d, 4)), difference = L.Subtract(d, Unsafe.Add(ref d, 4));
        low = L.InterleaveLow(sum, difference);
        high = L.InterleaveHigh(sum, difference);
        V e0Low = L.Add32(Dot<L, V>(low, 1 << ConstantBits, 0), rounding), e0High = L.Add32(Dot<L, V>(high, 1 << ConstantBits, 0), rounding);
        V e1Low = L.Add32(Dot<L, V>(low, 0, 1 << ConstantBits), rounding), e1High = L.Add32(Dot<L, V>(high, 0, 1 << ConstantBits), rounding);
        low = L.InterleaveLow(Unsafe.Add(ref d, 2), Unsafe.Add(ref d, 6));
        high = L.InterleaveHigh(Unsafe.Add(ref d, 2), Unsafe.Add(ref d, 6));
        V e3Low = Dot<L, V>(low, F0541 + F0765, F0541), e3High = Dot<L, V>(high, F0541 + F0765, F0541);
        V e2Low = Dot<L, V>(low, F0541, F0541 - F1847), e2High = Dot<L, V>(high, F0541, F0541 - F1847);

        Butterfly<L, V>(L.Add32(e0Low, e3Low), L.Add32(e0High, e3High), b3Low, b3High, ref d, ref Unsafe.Add(ref d, 7), first);
        Butterfly<L, V>(L.Add32(e1Low, e2Low), L.Add32(e1High, e2High), b2Low, b2High, ref Unsafe.Add(ref d, 1), ref Unsafe.Add(ref d, 6), first);
        Butterfly<L, V>(L.Subtract32(e1Low, e2Low), L.Subtract32(e1High, e2High), b1Low, b1High, ref Unsafe.Add(ref d, 2), ref Unsafe.Add(ref d, 5), first);
        Butterfly<L, V>(L.Subtract32(e0Low, e3Low), L.Subtract32(e0High, e3High), b0Low, b0High, ref Unsafe.Add(ref d, 3), ref Unsafe.Add(ref d, 4), first);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Butterfly<L, V>(V aLow, V aHigh, V bLow, V bHigh, ref V sum, ref V difference, bool first)
        where L : ILanes<V>
        where V : struct
    {
        int shift = first ? ConstantBits - PassBits : ConstantBits + PassBits + 3;
        sum = L.Narrow32(L.ShiftRight32(L.Add32(aLow, bLow), shift), L.ShiftRight32(L.Add32(aHigh, bHigh), shift));
        difference = L.Narrow32(L.ShiftRight32(L.Subtract32(aLow, bLow), shift), L.ShiftRight32(L.Subtract32(aHigh, bHigh), shift));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V Descale<L, V>(V low, V high, short even, short odd, V addLow, V addHigh, bool first)
        where L : ILanes<V>
        where V : struct
    {
        int shift = first ? ConstantBits - PassBits : ConstantBits + PassBits;
        return L.Narrow32(
            L.ShiftRight32(L.Add32(Dot<L, V>(low, even, odd), addLow), shift),
            L.ShiftRight32(L.Add32(Dot<L, V>(high, even, odd), addHigh), shift));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V Dot<L, V>(V pairs, short even, short odd)
        where L : ILanes<V>
        where V : struct => L.MultiplyAddAdjacent(pairs, L.CreatePairs(even, odd));
}
