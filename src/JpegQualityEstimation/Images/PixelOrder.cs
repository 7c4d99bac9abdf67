namespace JpegQualityEstimation.Images;

// PixelOrder: a row of any pixel format as Gray8 (from Gray8) or as red, green, blue.

static class PixelOrder
{
    /// <summary>Copies a row: Gray8 as it is, all others as Rgb24.</summary>
    public static void CopyRow(ReadOnlySpan<byte> row, PixelFormat format, Span<byte> target)
    {
        if (format is PixelFormat.Gray8 or PixelFormat.Rgb24)
        {
            row.CopyTo(target);
            return;
        }
        int size = format.BytesPerPixel();
        int red = format is PixelFormat.Rgba32 ? 0 : 2;
        for (int from = 0, to = 0; from < row.Length; from += size, to += 3)
        {
            target[to] = row[from + red];
            target[to + 1] = row[from + 1];
            target[to + 2] = row[from + 2 - red];
        }
    }
}
