namespace JpegQualityEstimation.Jpeg;

// Dct8x8: the "islow" integer DCT of libjpeg, forward and inverse, on one 8x8 block in natural order.
//   forward: samples - 128 -> 8 * DCT coefficients (the factor 8 is taken out again by the quantizer)
//   inverse: dequantized coefficients -> samples, +128, limited to 0..255
// Fixed point: constants scaled by 2^13, two extra bits between the passes. The pairs of products are grouped as
// a 16-bit multiply-add does it, and where a hostile file overflows 16 bits the sums wrap and the pass results
// saturate: the SIMD code of libjpeg-turbo, which is what decodes pictures in practice, does the same. Ordinary
// data never gets there, and then all formulations agree.
// Source: C. Loeffler, A. Ligtenberg, G. Moschytz, ICASSP 1989, 11 multiplications; constants as in libjpeg.
static partial class Dct8x8
{
    public const int Size = 64;

    const int ConstantBits = 13;
    const int PassBits = 2;

    // sqrt(2) * cos(k pi / 16) and their sums, times 2^13, rounded before they are added (so as libjpeg does).
    const int F0298 = 2446, F0390 = 3196, F0541 = 4433, F0765 = 6270, F0899 = 7373, F1175 = 9633;
    const int F1501 = 12299, F1847 = 15137, F1961 = 16069, F2053 = 16819, F2562 = 20995, F3072 = 25172;

    /// <summary>Forward DCT of the block at the start of <paramref name="samples"/>.</summary>
    /// <param name="samples">8 rows of 8 samples, <paramref name="stride"/> apart.</param>
    /// <param name="stride">Bytes from row to row.</param>
    /// <param name="coefficients">64 results, natural order, 8 times the orthonormal DCT.</param>
    public static void Forward(ReadOnlySpan<byte> samples, int stride, Span<short> coefficients)
    {
        Span<int> block = stackalloc int[Size];
        for (int y = 0; y < 8; y++)
        {
            ReadOnlySpan<byte> row = samples.Slice(y * stride, 8);
            for (int x = 0; x < 8; x++)
                block[y * 8 + x] = row[x] - 128;
        }
        for (int y = 0; y < 8; y++)
            ForwardPass(block.Slice(y * 8, 8), 1, first: true);
        for (int x = 0; x < 8; x++)
            ForwardPass(block[x..], 8, first: false);
        for (int i = 0; i < Size; i++)
            coefficients[i] = (short)block[i];
    }

    /// <summary>Inverse DCT into the block at the start of <paramref name="samples"/>.</summary>
    /// <param name="coefficients">64 dequantized coefficients, natural order.</param>
    /// <param name="samples">8 rows of 8 samples, <paramref name="stride"/> apart.</param>
    /// <param name="stride">Bytes from row to row.</param>
    public static void Inverse(ReadOnlySpan<short> coefficients, Span<byte> samples, int stride)
    {
        Span<short> block = stackalloc short[Size];
        coefficients[..Size].CopyTo(block);
        for (int x = 0; x < 8; x++)
            InversePass(block[x..], 8, ConstantBits - PassBits);
        for (int y = 0; y < 8; y++)
        {
            InversePass(block.Slice(y * 8, 8), 1, ConstantBits + PassBits + 3);
            Span<byte> row = samples.Slice(y * stride, 8);
            for (int x = 0; x < 8; x++)
                row[x] = (byte)(Math.Clamp((int)block[y * 8 + x], -128, 127) + 128);
        }
    }

    static void ForwardPass(Span<int> d, int step, bool first)
    {
        int t0 = d[0] + d[7 * step], t7 = d[0] - d[7 * step];
        int t1 = d[step] + d[6 * step], t6 = d[step] - d[6 * step];
        int t2 = d[2 * step] + d[5 * step], t5 = d[2 * step] - d[5 * step];
        int t3 = d[3 * step] + d[4 * step], t4 = d[3 * step] - d[4 * step];
        int shift = first ? ConstantBits - PassBits : ConstantBits + PassBits;

        int e0 = t0 + t3, e1 = t1 + t2, e2 = t1 - t2, e3 = t0 - t3;
        d[0] = first ? (e0 + e1) << PassBits : Descale(e0 + e1, PassBits);
        d[4 * step] = first ? (e0 - e1) << PassBits : Descale(e0 - e1, PassBits);
        d[2 * step] = Descale(e3 * (F0541 + F0765) + e2 * F0541, shift);
        d[6 * step] = Descale(e3 * F0541 + e2 * (F0541 - F1847), shift);

        int s3 = t4 + t6, s4 = t5 + t7;
        int z3 = s3 * (F1175 - F1961) + s4 * F1175;
        int z4 = s3 * F1175 + s4 * (F1175 - F0390);
        d[7 * step] = Descale(t4 * (F0298 - F0899) - t7 * F0899 + z3, shift);
        d[step] = Descale(t7 * (F1501 - F0899) - t4 * F0899 + z4, shift);
        d[5 * step] = Descale(t5 * (F2053 - F2562) - t6 * F2562 + z4, shift);
        d[3 * step] = Descale(t6 * (F3072 - F2562) - t5 * F2562 + z3, shift);
    }

    static void InversePass(Span<short> d, int step, int shift)
    {
        int in0 = d[0], in1 = d[step], in2 = d[2 * step], in3 = d[3 * step];
        int in4 = d[4 * step], in5 = d[5 * step], in6 = d[6 * step], in7 = d[7 * step];

        int e3 = in2 * (F0541 + F0765) + in6 * F0541;
        int e2 = in2 * F0541 + in6 * (F0541 - F1847);
        int e0 = (short)(in0 + in4) << ConstantBits;
        int e1 = (short)(in0 - in4) << ConstantBits;
        int a0 = e0 + e3, a3 = e0 - e3, a1 = e1 + e2, a2 = e1 - e2;

        int s3 = (short)(in7 + in3), s4 = (short)(in5 + in1);
        int z3 = s3 * (F1175 - F1961) + s4 * F1175;
        int z4 = s3 * F1175 + s4 * (F1175 - F0390);
        int b0 = in7 * (F0298 - F0899) - in1 * F0899 + z3;
        int b3 = in1 * (F1501 - F0899) - in7 * F0899 + z4;
        int b1 = in5 * (F2053 - F2562) - in3 * F2562 + z4;
        int b2 = in3 * (F3072 - F2562) - in5 * F2562 + z3;

        d[0] = Saturate(Descale(a0 + b3, shift));
        d[7 * step] = Saturate(Descale(a0 - b3, shift));
        d[step] = Saturate(Descale(a1 + b2, shift));
        d[6 * step] = Saturate(Descale(a1 - b2, shift));
        d[2 * step] = Saturate(Descale(a2 + b1, shift));
        d[5 * step] = Saturate(Descale(a2 - b1, shift));
        d[3 * step] = Saturate(Descale(a3 + b0, shift));
        d[4 * step] = Saturate(Descale(a3 - b0, shift));
    }

    static int Descale(int value, int shift) => (value + (1 << (shift - 1))) >> shift;

    static short Saturate(int value) => (short)Math.Clamp(value, short.MinValue, short.MaxValue);
}
