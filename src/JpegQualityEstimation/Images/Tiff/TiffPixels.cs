namespace JpegQualityEstimation.Images.Tiff;

// TiffPixels: unpacked blocks to Gray8 or Rgb24: inverts "min is white", looks palettes up, rounds 16 bits to 8,
// drops extra samples, cuts off what tiles hold beyond the picture.

sealed class TiffPixels(TiffLayout layout, byte[] palette, ImageBuffer image)
{
    /// <summary>Puts a block, all its samples or those of one plane, at its place.</summary>
    public void Place(ReadOnlySpan<byte> block, int across, int down, int plane)
    {
        int left = across * layout.BlockWidth;
        int top = down * layout.BlockHeight;
        int columns = Math.Min(layout.BlockWidth, layout.Width - left);
        int rows = Math.Min(layout.BlockHeight, layout.Height - top);
        int size = image.Format.BytesPerPixel();
        for (int y = 0; y < rows; y++)
        {
            ReadOnlySpan<byte> row = block.Slice((int)(y * layout.BlockRowBytes), (int)layout.BlockRowBytes);
            Span<byte> target = image.Target.Row(top + y).Slice(left * size, columns * size);
            if (layout.Photometric == TiffPhotometric.Palette)
                PlacePalette(row, columns, target);
            else if (layout.Bits < 8)
                PlaceSmall(row, columns, target);
            else
                PlaceSamples(row, columns, target, size, plane);
            if (layout.Photometric == TiffPhotometric.MinIsWhite)
                foreach (ref byte value in target)
                    value = (byte)(255 - value);
        }
    }

    /// <summary>Red, green, blue of each entry. 16-bit values keep their high byte; files that hold 8-bit values are met.</summary>
    public static byte[] ReadPalette(TiffDirectory directory, int bits)
    {
        TiffField map = directory.Find(TiffTag.ColorMap);
        int count = 1 << bits;
        bool small = true;
        for (int i = 0; i < 3 * count; i++)
            small &= directory.Value(map, i) < 256;
        byte[] palette = new byte[3 * count];
        for (int i = 0; i < count; i++)
            for (int c = 0; c < 3; c++)
                palette[3 * i + c] = (byte)(directory.Value(map, c * count + i) >> (small ? 0 : 8));
        return palette;
    }

    void PlaceSamples(ReadOnlySpan<byte> row, int columns, Span<byte> target, int size, int plane)
    {
        int step = layout.SamplesInBlock;
        int kept = layout.Planar ? 1 : size;
        int bytes = layout.Bits / 8;
        if (bytes == 1 && step == kept && kept == size)
        {
            row[..target.Length].CopyTo(target);
            return;
        }
        (int high, int low) = layout.IsBigEndian ? (0, 1) : (1, 0);
        for (int x = 0; x < columns; x++)
            for (int c = 0; c < kept; c++)
            {
                int at = (x * step + c) * bytes;
                target[x * size + (layout.Planar ? plane : c)] =
                    bytes == 1 ? row[at] : SampleDepth.From16(row[at + high] << 8 | row[at + low]);
            }
    }

    void PlaceSmall(ReadOnlySpan<byte> row, int columns, Span<byte> target)
    {
        int scale = 255 / ((1 << layout.Bits) - 1);
        for (int x = 0; x < columns; x++)
            target[x] = (byte)(Sample(row, x) * scale);
    }

    void PlacePalette(ReadOnlySpan<byte> row, int columns, Span<byte> target)
    {
        int step = layout.Bits == 8 ? layout.SamplesInBlock : 1;
        for (int x = 0; x < columns; x++)
            palette.AsSpan(3 * Sample(row, x * step), 3).CopyTo(target[(3 * x)..]);
    }

    int Sample(ReadOnlySpan<byte> row, int index)
    {
        long bit = (long)index * layout.Bits;
        return row[(int)(bit >> 3)] >> (int)(8 - layout.Bits - (bit & 7)) & ((1 << layout.Bits) - 1);
    }
}
