namespace JpegQualityEstimation.Images.Tiff;

// TiffLayout: what the directory declares, checked: the samples, and the blocks (strips or tiles) they lie in.
// A strip is a block as wide as the picture. Source: TIFF 6.0, sections 3 to 6, 8, 9, 14, 15.

sealed class TiffLayout
{
    const int MostSamples = 8;

    public required bool IsBigEndian { get; init; }
    public required int Width { get; init; }
    public required int Height { get; init; }
    public required int Bits { get; init; }

    /// <summary>Samples a pixel in the file, extra ones included.</summary>
    public required int Samples { get; init; }

    public required TiffPhotometric Photometric { get; init; }
    public required TiffCompression Compression { get; init; }

    /// <summary>Each sample is stored as the difference to its left neighbour.</summary>
    public required bool Differences { get; init; }

    /// <summary>Each sample has blocks of its own.</summary>
    public required bool Planar { get; init; }

    public required int BlockWidth { get; init; }
    public required int BlockHeight { get; init; }
    public required bool Tiled { get; init; }

    public PixelFormat Format => Photometric < TiffPhotometric.Rgb ? PixelFormat.Gray8 : PixelFormat.Rgb24;

    /// <summary>Samples that make up the colour.</summary>
    public int ColourSamples => Photometric == TiffPhotometric.Rgb ? 3 : 1;

    public int SamplesInBlock => Planar ? 1 : Samples;

    public int BlocksAcross => (int)(((long)Width + BlockWidth - 1) / BlockWidth);

    public int BlocksDown => (int)(((long)Height + BlockHeight - 1) / BlockHeight);

    public long BlockRowBytes => ((long)BlockWidth * SamplesInBlock * Bits + 7) / 8;

    /// <summary>Rows that are stored in the blocks of this row of blocks: only the last strip is shorter.</summary>
    public int StoredRows(int down) => Tiled ? BlockHeight : (int)Math.Min(BlockHeight, Height - (long)down * BlockHeight);

    public static TiffLayout Read(EncodedImage file, TiffDirectory directory)
    {
        long width = directory.Value(TiffTag.ImageWidth);
        long height = directory.Value(TiffTag.ImageLength);
        uint samples = directory.Value(TiffTag.SamplesPerPixel, 1);
        int bits = ReadBits(file, directory, samples);
        uint photometric = directory.Value(TiffTag.PhotometricInterpretation);
        uint compression = directory.Value(TiffTag.Compression, 1);
        RefuseByName(file, directory, photometric, compression, samples, bits);
        file.CheckSize(directory.Find(TiffTag.ImageWidth).Offset, width, height, photometric < 2 ? PixelFormat.Gray8 : PixelFormat.Rgb24);
        bool tiled = directory.Find(TiffTag.TileOffsets).Count > 0;
        long blockWidth = tiled ? directory.Value(TiffTag.TileWidth) : width;
        long blockHeight = tiled ? directory.Value(TiffTag.TileLength) : Math.Min(height, directory.Value(TiffTag.RowsPerStrip, uint.MaxValue));
        int at = directory.Find(tiled ? TiffTag.TileWidth : TiffTag.RowsPerStrip).Offset;
        if (blockWidth < 1 || blockHeight < 1)
            throw file.Corrupt(at, $"blocks of {blockWidth}x{blockHeight} pixels");
        if (blockWidth > file.Options.MaxPixels || blockHeight > file.Options.MaxPixels || blockWidth * blockHeight > file.Options.MaxPixels)
            throw file.TooLarge(at, $"tiles of {blockWidth}x{blockHeight} pixels, the limit is {file.Options.MaxPixels}");
        TiffLayout layout = new()
        {
            IsBigEndian = directory.IsBigEndian,
            Width = (int)width,
            Height = (int)height,
            Bits = bits,
            Samples = (int)samples,
            Photometric = (TiffPhotometric)photometric,
            Compression = (TiffCompression)compression,
            Differences = compression is 5 or 8 or 32946 && directory.Value(TiffTag.Predictor, 1) == 2,
            Planar = samples > 1 && directory.Value(TiffTag.PlanarConfiguration, 1) == 2,
            BlockWidth = (int)blockWidth,
            BlockHeight = (int)blockHeight,
            Tiled = tiled,
        };
        layout.CheckBlocks(file, at);
        return layout;
    }

    void CheckBlocks(EncodedImage file, int at)
    {
        double padded = (double)BlocksAcross * BlockWidth * BlocksDown * BlockHeight;
        if (Tiled && padded > Math.Max(file.Options.MaxPixels, (double)BlockWidth * BlockHeight))
            throw file.TooLarge(at, $"the tiles hold {padded} pixels, the limit is {file.Options.MaxPixels}");
        if (BlockRowBytes * BlockHeight > Array.MaxLength)
            throw file.TooLarge(at, "a block is more than one buffer holds");
        if (Differences && Bits < 8)
            throw file.Unsupported(at, $"the predictor with {Bits} bits a sample is not read");
    }

    static int ReadBits(EncodedImage file, TiffDirectory directory, uint samples)
    {
        TiffField field = directory.Find(TiffTag.BitsPerSample);
        if (samples is < 1 or > MostSamples)
            throw samples < 1 ? file.Corrupt(field.Offset, "no samples") : file.Unsupported(field.Offset, $"{samples} samples a pixel are not read");
        uint bits = field.Count == 0 ? 1 : directory.Value(field, 0);
        // Some writers give one value for all samples.
        for (int i = 1; i < Math.Min(field.Count, (int)samples); i++)
            if (directory.Value(field, i) != bits)
                throw file.Unsupported(field.Offset, "samples of different depths are not read");
        return (int)Math.Min(bits, int.MaxValue);
    }

    static void RefuseByName(EncodedImage file, TiffDirectory directory, uint photometric, uint compression, uint samples, int bits)
    {
        if ((TiffCompression)compression is not (TiffCompression.None or TiffCompression.Lzw or TiffCompression.Deflate
            or TiffCompression.OldDeflate or TiffCompression.PackBits))
            throw file.Unsupported(directory.Find(TiffTag.Compression).Offset, $"TIFF compression {TiffNames.Compression(compression)} is not read");
        int at = directory.Find(TiffTag.PhotometricInterpretation).Offset;
        if (photometric > 3)
            throw file.Unsupported(at, $"TIFF colour space {TiffNames.Photometric(photometric)} is not read");
        bool depthIsRead = photometric switch
        {
            2 => bits is 8 or 16,
            3 => bits is 1 or 2 or 4 or 8,
            _ => bits is 1 or 2 or 4 or 8 or 16,
        };
        if (!depthIsRead || bits < 8 && samples > 1)
            throw file.Unsupported(at, $"{TiffNames.Photometric(photometric)} with {samples} samples of {bits} bits is not read");
        if (photometric == 2 && samples < 3)
            throw file.Corrupt(at, $"RGB with {samples} samples a pixel");
        uint sampleFormat = directory.Value(TiffTag.SampleFormat, 1);
        if (sampleFormat is not (1 or 4))
            throw file.Unsupported(directory.Find(TiffTag.SampleFormat).Offset, $"{(sampleFormat == 3 ? "floating-point" : "signed or complex")} samples are not read");
        if (directory.Value(TiffTag.FillOrder, 1) != 1)
            throw file.Unsupported(directory.Find(TiffTag.FillOrder).Offset, "TIFF with reversed bit order is not read");
        uint predictor = directory.Value(TiffTag.Predictor, 1);
        if (predictor is not (1 or 2))
            throw file.Unsupported(directory.Find(TiffTag.Predictor).Offset, $"TIFF predictor {predictor} is not read");
        uint planar = directory.Value(TiffTag.PlanarConfiguration, 1);
        if (planar is not (1 or 2))
            throw file.Corrupt(directory.Find(TiffTag.PlanarConfiguration).Offset, $"unknown planar configuration {planar}");
    }
}
