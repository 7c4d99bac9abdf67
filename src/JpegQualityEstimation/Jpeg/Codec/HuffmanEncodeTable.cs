namespace JpegQualityEstimation.Jpeg;

/// <summary>Symbol -> code: code | length &lt;&lt; 16, or 0 for a symbol without code.</summary>
sealed class HuffmanEncodeTable
{
    public HuffmanEncodeTable(HuffmanSpec spec)
    {
        Spec = spec;
        var (lengths, codes) = spec.Assign() ?? throw new ArgumentException("no prefix code", nameof(spec));
        for (int i = 0; i < codes.Length; i++)
            Entries[spec.Symbols[i]] = codes[i] | lengths[i] << 16;
    }

    public HuffmanSpec Spec { get; }

    public int[] Entries { get; } = new int[256];
}
