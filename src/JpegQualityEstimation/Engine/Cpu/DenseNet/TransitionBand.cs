using JpegQualityEstimation.Engine.Ops;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// TransitionBand: 32 tiles of a window on their way from one block's planes to the next one's, in training. A band is [channels][128]:
// either the means of the four quarters of each tile, [row of tiles][quarter][tile], or one quarter's four pixels, [row of tiles][pixel][tile].
readonly unsafe ref struct TransitionBand
{
    const int Width = DenseNet40Scratch.BandWidth;
    readonly DenseNet40State state;
    readonly int window;
    readonly int inGroup;
    readonly int first;

    public TransitionBand(DenseNet40State state, int block, int window, int part)
    {
        (this.state, Block, this.window) = (state, block, window);
        int group = DenseNet40State.GroupOf(block);
        TilePlanes planes = state.Values[Block][window / group];
        first = part * DenseNet40Window.TransitionLanes;
        inGroup = window % group * (planes.Count / group);
        Values = planes.Chunk(0, inGroup + first);
        Gradients = state.Gradients[Block][window / group].Chunk(0, inGroup + first);
        Lanes = planes.Lanes(inGroup + first, DenseNet40Window.TransitionLanes);
    }

    public int Block { get; }

    public TileChunk Values { get; }

    public TileChunk Gradients { get; }

    public TileLanes Lanes { get; }

    /// <summary>Pixel 0 to 3 of a quarter in a row of tiles.</summary>
    public PlaneRows Phase(in TileChunk chunk, int row, int quarter, int pixel)
    {
        int phase = (quarter / 2 * 2 + pixel / 2) * 4 + quarter % 2 * 2 + pixel % 2;
        return new PlaneRows(chunk.At(row, 0) + phase * chunk.PhaseStride, chunk.ChannelStride, 0);
    }

    /// <summary>The mask of a quarter's pixels.</summary>
    public void Drop(in DropoutMask mask, int quarter, int channels, AlignedFloats band)
    {
        TilePlanes planes = state.Values[Block][0];
        Span<uint> rows = stackalloc uint[Width], columns = stackalloc uint[Width];
        for (int i = 0; i < Width; i++)
        {
            int pixel = i / Lanes.Width % 4, tile = first + i / (4 * Lanes.Width) * Lanes.Width + i % Lanes.Width;
            rows[i] = (uint)(tile / planes.Tiles * 4 + quarter / 2 * 2 + pixel / 2);
            columns[i] = (uint)(tile % planes.Tiles * 4 + quarter % 2 * 2 + pixel % 2);
        }
        for (int k = 0; k < channels; k++)
            mask.Apply(band.Span.Slice(k * Width, Width), rows, columns, k, channels, 4 * planes.Tiles);
    }

    /// <summary>means[c][row][quarter][tile] = mean over pixels of values[c][row][pixel][tile].</summary>
    public void MeanOfQuarter(AlignedFloats values, int channels, int quarter, AlignedFloats means)
    {
        int width = Lanes.Width;
        for (int row = 0; row < channels * Lanes.Rows; row++)
        {
            float* from = values.Pointer + row * 4 * width;
            float* to = means.Pointer + (row * 4 + quarter) * width;
            for (int x = 0; x < width; x++)
                to[x] = (from[x] + from[x + width] + (from[x + 2 * width] + from[x + 3 * width])) * 0.25f;
        }
    }

    /// <summary>values[c][row][pixel][tile] = a quarter of means[c][row][quarter][tile].</summary>
    public void QuarterOfMean(AlignedFloats means, int channels, int quarter, AlignedFloats values)
    {
        int width = Lanes.Width;
        for (int row = 0; row < channels * Lanes.Rows; row++)
        {
            float* from = means.Pointer + (row * 4 + quarter) * width;
            float* to = values.Pointer + row * 4 * width;
            for (int i = 0; i < 4; i++, to += width)
                for (int x = 0; x < width; x++)
                    to[x] = from[x] * 0.25f;
        }
    }

    /// <summary>Means to the next block's first channels.</summary>
    public void Spread(int channels, AlignedFloats means)
    {
        TilePlanes from = state.Values[Block][0], to = Next(state.Values);
        DenseNet40Window.Spread(from, to, first, Lanes, channels, means.Pointer, window % DenseNet40State.GroupOf(Block + 1));
    }

    /// <summary>Means' gradients from those of the next block's first channels: the adjoint of <see cref="Spread"/>.</summary>
    public void Gather(int channels, AlignedFloats means)
    {
        TilePlanes from = state.Values[Block][0], to = Next(state.Gradients);
        int rows = DenseNet40Window.TransitionLanes / from.Tiles;
        for (int i = 0; i < 4 * rows; i++)
        {
            int at = i / 4 * from.Tiles;
            float* value = means.Pointer + (at / Lanes.Width * 4 + i % 4) * Lanes.Width + at % Lanes.Width;
            float* even = to.At(2 * (first / from.Tiles + i / 4) + i % 4 / 2, i % 2, window % DenseNet40State.GroupOf(Block + 1));
            for (int k = 0; k < channels; k++, value += Width, even += to.ChannelStride)
                for (int t = 0; t < to.Tiles; t += 4)
                    EvenAndOdd.Join(even + t, even + t + 2 * to.PhaseStride, value + 2 * t);
        }
    }

    TilePlanes Next(TilePlanes[][] planes) => planes[Block + 1][window / DenseNet40State.GroupOf(Block + 1)];
}
