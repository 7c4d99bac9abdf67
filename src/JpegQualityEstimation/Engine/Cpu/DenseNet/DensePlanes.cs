using JpegQualityEstimation.Engine.Ops;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// DensePlanes: a concatenation buffer of one picture part, [y][c][x], that can slide down: rows that stay keep their
// values, new rows appear below.
sealed unsafe class DensePlanes
{
    readonly AlignedFloats values;
    readonly int slack;
    int top;

    /// <param name="channels">Channels.</param>
    /// <param name="width">Floats of a row of a channel, a multiple of 16.</param>
    /// <param name="height">Rows.</param>
    /// <param name="slack">Rows that it can slide before values are moved.</param>
    public DensePlanes(int channels, int width, int height, int slack = 0)
    {
        (Channels, Width, Height, this.slack) = (channels, width, height, slack);
        values = new AlignedFloats((long)(height + slack) * channels * width);
    }

    public int Channels { get; }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Rows of the channels from <paramref name="channel"/> on, row 0 being <paramref name="row"/>.</summary>
    public PlaneRows Rows(int channel = 0, int row = 0) =>
        new(values.Pointer + ((long)(top + row) * Channels + channel) * Width, Width, (long)Channels * Width);

    public void Slide(int rows)
    {
        top += rows;
        if (top <= slack)
            return;
        int rowLength = Channels * Width;
        values.Span.Slice(top * rowLength, (Height - rows) * rowLength).CopyTo(values.Span);
        top = 0;
    }
}
