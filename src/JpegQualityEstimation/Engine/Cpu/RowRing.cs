namespace JpegQualityEstimation.Engine.Cpu;

// RowRing: the rows of one layer's output that are still read, out of a pool that the layers share. Rows outside the picture
// are a row of zeros. Pointers are to column 0 of the picture: only the pool's columns may be touched through them.
sealed unsafe class RowRing(RowPool pool)
{
    nint[] rows = [];
    int capacity;
    int first;
    int end;

    public int Channels => pool.Channels;

    /// <summary>Starts over at row y, after the pool; at most so many rows at a time.</summary>
    public void Reset(int most, int y)
    {
        capacity = most;
        first = end = y;
        if (rows.Length < most)
            rows = new nint[most];
    }

    /// <summary>Makes room for the rows up to y.</summary>
    public void Extend(int y)
    {
        for (; end < y; end++)
            rows[end % capacity] = (nint)pool.Take();
    }

    /// <summary>Lets go of the rows above y.</summary>
    public void Drop(int y)
    {
        for (; first < Math.Min(y, end); first++)
            pool.Return(Row(first));
    }

    public float* Row(int y) => (float*)rows[y % capacity];

    /// <summary>Row y, or zeros where it lies outside [0, height).</summary>
    public float* RowOrZeros(int y, int height) => y < 0 || y >= height ? pool.Zeros : Row(y);
}
