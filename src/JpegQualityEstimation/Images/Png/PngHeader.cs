namespace JpegQualityEstimation.Images.Png;

// PngHeader: what IHDR declares, checked. Source: PNG specification, 11.2.2 and table 12.

readonly record struct PngHeader(int Width, int Height, int BitDepth, PngColour Colour, bool Interlaced)
{
    public int Channels => Colour switch
    {
        PngColour.Rgb => 3,
        PngColour.GrayAlpha => 2,
        PngColour.Rgba => 4,
        _ => 1,
    };

    public int BitsPerPixel => BitDepth * Channels;

    /// <summary>Distance of the filter's left neighbour, in bytes.</summary>
    public int FilterStep => Math.Max(1, BitsPerPixel / 8);

    public PixelFormat Format => Colour is PngColour.Gray or PngColour.GrayAlpha ? PixelFormat.Gray8 : PixelFormat.Rgb24;

    public long RowBytes(int width) => ((long)width * BitsPerPixel + 7) / 8;

    /// <summary>Bytes that the inflated stream holds: a filter byte and a row for every row of every pass.</summary>
    public long InflatedBytes
    {
        get
        {
            if (!Interlaced)
                return Height * (1 + RowBytes(Width));
            long total = 0;
            foreach (PngPass pass in PngPass.Adam7)
                if (pass.Columns(Width) > 0)
                    total += pass.Rows(Height) * (1 + RowBytes(pass.Columns(Width)));
            return total;
        }
    }

    public static PngHeader Read(EncodedImage file, int offset)
    {
        ReadOnlySpan<byte> ihdr = file.Slice(offset, 13, "the PNG header");
        long width = file.UInt32BigEndian(offset, "the PNG header");
        long height = file.UInt32BigEndian(offset + 4, "the PNG header");
        int depth = ihdr[8];
        PngColour colour = (PngColour)ihdr[9];
        bool valid = colour switch
        {
            PngColour.Gray => depth is 1 or 2 or 4 or 8 or 16,
            PngColour.Palette => depth is 1 or 2 or 4 or 8,
            PngColour.Rgb or PngColour.GrayAlpha or PngColour.Rgba => depth is 8 or 16,
            _ => false,
        };
        if (!valid)
            throw file.Corrupt(offset + 8, $"colour type {ihdr[9]} with {depth} bits a sample does not exist");
        if (ihdr[10] != 0)
            throw file.Unsupported(offset + 10, $"unknown PNG compression method {ihdr[10]}");
        if (ihdr[11] != 0)
            throw file.Unsupported(offset + 11, $"unknown PNG filter method {ihdr[11]}");
        if (ihdr[12] > 1)
            throw file.Unsupported(offset + 12, $"unknown PNG interlace method {ihdr[12]}");
        PngHeader header = new(0, 0, depth, colour, ihdr[12] == 1);
        file.CheckSize(offset, width, height, header.Format);
        if ((width * header.BitsPerPixel + 7) / 8 >= Array.MaxLength)
            throw file.TooLarge(offset, $"a row of {width} pixels is more than one buffer holds");
        return header with { Width = (int)width, Height = (int)height };
    }
}

enum PngColour : byte { Gray = 0, Rgb = 2, Palette = 3, GrayAlpha = 4, Rgba = 6 }

/// <summary>One pass: the pixels (X + i*StepX, Y + j*StepY).</summary>
readonly record struct PngPass(int X, int Y, int StepX, int StepY)
{
    public static ReadOnlySpan<PngPass> Whole => s_whole;

    public static ReadOnlySpan<PngPass> Adam7 => s_adam7;

    static readonly PngPass[] s_whole = [new(0, 0, 1, 1)];

    static readonly PngPass[] s_adam7 =
        [new(0, 0, 8, 8), new(4, 0, 8, 8), new(0, 4, 4, 8), new(2, 0, 4, 4), new(0, 2, 2, 4), new(1, 0, 2, 2), new(0, 1, 1, 2)];

    public int Columns(int width) => (int)(((long)width - X + StepX - 1) / StepX);

    public int Rows(int height) => (int)(((long)height - Y + StepY - 1) / StepY);
}
