namespace JpegQualityEstimation.Images.Bmp;

// BmpHeader: the file header and the DIB header in all its lengths (OS/2 core 12, Windows 40..124, OS/2 64),
// checked. All numbers are little-endian. Source: Microsoft "Bitmap Header Types", OS/2 2.x toolkit.

sealed class BmpHeader
{
    const int FileHeaderBytes = 14;

    public int Width { get; private init; }

    public int Height { get; private init; }

    public bool TopDown { get; private init; }

    public int BitsPerPixel { get; private init; }

    public BmpCompression Compression { get; private init; }

    /// <summary>Where the rows begin.</summary>
    public int PixelOffset { get; private init; }

    /// <summary>Red, green, blue of each entry; empty above 8 bits a pixel.</summary>
    public byte[] Palette { get; private init; } = [];

    /// <summary>Where in a pixel of 16 or 32 bits red, green and blue stand.</summary>
    public BmpMask[] Masks { get; private init; } = [];

    /// <summary>Bytes from row to row: a multiple of four.</summary>
    public long RowBytes => ((long)Width * BitsPerPixel + 31) / 32 * 4;

    public static BmpHeader Read(EncodedImage file)
    {
        file.Slice(0, FileHeaderBytes + 4, "the BMP header");
        uint size = file.UInt32LittleEndian(FileHeaderBytes, "the BMP header");
        if (size is not (12 or 40 or 52 or 56 or 64 or 108 or 124))
            throw file.Unsupported(FileHeaderBytes, $"unknown BMP header of {size} bytes");
        file.Slice(FileHeaderBytes, size, "the BMP header");
        bool core = size == 12;
        long width = core ? file.UInt16LittleEndian(18, "the width") : (int)file.UInt32LittleEndian(18, "the width");
        long height = core ? file.UInt16LittleEndian(20, "the height") : (int)file.UInt32LittleEndian(22, "the height");
        int bits = file.UInt16LittleEndian(core ? 24 : 28, "the depth");
        uint method = core ? 0 : file.UInt32LittleEndian(30, "the compression");
        BmpCompression compression = Method(file, method, bits, size);
        bool topDown = height < 0;
        if (topDown && compression != BmpCompression.None)
            throw file.Corrupt(22, "run-length pictures cannot be stored top-down");
        file.CheckSize(18, width, Math.Abs(height), PixelFormat.Rgb24);
        uint pixels = file.UInt32LittleEndian(10, "the BMP header");
        long tables = FileHeaderBytes + size;
        BmpMask[] masks = bits is 16 or 32 ? ReadMasks(file, bits, method, size, ref tables) : [];
        if (pixels < tables || pixels > file.Length)
            throw pixels < tables
                ? file.Corrupt(10, $"the pixels begin at byte {pixels}, inside the header")
                : file.Truncated(file.Length, $"the pixels begin at byte {pixels}");
        return new BmpHeader
        {
            Width = (int)width,
            Height = (int)Math.Abs(height),
            TopDown = topDown,
            BitsPerPixel = bits,
            Compression = compression,
            PixelOffset = (int)pixels,
            Palette = bits <= 8 ? ReadPalette(file, tables, (int)pixels, bits, core) : [],
            Masks = masks,
        };
    }

    static BmpCompression Method(EncodedImage file, uint method, int bits, uint size) => (method, bits) switch
    {
        (3 or 4, _) when size == 64 => throw file.Unsupported(30, "OS/2 Huffman and RLE24 compression are not read"),
        (0, 1 or 4 or 8 or 16 or 24 or 32) or (3 or 6, 16 or 32) => BmpCompression.None,
        (1, 8) => BmpCompression.Rle8,
        (2, 4) => BmpCompression.Rle4,
        (4, _) => throw file.Unsupported(30, "JPEG inside BMP is not read"),
        (5, _) => throw file.Unsupported(30, "PNG inside BMP is not read"),
        _ => throw file.Unsupported(size == 12 ? 24 : 28, $"unknown BMP variant: {bits} bits a pixel, compression {method}"),
    };

    static BmpMask[] ReadMasks(EncodedImage file, int bits, uint method, uint size, ref long tables)
    {
        if (method == 0)
            return bits == 16
                ? [new(0x7C00), new(0x03E0), new(0x001F)]
                : [new(0xFF0000), new(0x00FF00), new(0x0000FF)];
        // A 40-byte header is followed by the masks, which the longer ones contain at the same place.
        if (size == 40)
            tables += method == 6 ? 16 : 12;
        BmpMask[] masks = new BmpMask[3];
        uint all = 0;
        for (int c = 0; c < 3; c++)
        {
            uint mask = file.UInt32LittleEndian(54 + 4 * c, "the colour masks");
            masks[c] = new BmpMask(mask);
            if (!masks[c].IsContiguous || (all & mask) != 0 || bits == 16 && mask > 0xFFFF)
                throw file.Corrupt(54 + 4 * c, $"impossible colour mask 0x{mask:X8}");
            all |= mask;
        }
        if (all == 0)
            throw file.Corrupt(54, "all colour masks are empty");
        return masks;
    }

    static byte[] ReadPalette(EncodedImage file, long offset, int end, int bits, bool core)
    {
        int size = core ? 3 : 4;
        long declared = core ? 0 : file.UInt32LittleEndian(46, "the palette's length");
        // Files with a wrong count are common: what fits between header and pixels is the palette.
        long count = Math.Min(declared == 0 ? 1 << bits : Math.Min(declared, 1 << bits), (end - offset) / size);
        if (count == 0)
            throw file.Corrupt(offset, "a palette picture without palette");
        ReadOnlySpan<byte> entries = file.Slice(offset, count * size, "the palette");
        byte[] palette = new byte[count * 3];
        for (int i = 0; i < count; i++)
            (palette[3 * i], palette[3 * i + 1], palette[3 * i + 2]) = (entries[size * i + 2], entries[size * i + 1], entries[size * i]);
        return palette;
    }
}

enum BmpCompression { None, Rle4, Rle8 }
