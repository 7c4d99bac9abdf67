namespace JpegQualityEstimation.Engine.Cpu;

// BorderedPlane: a square plane [size, size, channels] with zeros all round that nothing writes to: four pixels above,
// below and to the left, and on the right as far as the last tile of any dilation up to four looks; tiles of 4x4 or
// side x side outputs.
sealed unsafe class BorderedPlane
{
    const int Border = 4;

    readonly AlignedFloats values;
    readonly int size;
    readonly int rowStride;
    readonly float* origin;

    public BorderedPlane(int size, int channels, int side = 4)
    {
        this.size = size;
        Channels = channels;
        rowStride = (Border + size + ColumnsBeyond(size, side)) * channels;
        values = new AlignedFloats((long)rowStride * (size + 2 * Border));
        origin = values.Pointer + Border * rowStride + Border * channels;
    }

    public int Channels { get; }

    /// <summary>Pixel 0 of row y; rows from -4 to size + 3 are there.</summary>
    public float* Row(int y) => origin + (long)y * rowStride;

    public RowTriple Rows(int y, int dilation) =>
        new() { Above = Row(y - dilation), Middle = Row(y), Below = Row(y + dilation) };

    /// <summary>The side + 2 input rows of the tile row whose first output row is y; rows outside are a row of zeros.</summary>
    public void TileInputs(int y, int dilation, float** rows, int side = 4)
    {
        for (int i = 0; i < side + 2; i++)
        {
            int row = y + (i - 1) * dilation;
            rows[i] = row < 0 || row >= size ? Row(-1) : Row(row);
        }
    }

    /// <summary>The rows y, y + dilation, ..; null for rows outside.</summary>
    public void TileRows(int y, int dilation, float** rows, int side = 4)
    {
        for (int i = 0; i < side; i++)
        {
            int row = y + i * dilation;
            rows[i] = row >= size ? null : Row(row);
        }
    }

    /// <summary>The four rows y, y + dilation, ..; rows outside are a row of zeros.</summary>
    public void TileGradients(int y, int dilation, float** rows)
    {
        for (int i = 0; i < 4; i++)
        {
            int row = y + i * dilation;
            rows[i] = row >= size ? Row(-1) : Row(row);
        }
    }

    /// <summary>First output rows of all tile rows.</summary>
    public static List<int> TileStarts(int size, int dilation, int side = 4)
    {
        var starts = new List<int>();
        for (int phase = 0; phase < dilation; phase++)
            for (int y = phase; y < size; y += side * dilation)
                starts.Add(y);
        return starts;
    }

    static int ColumnsBeyond(int size, int side)
    {
        int beyond = Border;
        for (int dilation = 1; dilation <= 4; dilation++)
            beyond = Math.Max(beyond, TileStarts(size, dilation, side).Max() + side * dilation + 1 - size);
        return beyond;
    }
}
