namespace JpegQualityEstimation.Engine.Cpu;

// RowPool: rows of activations, channels last, of the columns [origin, end), which the layers of a picture hand on to each
// other: the row that was let go last is the next one taken, since it is still in a cache. Columns outside the picture
// hold zeros, and so does one row that nobody writes. Pointers are to column 0 of the picture.
sealed unsafe class RowPool(int channels)
{
    // Rows begin five cache lines apart modulo 4096 bytes, so that a column of a tile does not meet in one set of a cache.
    const int Page = 1024;
    const int Skew = 80;

    readonly List<AlignedFloats> rows = [];
    readonly Stack<nint> free = [];
    AlignedFloats zeros = new(0);
    int origin;
    int end;
    int written;
    int writtenEnd;
    int used;

    public int Channels => channels;

    public float* Zeros => At(zeros, 0);

    /// <summary>
    /// Starts over: other columns, no row taken. Columns [from, to) of a row hold anything until they are written. Rows that are made
    /// hold so many columns at least.
    /// </summary>
    public void Reset(int firstColumn, int endColumn, int from, int to, int columns)
    {
        (origin, end, written, writtenEnd) = (firstColumn, endColumn, from, to);
        free.Clear();
        used = 0;
        if (zeros.Length >= Length(end - origin))
            return;
        rows.Clear();
        zeros = new AlignedFloats(Length(Math.Max(end - origin, columns)));
    }

    public float* Take()
    {
        if (free.TryPop(out nint row))
            return (float*)row;
        if (used == rows.Count)
            rows.Add(new AlignedFloats(zeros.Length));
        float* taken = At(rows[used], ++used);
        Clear(taken, origin, written);
        Clear(taken, writtenEnd, end);
        return taken;
    }

    public void Return(float* row) => free.Push((nint)row);

    long Length(int columns) => (long)columns * channels + 2 * Page;

    float* At(AlignedFloats row, int index)
    {
        nint page = ((nint)row.Pointer + (Page * sizeof(float) - 1)) & ~(nint)(Page * sizeof(float) - 1);
        return (float*)page + index * Skew % Page - (long)origin * channels;
    }

    void Clear(float* row, int from, int to) => new Span<float>(row + from * channels, (to - from) * channels).Clear();
}
