namespace JpegQualityEstimation.Images.Pnm;

// PnmReader: PBM, PGM, PPM as text and binary, PAM; the first picture of the file. Samples are spread from
// 0..largest over 0..255, rounded.

static class PnmReader
{
    public static ImageBuffer Read(EncodedImage file)
    {
        PnmHeader header = PnmHeader.Read(file);
        long samples = (long)header.Width * header.Height * header.Channels;
        long row = header.Kind == 4 ? (header.Width + 7L) / 8 : (long)header.Width * header.Channels * (header.Largest > 255 ? 2 : 1);
        // As text every sample takes a digit and, but for bitmaps and the last one, a space.
        long needed = header.Kind == 1 ? samples : header.IsText ? 2 * samples - 1 : row * header.Height;
        ReadOnlySpan<byte> data = file.Slice(header.DataOffset, needed, $"the pixels, which need {needed} bytes");
        ImageBuffer image = file.Allocate(header.Width, header.Height, header.Format);
        if (header.IsText)
            ReadText(file, header, image.Pixels);
        else
            for (int y = 0; y < header.Height; y++)
                ReadRow(file, header, data.Slice((int)(y * row), (int)row), image.Target.Row(y), header.DataOffset + y * row);
        return image;
    }

    static void ReadText(EncodedImage file, PnmHeader header, Span<byte> pixels)
    {
        PnmTokens tokens = new(file, header.DataOffset - 1);
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = header.IsBitmap
                ? (byte)(tokens.Bit() == 0 ? 255 : 0)
                : Spread(file, header, tokens.Number("a pixel"), tokens.Offset);
    }

    static void ReadRow(EncodedImage file, PnmHeader header, ReadOnlySpan<byte> row, Span<byte> target, long offset)
    {
        int kept = header.Format.BytesPerPixel();
        for (int x = 0; x < header.Width; x++)
            for (int c = 0; c < kept; c++)
            {
                int i = x * header.Channels + c;
                target[x * kept + c] = header.IsBitmap
                    ? (byte)((row[x >> 3] >> (7 - (x & 7)) & 1) == 0 ? 255 : 0)
                    : Spread(file, header, header.Largest > 255 ? row[2 * i] << 8 | row[2 * i + 1] : row[i], offset);
            }
    }

    static byte Spread(EncodedImage file, PnmHeader header, long value, long offset)
    {
        if (value > header.Largest)
            throw file.Corrupt(offset, $"a sample of {value} where {header.Largest} is the largest");
        return header.Largest == 255 ? (byte)value : SampleDepth.From((int)value, header.Largest);
    }
}
