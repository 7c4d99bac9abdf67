namespace JpegQualityEstimation.Images.Png;

// CRC-32 of PNG chunks: polynomial 0xEDB88320 reflected, start and end inverted. Slicing by four.
// Source: PNG specification (W3C, third edition), annex D.

static class PngCrc
{
    static readonly uint[] s_tables = Tables();

    public static uint Of(ReadOnlySpan<byte> bytes) => ~Extend(~0u, bytes);

    /// <summary>Of type and data of a chunk, which stand side by side or apart.</summary>
    public static uint Of(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data) => ~Extend(Extend(~0u, type), data);

    static uint Extend(uint crc, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<uint> table = s_tables;
        int i = 0;
        for (; i + 4 <= bytes.Length; i += 4)
        {
            crc ^= bytes[i] | (uint)bytes[i + 1] << 8 | (uint)bytes[i + 2] << 16 | (uint)bytes[i + 3] << 24;
            crc = table[(int)(768 + (crc & 255))] ^ table[(int)(512 + (crc >> 8 & 255))]
                ^ table[(int)(256 + (crc >> 16 & 255))] ^ table[(int)(crc >> 24)];
        }
        for (; i < bytes.Length; i++)
            crc = table[(int)((crc ^ bytes[i]) & 255)] ^ crc >> 8;
        return crc;
    }

    static uint[] Tables()
    {
        uint[] tables = new uint[4 * 256];
        for (uint n = 0; n < 256; n++)
        {
            uint c = n;
            for (int k = 0; k < 8; k++)
                c = (c & 1) != 0 ? 0xEDB88320 ^ c >> 1 : c >> 1;
            tables[n] = c;
        }
        for (int k = 1; k < 4; k++)
            for (int n = 0; n < 256; n++)
                tables[k * 256 + n] = tables[tables[(k - 1) * 256 + n] & 255] ^ tables[(k - 1) * 256 + n] >> 8;
        return tables;
    }
}
