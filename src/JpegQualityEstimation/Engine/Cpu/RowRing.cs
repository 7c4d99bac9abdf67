namespace JpegQualityEstimation.Engine.Cpu;

// RowRing: the last few rows of one layer's output, channels last, of the columns [origin, origin + width). Row y lives
// in slot y mod capacity; rows outside the picture are a row of zeros. Pointers are to column 0 of the picture: only
// the ring's columns may be touched through them. Columns outside the picture are zero as long as nothing writes there.
sealed unsafe class RowRing
{
    readonly AlignedFloats values;
    readonly int capacity;
    readonly int maxWidth;
    int origin;
    int width;

    public RowRing(int capacity, int maxWidth, int channels)
    {
        this.capacity = capacity;
        this.maxWidth = maxWidth;
        Channels = channels;
        values = new AlignedFloats((long)maxWidth * channels * (capacity + 1));
    }

    public int Channels { get; }

    /// <summary>Starts over, all zeros, with other columns.</summary>
    public void Reset(int firstColumn, int endColumn)
    {
        origin = firstColumn;
        width = endColumn - firstColumn;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, maxWidth, nameof(endColumn));
        values.Span[..(width * Channels * (capacity + 1))].Clear();
    }

    public float* Row(int y) => Slot(y % capacity);

    /// <summary>Row y, or zeros where it lies outside [0, height).</summary>
    public float* RowOrZeros(int y, int height) => y < 0 || y >= height ? Slot(capacity) : Slot(y % capacity);

    float* Slot(int slot) => values.Pointer + ((long)slot * width - origin) * Channels;
}
