using System.Buffers.Binary;

namespace JpegQualityEstimation.Images.Bmp;

// BmpReader: 1, 4, 8 (palette, RLE4, RLE8), 16, 24 and 32 bits a pixel, bit fields, top-down. Always Rgb24.

static class BmpReader
{
    public static ImageBuffer Read(EncodedImage file)
    {
        BmpHeader header = BmpHeader.Read(file);
        if (header.Compression != BmpCompression.None)
            return BmpRunLength.Read(file, header);
        long used = ((long)header.Width * header.BitsPerPixel + 7) / 8;
        // The padding of the last row may be missing.
        long needed = (header.Height - 1) * header.RowBytes + used;
        ReadOnlySpan<byte> pixels = file.Slice(header.PixelOffset, needed, $"the pixels, which need {needed} bytes");
        ImageBuffer image = file.Allocate(header.Width, header.Height, PixelFormat.Rgb24);
        for (int y = 0; y < header.Height; y++)
        {
            ReadOnlySpan<byte> row = pixels.Slice((int)(y * header.RowBytes), (int)used);
            Span<byte> target = image.Target.Row(header.TopDown ? y : header.Height - 1 - y);
            switch (header.BitsPerPixel)
            {
                case 24:
                    PixelOrder.CopyRow(row, PixelFormat.Bgr24, target);
                    break;
                case 16 or 32:
                    ReadMasked(row, header, target);
                    break;
                default:
                    ReadIndices(file, row, header, target);
                    break;
            }
        }
        return image;
    }

    static void ReadMasked(ReadOnlySpan<byte> row, BmpHeader header, Span<byte> target)
    {
        int size = header.BitsPerPixel / 8;
        (BmpMask red, BmpMask green, BmpMask blue) = (header.Masks[0], header.Masks[1], header.Masks[2]);
        for (int from = 0, to = 0; from < row.Length; from += size, to += 3)
        {
            uint pixel = size == 2
                ? BinaryPrimitives.ReadUInt16LittleEndian(row[from..])
                : BinaryPrimitives.ReadUInt32LittleEndian(row[from..]);
            target[to] = red.Sample(pixel);
            target[to + 1] = green.Sample(pixel);
            target[to + 2] = blue.Sample(pixel);
        }
    }

    static void ReadIndices(EncodedImage file, ReadOnlySpan<byte> row, BmpHeader header, Span<byte> target)
    {
        int bits = header.BitsPerPixel;
        for (int x = 0; x < header.Width; x++)
        {
            long bit = (long)x * bits;
            int index = row[(int)(bit >> 3)] >> (int)(8 - bits - (bit & 7)) & ((1 << bits) - 1);
            SetPixel(file, header, index, target, x);
        }
    }

    public static void SetPixel(EncodedImage file, BmpHeader header, int index, Span<byte> row, int x)
    {
        if (3 * index >= header.Palette.Length)
            throw file.Corrupt(header.PixelOffset, $"a pixel names palette entry {index} of {header.Palette.Length / 3}");
        header.Palette.AsSpan(3 * index, 3).CopyTo(row[(3 * x)..]);
    }
}
