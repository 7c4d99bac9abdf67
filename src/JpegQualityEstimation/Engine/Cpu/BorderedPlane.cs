namespace JpegQualityEstimation.Engine.Cpu;

/// <summary>A square plane [size, size, channels] with a border of zeros all round that nothing writes to.</summary>
sealed unsafe class BorderedPlane
{
    readonly AlignedFloats values;
    readonly int rowStride;
    readonly float* origin;

    public BorderedPlane(int size, int channels, int border)
    {
        Channels = channels;
        rowStride = (size + 2 * border) * channels;
        values = new AlignedFloats((long)rowStride * (size + 2 * border));
        origin = values.Pointer + border * rowStride + border * channels;
    }

    public int Channels { get; }

    /// <summary>Pixel 0 of row y; rows and columns from -border on are there.</summary>
    public float* Row(int y) => origin + (long)y * rowStride;

    public RowTriple Rows(int y, int dilation) =>
        new() { Above = Row(y - dilation), Middle = Row(y), Below = Row(y + dilation) };
}
