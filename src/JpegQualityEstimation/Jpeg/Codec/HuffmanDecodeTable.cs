namespace JpegQualityEstimation.Jpeg;

// HuffmanDecodeTable: the next bits of a stream -> symbol.
//   Lookup[next 10 bits]: code length | symbol << 8, or 0 where the code is longer (or none).
//   Longer codes: T.81 F.2.2.3, per length the end of its codes and the index of its first symbol.
//   Combined[next 10 bits], for sequential AC: where code and value together fit 10 bits, the whole step:
//     bits to consume | run << 8 | value << 16; 0 where they do not fit (a value is never 0).
sealed class HuffmanDecodeTable
{
    public const int LookupBits = 10;

    readonly byte[] symbols;
    readonly int[] ends = new int[18];
    readonly int[] firsts = new int[18];

    HuffmanDecodeTable(HuffmanSpec spec, byte[] lengths, ushort[] codes)
    {
        symbols = spec.Symbols;
        Lookup = new ushort[1 << LookupBits];
        Combined = new int[1 << LookupBits];
        for (int i = 0; i < symbols.Length; i++)
        {
            int length = lengths[i];
            if (ends[length] == 0)
                firsts[length] = i - codes[i];
            // Left-aligned in 16 bits: all codes of this or a shorter length lie below it.
            ends[length] = (codes[i] + 1) << (16 - length);
            if (length <= LookupBits)
                Lookup.AsSpan(codes[i] << (LookupBits - length), 1 << (LookupBits - length))
                    .Fill((ushort)(length | symbols[i] << 8));
        }
        for (int bits = 0; bits < Combined.Length; bits++)
            Combined[bits] = Combine(bits, Lookup[bits]);
    }

    public ushort[] Lookup { get; }

    public int[] Combined { get; }

    /// <summary>Null where the counts make no prefix code.</summary>
    public static HuffmanDecodeTable? Build(HuffmanSpec spec) =>
        spec.Assign() is var (lengths, codes) ? new HuffmanDecodeTable(spec, lengths, codes) : null;

    /// <summary>The code at the head of <paramref name="next16"/>: length | symbol &lt;&lt; 8, or 0 for none.</summary>
    public int FindLong(int next16)
    {
        for (int length = LookupBits + 1; length <= 16; length++)
            if (next16 < ends[length])
            {
                int code = next16 >> (16 - length);
                return length | symbols[firsts[length] + code] << 8;
            }
        return 0;
    }

    /// <summary>The value that <paramref name="size"/> extra bits stand for (T.81 F.2.2.1, EXTEND).</summary>
    public static int Extend(int bits, int size) => bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits;

    static int Combine(int bits, int entry)
    {
        int length = entry & 0xFF, run = entry >> 12, size = entry >> 8 & 15;
        if (length == 0 || size == 0 || length + size > LookupBits)
            return 0;
        int value = Extend(bits >> (LookupBits - length - size) & ((1 << size) - 1), size);
        return length + size | run << 8 | value << 16;
    }
}
