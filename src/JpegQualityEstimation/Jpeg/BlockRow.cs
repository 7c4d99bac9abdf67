using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using JpegQualityEstimation.Jpeg.Lanes;

namespace JpegQualityEstimation.Jpeg;

// BlockRow: 8 rows of samples, seen as 8x8 blocks side by side, through the DCT and back.
//   RoundTrip: samples -> DCT -> quantize -> dequantize -> inverse DCT -> the same samples' place
//   Forward:   samples -> DCT -> quantize -> coefficients [block, 64], natural order
//   Inverse:   coefficients [block, 64] -> dequantize -> inverse DCT -> samples
// A vector takes 1, 2 or 4 blocks; what is left over at the end of the row goes one block at a time, in 128 bits.
static class BlockRow
{
    public static void RoundTrip<L, V>(Span<byte> samples, int stride, int blocks, Quantizer quantizer)
        where L : ILanes<V>
        where V : struct
    {
        CheckLength(samples.Length, stride, blocks);
        ref byte first = ref MemoryMarshal.GetReference(samples);
        int done = RoundTripWhole<L, V>(ref first, stride, blocks, quantizer);
        if (done < blocks)
            RoundTripWhole<Lanes128, System.Runtime.Intrinsics.Vector128<short>>(
                ref Unsafe.Add(ref first, done * 8), stride, blocks - done, quantizer);
    }

    public static void Forward<L, V>(ReadOnlySpan<byte> samples, int stride, int blocks, Quantizer quantizer, Span<short> coefficients)
        where L : ILanes<V>
        where V : struct
    {
        CheckLength(samples.Length, stride, blocks);
        CheckCoefficients(coefficients.Length, blocks);
        ref byte first = ref MemoryMarshal.GetReference(samples);
        ref short result = ref MemoryMarshal.GetReference(coefficients);
        int done = ForwardWhole<L, V>(ref first, stride, blocks, quantizer, ref result);
        if (done < blocks)
            ForwardWhole<Lanes128, System.Runtime.Intrinsics.Vector128<short>>(
                ref Unsafe.Add(ref first, done * 8), stride, blocks - done, quantizer, ref Unsafe.Add(ref result, done * 64));
    }

    public static void Inverse<L, V>(ReadOnlySpan<short> coefficients, Quantizer quantizer, Span<byte> samples, int stride, int blocks)
        where L : ILanes<V>
        where V : struct
    {
        CheckLength(samples.Length, stride, blocks);
        CheckCoefficients(coefficients.Length, blocks);
        ref byte first = ref MemoryMarshal.GetReference(samples);
        ref short source = ref MemoryMarshal.GetReference(coefficients);
        int done = InverseWhole<L, V>(ref source, quantizer, ref first, stride, blocks);
        if (done < blocks)
            InverseWhole<Lanes128, System.Runtime.Intrinsics.Vector128<short>>(
                ref Unsafe.Add(ref source, done * 64), quantizer, ref Unsafe.Add(ref first, done * 8), stride, blocks - done);
    }

    public static void CheckLength(int length, int stride, int blocks)
    {
        if (blocks < 0 || stride < 8L * blocks || (blocks > 0 && length < 7L * stride + 8L * blocks))
            throw new ArgumentException($"{length} samples of stride {stride} do not hold a row of {blocks} blocks");
    }

    public static void CheckCoefficients(int length, int blocks)
    {
        if (length < 64L * blocks)
            throw new ArgumentException($"{length} coefficients are not those of {blocks} blocks");
    }

    [SkipLocalsInit]
    static int RoundTripWhole<L, V>(ref byte samples, nint stride, int blocks, Quantizer quantizer)
        where L : ILanes<V>
        where V : struct
    {
        int step = L.Count / 8, block = 0;
        Group<V> group;
        Unsafe.SkipInit(out group);
        for (; block + step <= blocks; block += step)
        {
            ref byte source = ref Unsafe.Add(ref samples, block * 8);
            LoadSamples<L, V>(ref source, stride, ref group[0]);
            Dct8x8.Forward<L, V>(ref group[0]);
            Requantize<L, V>(ref group[0], quantizer);
            Dct8x8.Inverse<L, V>(ref group[0]);
            StoreSamples<L, V>(ref group[0], ref source, stride);
        }
        return block;
    }

    [SkipLocalsInit]
    static int ForwardWhole<L, V>(ref byte samples, nint stride, int blocks, Quantizer quantizer, ref short coefficients)
        where L : ILanes<V>
        where V : struct
    {
        int step = L.Count / 8, block = 0;
        Group<V> group;
        Unsafe.SkipInit(out group);
        for (; block + step <= blocks; block += step)
        {
            LoadSamples<L, V>(ref Unsafe.Add(ref samples, block * 8), stride, ref group[0]);
            Dct8x8.Forward<L, V>(ref group[0]);
            for (int y = 0; y < 8; y++)
                L.StoreParts(Quantize<L, V>(group[y], quantizer, y), ref Unsafe.Add(ref coefficients, block * 64 + y * 8), 64);
        }
        return block;
    }

    [SkipLocalsInit]
    static int InverseWhole<L, V>(ref short coefficients, Quantizer quantizer, ref byte samples, nint stride, int blocks)
        where L : ILanes<V>
        where V : struct
    {
        int step = L.Count / 8, block = 0;
        Group<V> group;
        Unsafe.SkipInit(out group);
        for (; block + step <= blocks; block += step)
        {
            for (int y = 0; y < 8; y++)
                group[y] = L.MultiplyLow(
                    L.LoadParts(ref Unsafe.Add(ref coefficients, block * 64 + y * 8), 64),
                    L.LoadRepeated(in quantizer.Step[y * 8]));
            Dct8x8.Inverse<L, V>(ref group[0]);
            StoreSamples<L, V>(ref group[0], ref Unsafe.Add(ref samples, block * 8), stride);
        }
        return block;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void LoadSamples<L, V>(ref byte source, nint stride, ref V group)
        where L : ILanes<V>
        where V : struct
    {
        V middle = L.Create(128);
        for (int y = 0; y < 8; y++)
            Unsafe.Add(ref group, y) = L.Subtract(L.LoadBytes(ref Unsafe.Add(ref source, y * stride)), middle);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void StoreSamples<L, V>(ref V group, ref byte target, nint stride)
        where L : ILanes<V>
        where V : struct
    {
        V middle = L.Create(128);
        for (int y = 0; y < 8; y++)
            L.StoreBytes(L.AddSaturate(Unsafe.Add(ref group, y), middle), ref Unsafe.Add(ref target, y * stride));
    }

    static void Requantize<L, V>(ref V group, Quantizer quantizer)
        where L : ILanes<V>
        where V : struct
    {
        for (int y = 0; y < 8; y++)
            Unsafe.Add(ref group, y) = L.MultiplyLow(
                Quantize<L, V>(Unsafe.Add(ref group, y), quantizer, y), L.LoadRepeated(in quantizer.Step[y * 8]));
    }

    // Quantizer.Divide in lanes; the sign goes off before and on again after.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V Quantize<L, V>(V x, Quantizer quantizer, int row)
        where L : ILanes<V>
        where V : struct
    {
        V sign = L.ShiftRight(x, 15);
        V multipleOf8 = L.And(L.Add(L.Abs(x), L.LoadRepeated(in quantizer.Half[row * 8])), L.Create(-8));
        V quotient = L.MultiplyHighUnsigned(
            L.MultiplyHighUnsigned(multipleOf8, L.LoadRepeated(in quantizer.Factor[row * 8])), L.LoadRepeated(in quantizer.Scale[row * 8]));
        return L.Subtract(L.Xor(quotient, sign), sign);
    }

    [InlineArray(8)]
    struct Group<V>
        where V : struct
    {
        V first;
    }
}
