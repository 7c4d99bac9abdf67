namespace JpegQualityEstimation.Images.Bmp;

// BmpRunLength: RLE8 and RLE4. Pairs (count, value) are runs; (0,0) ends a row, (0,1) the picture, (0,2) moves
// right and up, (0,n) brings n pixels as they are, padded to 16 bits. What is skipped is palette entry 0.
// What a run brings beyond the end of its row is dropped (ImageMagick pads rows to four pixels); the picture may end
// early only in its last row.

static class BmpRunLength
{
    // Skips cost no bytes, so a few bytes can declare any size. No encoder comes near this many pixels a byte.
    const long PixelsPerByte = 4096;
    const long AlwaysAllowed = 1 << 24;

    public static ImageBuffer Read(EncodedImage file, BmpHeader header)
    {
        ReadOnlySpan<byte> codes = file.Bytes[header.PixelOffset..];
        if ((long)header.Width * header.Height > Math.Max(AlwaysAllowed, codes.Length * PixelsPerByte))
            throw file.Truncated(file.Length, $"{codes.Length} bytes do not hold a {header.Width}x{header.Height} picture");
        ImageBuffer image = file.Allocate(header.Width, header.Height, PixelFormat.Rgb24);
        for (int i = 0; i < image.Pixels.Length; i += 3)
            header.Palette.AsSpan(0, 3).CopyTo(image.Pixels.AsSpan(i));
        Decode(file, header, codes, image);
        return image;
    }

    static void Decode(EncodedImage file, BmpHeader header, ReadOnlySpan<byte> codes, ImageBuffer image)
    {
        int x = 0;
        int y = 0;
        int at = 0;
        while (true)
        {
            if (codes.Length - at < 2)
            {
                if (y >= header.Height || y == header.Height - 1 && x == header.Width)
                    return;
                throw file.Truncated(file.Length, $"the run-length data ends in row {y} of {header.Height}");
            }
            int start = header.PixelOffset + at;
            int count = codes[at];
            int value = codes[at + 1];
            at += 2;
            if (count > 0)
            {
                Span<byte> row = Row(file, header, image, y, start);
                count = Math.Min(count, header.Width - x);
                for (int i = 0; i < count; i++)
                    BmpReader.SetPixel(file, header, Index(header, value, i), row, x + i);
                x += count;
                continue;
            }
            switch (value)
            {
                case 0:
                    x = 0;
                    y++;
                    break;
                case 1 when y < header.Height - 1:
                    throw file.Truncated(start, $"the picture ends in row {y} of {header.Height}");
                case 1:
                    return;
                case 2:
                    if (codes.Length - at < 2)
                        throw file.Truncated(file.Length, "the run-length data ends inside a move");
                    x += codes[at];
                    y += codes[at + 1];
                    at += 2;
                    if (x > header.Width || y > header.Height)
                        throw file.Corrupt(start, "a move leaves the picture");
                    break;
                default:
                    int bytes = header.Compression == BmpCompression.Rle8 ? value : (value + 1) / 2;
                    if (codes.Length - at < bytes)
                        throw file.Truncated(file.Length, "the run-length data ends inside a row");
                    Span<byte> target = Row(file, header, image, y, start);
                    count = Math.Min(value, header.Width - x);
                    for (int i = 0; i < count; i++)
                        BmpReader.SetPixel(file, header, Index(header, codes[at + (header.Compression == BmpCompression.Rle8 ? i : i / 2)], i), target, x + i);
                    x += count;
                    at = Math.Min(at + bytes + (bytes & 1), codes.Length);
                    break;
            }
        }
    }

    static Span<byte> Row(EncodedImage file, BmpHeader header, ImageBuffer image, int y, int start) => y < header.Height
        ? image.Target.Row(header.Height - 1 - y)
        : throw file.Corrupt(start, "a run below the last row");

    static int Index(BmpHeader header, int value, int i) => header.Compression == BmpCompression.Rle8
        ? value
        : (i & 1) == 0 ? value >> 4 : value & 15;
}
