namespace JpegQualityEstimation.Jpeg;

/// <summary>A Huffman table as a DHT segment carries it (T.81 B.2.4.2, annex C).</summary>
/// <param name="Counts">Codes of length 1..16: sixteen numbers.</param>
/// <param name="Symbols">The symbols in the order of their codes.</param>
sealed record HuffmanSpec(byte[] Counts, byte[] Symbols)
{
    /// <summary>The code lengths and codes of all symbols; null where the counts make no prefix code.</summary>
    /// <remarks>As libjpeg, and as C.2 asks, no code may be all ones.</remarks>
    public (byte[] Lengths, ushort[] Codes)? Assign()
    {
        var lengths = new byte[Symbols.Length];
        var codes = new ushort[Symbols.Length];
        int next = 0, code = 0;
        for (int length = 1; length <= 16; length++, code <<= 1)
        {
            for (int i = 0; i < Counts[length - 1]; i++)
            {
                lengths[next] = (byte)length;
                codes[next++] = (ushort)code++;
            }
            if (Counts[length - 1] != 0 && code >= 1 << length)
                return null;
        }
        return (lengths, codes);
    }

    // T.81 annex K.3.3: the typical tables, in every JPEG written without optimisation.
    public static HuffmanSpec LuminanceDc { get; } = new(
        [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0],
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);

    public static HuffmanSpec ChrominanceDc { get; } = new(
        [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0],
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);

    public static HuffmanSpec LuminanceAc { get; } = new(
        [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125],
        Convert.FromHexString(
            "0102030004110512213141061351610722711432" +
            "8191A1082342B1C11552D1F02433627282090A161718191A25262728292A3435" +
            "363738393A434445464748494A535455565758595A636465666768696A737475" +
            "767778797A838485868788898A92939495969798999AA2A3A4A5A6A7A8A9AAB2" +
            "B3B4B5B6B7B8B9BAC2C3C4C5C6C7C8C9CAD2D3D4D5D6D7D8D9DAE1E2E3E4E5E6" +
            "E7E8E9EAF1F2F3F4F5F6F7F8F9FA"));

    public static HuffmanSpec ChrominanceAc { get; } = new(
        [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119],
        Convert.FromHexString(
            "0001020311040521310612415107617113223281" +
            "08144291A1B1C109233352F0156272D10A162434E125F11718191A262728292A" +
            "35363738393A434445464748494A535455565758595A636465666768696A7374" +
            "75767778797A82838485868788898A92939495969798999AA2A3A4A5A6A7A8A9" +
            "AAB2B3B4B5B6B7B8B9BAC2C3C4C5C6C7C8C9CAD2D3D4D5D6D7D8D9DAE2E3E4E5" +
            "E6E7E8E9EAF2F3F4F5F6F7F8F9FA"));
}
