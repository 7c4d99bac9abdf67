namespace JpegQualityEstimation.Jpeg;

// Quantizer: a QuantTable made ready for blocks whose coefficients still carry the factor 8 of Dct8x8.Forward.
//   quantize:   k = sign(x) * floor((|x| + 4 q) / (8 q))     (libjpeg's jcdctmgr: halves away from zero)
//   dequantize: y = k * q, in 16 bits that wrap
// The division is two 16-bit high multiplications (see Factor and its proof); the test walks all numerators.
// Source: ITU-T T.81 A.3.4; exact division by an invariant: T. Granlund, P. Montgomery, PLDI 1994.
sealed class Quantizer
{
    /// <summary>Largest |x| for which the division is exact; a forward DCT of 8-bit samples stays below 2^14.</summary>
    public const int MaxMagnitude = short.MaxValue;

    readonly short[] half = new short[64];
    readonly short[] factor = new short[64];
    readonly short[] scale = new short[64];
    readonly short[] step = new short[64];

    public Quantizer(QuantTable table)
    {
        ReadOnlySpan<ushort> steps = table.NaturalOrder;
        for (int i = 0; i < 64; i++)
        {
            var (h, f, s) = Factors(steps[i]);
            (half[i], factor[i], scale[i], step[i]) = ((short)h, (short)f, (short)s, (short)steps[i]);
        }
    }

    // All four are unsigned 16-bit patterns in natural order, kept as short for the vectors.

    /// <summary>4 q: half a step.</summary>
    public ReadOnlySpan<short> Half => half;

    /// <summary>First multiplier.</summary>
    public ReadOnlySpan<short> Factor => factor;

    /// <summary>Second multiplier, a power of two.</summary>
    public ReadOnlySpan<short> Scale => scale;

    /// <summary>The steps q.</summary>
    public ReadOnlySpan<short> Step => step;

    /// <summary>Quantizes 64 coefficients that carry the factor 8; may run in place.</summary>
    public void Quantize(ReadOnlySpan<short> coefficients, Span<short> quantized)
    {
        for (int i = 0; i < 64; i++)
        {
            int x = coefficients[i];
            int k = Divide(Math.Min(Math.Abs(x), MaxMagnitude), (ushort)half[i], (ushort)factor[i], (ushort)scale[i]);
            quantized[i] = (short)(x < 0 ? -k : k);
        }
    }

    /// <summary>Multiplies 64 quantized coefficients by their steps; may run in place.</summary>
    public void Dequantize(ReadOnlySpan<short> quantized, Span<short> coefficients)
    {
        for (int i = 0; i < 64; i++)
            coefficients[i] = (short)(quantized[i] * step[i]);
    }

    internal static int Divide(int magnitude, ushort half, ushort factor, ushort scale)
    {
        uint multipleOf8 = (uint)(magnitude + half) & 0xFFF8;
        return (int)((multipleOf8 * factor >> 16) * scale >> 16);
    }

    // With n = |x| + 4q < 2^16 and m = floor(n / 8) < 2^13, floor(n / 8q) = floor(m / q).
    // Take b = floor(log2 q), s = b + 2, c = ceil(2^(13+s) / q) <= 2^15. Then m c / 2^(13+s) = m / q + error with
    // 0 <= error < 2^13 / 2^(13+s) = 2^-(b+2) < 1 / q, so the floor is right. 8m * c / 2^16 is the first high
    // multiplication, the shift by s is a second one by 2^(16-s).
    // From q = 8192 on, half a step is more than any |x|: everything quantizes to 0.
    internal static (ushort Half, ushort Factor, ushort Scale) Factors(int q)
    {
        if (q >= 8192)
            return (0, 0, 0);
        int shift = System.Numerics.BitOperations.Log2((uint)q) + 2;
        int numerator = 1 << (13 + shift);
        return ((ushort)(4 * q), (ushort)((numerator + q - 1) / q), (ushort)(1 << (16 - shift)));
    }
}
