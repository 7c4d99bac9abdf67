using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// StripInput: 64 rows of pixels under a strip of windows (DenseNet40Strip), as a strip and as the windows' outermost
// columns. Zero outside the rows and, in the edges, outside the window; columns behind the picture are zero.
sealed unsafe class StripInput
{
    const int Size = DenseNet40Architecture.WindowSize;
    const int Windows = DenseNet40Strip.Windows;
    const int Border = 16;
    readonly PrimaryInput kind;
    readonly int channels;
    readonly int width;
    readonly int columns;
    readonly AlignedFloats strip;
    readonly AlignedFloats[] edges;
    readonly byte[] row;

    public StripInput(PrimaryInput kind, int width, int columns)
    {
        (this.kind, this.width, this.columns) = (kind, width, columns);
        channels = kind == PrimaryInput.Rgb ? 3 : 1;
        strip = new AlignedFloats((Size + 2) * channels * (width + Border) + Border);
        edges = [.. Enumerable.Range(0, 2).Select(_ => new AlignedFloats((Size + 2) * channels * (columns * Windows + Border) + Border))];
        row = new byte[3 * width];
    }

    public PlaneRows Strip => Rows(strip, width + Border);

    public PlaneRows Edge(int side) => Rows(edges[side], columns * Windows + Border);

    public void Load(PixelView picture, int top, int left)
    {
        int pixels = Math.Min(width, picture.Width - left);
        PlaneRows to = Strip;
        for (int y = 0; y < Size; y++)
        {
            WindowByWindowSource.CopyRow(picture.Crop(left, top + y, pixels, 1), row.AsSpan(0, 3 * pixels));
            row.AsSpan(3 * pixels).Clear();
            fixed (byte* rgb = row)
                WindowPixels.Row(rgb, width, kind, to.At(y), to.ChannelStride);
            for (int c = 0; c < channels; c++)
                for (int side = 0; side < 2; side++)
                {
                    float* from = to.At(y) + c * to.ChannelStride + (side == 0 ? 0 : Size - columns);
                    float* edge = Edge(side).At(y) + c * Edge(side).ChannelStride;
                    for (int x = 0; x < columns; x++)
                        for (int w = 0; w < Windows; w++)
                            edge[x * Windows + w] = from[w * DenseNet40Strip.Stride + x];
                }
        }
    }

    PlaneRows Rows(AlignedFloats values, int stride) => new(values.Pointer + Border + channels * stride, stride, channels * stride);
}
