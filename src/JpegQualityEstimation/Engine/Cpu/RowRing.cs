namespace JpegQualityEstimation.Engine.Cpu;

// RowRing: the last few rows of one layer's output, channels last, of the columns [origin, origin + width). Row y lives
// in slot y mod capacity; rows outside the picture are a row of zeros. Pointers are to column 0 of the picture: only
// the ring's columns may be touched through them. Columns that nobody writes, outside the picture, are zero.
sealed unsafe class RowRing(int channels)
{
    // Rows begin five cache lines apart modulo 4096 bytes, so that a column of a tile does not meet in one set of a cache.
    const int Page = 1024;
    const int Skew = 80;

    AlignedFloats values = new(0);
    int capacity;
    int origin;
    int width;
    int rowStride;

    public int Channels => channels;

    /// <summary>Starts over: other rows and columns. Columns [written, writtenEnd) hold anything until they are written.</summary>
    public void Reset(int rows, int firstColumn, int endColumn, int written, int writtenEnd)
    {
        capacity = rows;
        origin = firstColumn;
        width = endColumn - firstColumn;
        rowStride = (width * channels + Page - 1) / Page * Page + Skew;
        long length = (long)rowStride * (capacity + 1);
        if (values.Length < length)
            values = new AlignedFloats(length);
        new Span<float>(RowOrZeros(-1, 0) + firstColumn * channels, width * channels).Clear();
        for (int y = 0; y < capacity; y++)
        {
            Clear(y, firstColumn, written);
            Clear(y, writtenEnd, endColumn);
        }
    }

    public float* Row(int y) => Slot(y % capacity);

    /// <summary>Row y, or zeros where it lies outside [0, height).</summary>
    public float* RowOrZeros(int y, int height) => y < 0 || y >= height ? Slot(capacity) : Slot(y % capacity);

    void Clear(int y, int from, int to) => new Span<float>(Slot(y) + from * channels, (to - from) * channels).Clear();

    float* Slot(int slot) => values.Pointer + (long)slot * rowStride - (long)origin * channels;
}
