namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// TileRing: rows of tiles of 4x4 pixels that slide down, [tile row][c][16 phases][lanes] (TileChunk). Rows lie in a ring, so that
// sliding moves nothing: rows that stay keep their values, new rows appear below with those of the rows that went.
sealed unsafe class TileRing(int rows, int channels, int lanes)
{
    readonly AlignedFloats values = new((long)rows * channels * 16 * lanes);
    int top;

    public int Rows { get; } = rows;

    /// <summary>Floats from one phase of a channel to the next.</summary>
    public int Lanes { get; } = lanes;

    /// <summary>Lane 0 of phase 0.</summary>
    public float* Row(int row, int channel = 0) => values.Pointer + ((long)((top + row) % Rows) * channels + channel) * 16 * Lanes;

    public void Slide(int by) => top = (top + by) % Rows;
}
