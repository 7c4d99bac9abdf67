using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Jpeg;

ref partial struct EntropyReader
{
    /// <summary>Decodes one block of a sequential scan (T.81 F.2.2.1, F.2.2.2) into 64 zeros, natural order.</summary>
    /// <remarks>The bit buffer lives in locals here: this is the loop in which a decoder spends its time.</remarks>
    public void SequentialBlock(HuffmanDecodeTable dc, HuffmanDecodeTable ac, ref int prediction, Span<short> block)
    {
        int size = Symbol(dc);
        prediction += Value(size);
        if (prediction != (short)prediction)
            throw Corrupt("a DC coefficient beyond 16 bits");
        block[0] = (short)prediction;

        ReadOnlySpan<byte> natural = ZigZag.ToNatural;
        ReadOnlySpan<int> combined = ac.Combined;
        ReadOnlySpan<ushort> lookup = ac.Lookup;
        ulong next = bits;
        int left = count;
        int k = 1;
        for (; k < 64; k++)
        {
            if (left < 32)
            {
                (bits, count) = (next, left);
                Load();
                (next, left) = (bits, count);
            }
            int entry = combined[(int)(next >> (64 - HuffmanDecodeTable.LookupBits))];
            if (entry != 0)
            {
                k += entry >> 8 & 15;
                if (k > 63)
                    goto beyond;
                next <<= entry; // the shift takes the low six bits, which hold the length
                left -= entry & 0xFF;
                block[natural[k]] = (short)(entry >> 16);
                continue;
            }
            entry = lookup[(int)(next >> (64 - HuffmanDecodeTable.LookupBits))];
            if (entry == 0)
            {
                (bits, count) = (next, left);
                entry = LongSymbol(ac);
            }
            next <<= entry & 0xFF;
            left -= entry & 0xFF;
            size = entry >> 8 & 15;
            int run = entry >> 12;
            if (size == 0)
            {
                if (run == 0)
                {
                    (bits, count) = (next, left);
                    return;
                }
                if (run != 15)
                {
                    (bits, count) = (next, left);
                    throw Corrupt($"AC symbol {run << 4:X2} does not exist in sequential JPEG");
                }
                k += 15;
                continue;
            }
            k += run;
            if (k > 63)
                goto beyond;
            int value = (int)(next >> (64 - size));
            next <<= size;
            left -= size;
            block[natural[k]] = (short)HuffmanDecodeTable.Extend(value, size);
        }
        (bits, count) = (next, left);
        if (k == 64)
            return;
    beyond:
        (bits, count) = (next, left);
        throw Corrupt("more than 63 AC coefficients in a block");
    }
}
