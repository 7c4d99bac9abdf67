namespace JpegQualityEstimation.Images.Png;

// PngPixels: unfiltered row bytes to Gray8 or Rgb24. Small samples are spread over 0..255 (v*255/(2^depth-1),
// exact), 16-bit samples rounded to 8, alpha dropped, palette entries looked up.

sealed class PngPixels(PngHeader header, byte[] palette)
{
    /// <summary>Expands <paramref name="columns"/> pixels; returns a palette index that does not exist, or -1.</summary>
    public int Expand(ReadOnlySpan<byte> row, int columns, Span<byte> target)
    {
        switch (header.Colour)
        {
            case PngColour.Palette:
                return ExpandPalette(row, columns, target);
            case PngColour.Gray when header.BitDepth < 8:
                int scale = 255 / ((1 << header.BitDepth) - 1);
                for (int i = 0; i < columns; i++)
                    target[i] = (byte)(Sample(row, i) * scale);
                return -1;
            default:
                int kept = header.Format == PixelFormat.Gray8 ? 1 : 3;
                if (header.BitDepth == 16)
                    Keep16(row, columns, header.Channels, kept, target);
                else if (header.Channels == kept)
                    row[..(columns * kept)].CopyTo(target);
                else
                    Keep8(row, columns, header.Channels, kept, target);
                return -1;
        }
    }

    int ExpandPalette(ReadOnlySpan<byte> row, int columns, Span<byte> target)
    {
        for (int i = 0; i < columns; i++)
        {
            int index = header.BitDepth == 8 ? row[i] : Sample(row, i);
            if (index * 3 >= palette.Length)
                return index;
            target[3 * i] = palette[3 * index];
            target[3 * i + 1] = palette[3 * index + 1];
            target[3 * i + 2] = palette[3 * index + 2];
        }
        return -1;
    }

    int Sample(ReadOnlySpan<byte> row, int column)
    {
        int depth = header.BitDepth;
        int perByte = 8 / depth;
        return row[column / perByte] >> (8 - depth * (column % perByte + 1)) & ((1 << depth) - 1);
    }

    static void Keep8(ReadOnlySpan<byte> row, int columns, int channels, int kept, Span<byte> target)
    {
        for (int i = 0; i < columns; i++)
            for (int c = 0; c < kept; c++)
                target[i * kept + c] = row[i * channels + c];
    }

    static void Keep16(ReadOnlySpan<byte> row, int columns, int channels, int kept, Span<byte> target)
    {
        for (int i = 0; i < columns; i++)
            for (int c = 0; c < kept; c++)
            {
                int at = (i * channels + c) * 2;
                target[i * kept + c] = SampleDepth.From16(row[at] << 8 | row[at + 1]);
            }
    }
}
