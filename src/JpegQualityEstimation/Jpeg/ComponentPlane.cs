namespace JpegQualityEstimation.Jpeg;

/// <summary>The samples of one JPEG component, stored in whole 8x8 blocks.</summary>
/// <remarks>Width and height count real samples (libjpeg's downsampled_width and _height); what lies beyond is padding.</remarks>
sealed class ComponentPlane
{
    /// <summary>Allocates a plane for a component of a picture.</summary>
    /// <param name="pictureWidth">Pixels a row.</param>
    /// <param name="pictureHeight">Rows.</param>
    /// <param name="horizontalFactor">The component's horizontal sampling factor, 1..4.</param>
    /// <param name="verticalFactor">The component's vertical sampling factor, 1..4.</param>
    /// <param name="maxHorizontalFactor">Largest horizontal factor of all components.</param>
    /// <param name="maxVerticalFactor">Largest vertical factor of all components.</param>
    public ComponentPlane(
        int pictureWidth, int pictureHeight, int horizontalFactor, int verticalFactor, int maxHorizontalFactor, int maxVerticalFactor)
    {
        HorizontalFactor = horizontalFactor;
        VerticalFactor = verticalFactor;
        Width = CeilingDivide((long)pictureWidth * horizontalFactor, maxHorizontalFactor);
        Height = CeilingDivide((long)pictureHeight * verticalFactor, maxVerticalFactor);
        BlockColumns = CeilingDivide(Width, 8);
        BlockRows = CeilingDivide(Height, 8);
        Stride = checked(BlockColumns * 8);
        Samples = new byte[checked(Stride * BlockRows * 8)];
    }

    public int HorizontalFactor { get; }

    public int VerticalFactor { get; }

    public int Width { get; }

    public int Height { get; }

    public int BlockColumns { get; }

    public int BlockRows { get; }

    /// <summary>Bytes from row to row.</summary>
    public int Stride { get; }

    public byte[] Samples { get; }

    /// <summary>The real samples of row <paramref name="y"/>.</summary>
    public Span<byte> Row(int y) => Samples.AsSpan(y * Stride, Width);

    /// <summary>Row <paramref name="y"/> with its padding, y up to 8 * BlockRows - 1.</summary>
    public Span<byte> PaddedRow(int y) => Samples.AsSpan(y * Stride, Stride);

    /// <summary>The samples from the first one of a block to the end of the plane.</summary>
    public Span<byte> Block(int blockRow, int blockColumn) => Samples.AsSpan(blockRow * 8 * Stride + blockColumn * 8);

    static int CeilingDivide(long value, int divisor) => checked((int)((value + divisor - 1) / divisor));
}
