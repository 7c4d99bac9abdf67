namespace JpegQualityEstimation.Engine.Cpu;

// RowRing: the last few rows of one layer's output, channels last. Row y lives in slot y mod capacity; rows outside
// the picture are a row of zeros.
sealed unsafe class RowRing
{
    readonly AlignedFloats values;
    readonly float* zeroRow;
    readonly int capacity;
    readonly int rowLength;

    public RowRing(int capacity, int width, int channels)
    {
        this.capacity = capacity;
        Channels = channels;
        rowLength = width * channels;
        values = new AlignedFloats((long)rowLength * (capacity + 1));
        zeroRow = values.Pointer + (long)capacity * rowLength;
    }

    public int Channels { get; }

    public float* Pixel(int y, int x) => values.Pointer + (long)(y % capacity) * rowLength + (long)x * Channels;

    /// <summary>Column x of rows y - dilation, y, y + dilation; zeros for rows outside [0, height).</summary>
    public RowTriple Rows(int y, int x, int dilation, int height) => new()
    {
        Above = y - dilation < 0 ? zeroRow + (long)x * Channels : Pixel(y - dilation, x),
        Middle = Pixel(y, x),
        Below = y + dilation >= height ? zeroRow + (long)x * Channels : Pixel(y + dilation, x),
    };

    public void Clear() => values.Span.Clear();
}
