using System.IO.Compression;

namespace JpegQualityEstimation.Images.Png;

// PngReader: all colour types and depths, Adam7. Chunks are walked and checked first, then IDAT is inflated row
// by row straight from the file's bytes; memory: the result and two rows. Ancillary chunks are skipped (tRNS
// too: alpha is dropped). Source: PNG specification (W3C, third edition).

static class PngReader
{
    // Deflate spends at least one bit on 129 bytes: no stream inflates to more than 1032 times its size.
    const long LargestRatio = 1032;

    public static ImageBuffer Read(EncodedImage file)
    {
        PngChunks chunks = PngChunks.Walk(file);
        PngHeader header = chunks.Header;
        if (header.InflatedBytes / LargestRatio > chunks.DataBytes)
            throw file.Truncated(file.Length, $"{chunks.DataBytes} compressed bytes cannot hold a {header.Width}x{header.Height} picture");
        ImageBuffer image = file.Allocate(header.Width, header.Height, header.Format);
        Inflate(file, chunks, image);
        return image;
    }

    static unsafe void Inflate(EncodedImage file, PngChunks chunks, ImageBuffer image)
    {
        fixed (byte* bytes = file.Bytes)
        {
            using PinnedBytesStream compressed = new(bytes, chunks.Data);
            using ZLibStream inflated = new(compressed, CompressionMode.Decompress);
            try
            {
                ReadPasses(file, chunks, inflated, image);
                // One more byte makes the stream check its Adler-32. Surplus rows are ignored, as libpng does.
                inflated.ReadByte();
            }
            // IOException: a stream that asks for a preset dictionary; the bytes themselves lie in memory.
            catch (Exception e) when (e is InvalidDataException or IOException)
            {
                throw file.Corrupt(chunks.Data[0].Offset, $"the compressed data is damaged ({e.Message.TrimEnd('.')})");
            }
        }
    }

    static void ReadPasses(EncodedImage file, PngChunks chunks, Stream inflated, ImageBuffer image)
    {
        PngHeader header = chunks.Header;
        PngPixels pixels = new(header, chunks.Palette);
        int longest = (int)header.RowBytes(header.Width);
        byte[] current = file.AllocateBytes(1 + longest, "a row");
        byte[] above = file.AllocateBytes(1 + longest, "a row");
        byte[] scattered = header.Interlaced ? new byte[image.Stride] : [];
        foreach (PngPass pass in header.Interlaced ? PngPass.Adam7 : PngPass.Whole)
        {
            int columns = pass.Columns(header.Width);
            if (columns == 0)
                continue;
            int length = 1 + (int)header.RowBytes(columns);
            above.AsSpan().Clear();
            for (int y = pass.Y; y < header.Height; y += pass.StepY)
            {
                if (inflated.ReadAtLeast(current.AsSpan(0, length), length, throwOnEndOfStream: false) < length)
                    throw file.Truncated(file.Length, $"the compressed data ends in row {y} of {header.Height}");
                Span<byte> row = current.AsSpan(1, length - 1);
                if (!PngFilter.Undo(current[0], row, above.AsSpan(1), header.FilterStep))
                    throw file.Corrupt(chunks.Data[0].Offset, $"row {y} has the unknown filter {current[0]}");
                Span<byte> target = header.Interlaced ? scattered : image.Target.Row(y);
                int bad = pixels.Expand(row, columns, target);
                if (bad >= 0)
                    throw file.Corrupt(chunks.Data[0].Offset, $"row {y} names palette entry {bad} of {chunks.Palette.Length / 3}");
                if (header.Interlaced)
                    Scatter(scattered, columns, pass, image.Target.Row(y), image.Format.BytesPerPixel());
                (current, above) = (above, current);
            }
        }
    }

    static void Scatter(ReadOnlySpan<byte> packed, int columns, PngPass pass, Span<byte> row, int size)
    {
        for (int i = 0; i < columns; i++)
            packed.Slice(i * size, size).CopyTo(row[((pass.X + i * pass.StepX) * size)..]);
    }
}
