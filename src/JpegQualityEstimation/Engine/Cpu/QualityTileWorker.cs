using System.Runtime.CompilerServices;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu;

/// <summary>Columns [Left, Right) and rows [Top, Bottom) of the maps.</summary>
readonly record struct QualityTile(int Left, int Right, int Top, int Bottom);

// QualityTileWorker: the seven layers over one tile, a few rows at a time, by a team of threads. Layer 0 is the picture,
// layer l = 1..7 the output of convolution l. A layer's rows are computed when the next layer first asks for them, in
// groups: 6 * dilation rows (one row of 6x6 tiles of each phase) of a Winograd layer, eight rows of the others, several
// times that in narrow tiles. A group is a step of the team. Winograd groups start at multiples of their height in the
// picture, and so do their columns, so that no result depends on the seams.
// Layer l covers what layer l + 1 looks at, widened to whole groups, cut at the picture's edge; what lies beyond the
// edge stays zero, which is the zero padding of the paper's network.
sealed unsafe class QualityTileWorker : ITeamWork
{
    const int Layers = QualityArchitecture.Layers;
    const int DirectRows = 8;
    const int TileSide = 6;

    /// <summary>Columns of a group row a member, below which groups get higher: a step then takes long beside its end.</summary>
    const int ColumnsForMember = 128;

    const int HighestMultiple = 8;

    readonly Conv3x3Ops ops;
    readonly QualityWeights weights;
    readonly WorkTeam team;
    readonly Winograd6x6Scratch[] scratch;
    readonly AlignedFloats[] pairs;
    readonly RowPool pixels = new(4);
    readonly RowPool activations = new(64);
    readonly RowRing[] rings = new RowRing[Layers];
    readonly int[] group = new int[Layers + 1];
    readonly int[] next = new int[Layers + 1];
    readonly int[] first = new int[Layers + 1];
    readonly int[] end = new int[Layers + 1];
    QualityPass pass;
    int layer;
    int stepTop;
    int stepBottom;
    int stepItems;

    public QualityTileWorker(Conv3x3Ops ops, QualityWeights weights, int tileWidth, int members)
    {
        this.ops = ops;
        this.weights = weights;
        team = new WorkTeam(members);
        scratch = new Winograd6x6Scratch[members];
        pairs = new AlignedFloats[members];
        for (int i = 0; i < members; i++)
        {
            scratch[i] = new Winograd6x6Scratch();
            pairs[i] = new AlignedFloats(2L * tileWidth);
        }
        for (int l = 0; l < Layers; l++)
            rings[l] = new RowRing(l == 0 ? pixels : activations);
    }

    /// <summary>One tile of a picture's maps.</summary>
    public void Run(QualityTile tile, in QualityPass picture, WorkProgress done, CancellationToken cancellation)
    {
        pass = picture;
        Cover(tile);
        team.Begin();
        try
        {
            for (int y = tile.Top; y < tile.Bottom; y = next[Layers])
            {
                cancellation.ThrowIfCancellationRequested();
                next[Layers] = Math.Min(tile.Bottom, y + group[Layers]);
                Step(Layers, y, next[Layers]);
                done.Add((next[Layers] - y) * (tile.Right - tile.Left));
            }
        }
        finally
        {
            team.End();
            pass = default;
        }
    }

    static int Dilation(int layer) => QualityArchitecture.Dilations[layer - 1];

    bool IsTiled(int l) => l > 0 && weights.IsTiled(l - 1);

    // From the last layer back: the columns that each layer computes, and the first row.
    void Cover(QualityTile tile)
    {
        int multiple = 1;
        while (multiple < HighestMultiple && multiple * (tile.Right - tile.Left) < ColumnsForMember * team.Members
            && multiple * DirectRows < tile.Bottom - tile.Top)
            multiple *= 2;
        for (int l = 0; l <= Layers; l++)
            group[l] = multiple * (IsTiled(l) ? TileSide * Dilation(l) : DirectRows);
        (first[Layers], end[Layers], next[Layers]) = (tile.Left, tile.Right, tile.Top);
        int left = tile.Left, right = tile.Right;
        for (int l = Layers - 1; l >= 0; l--)
        {
            int d = Dilation(l + 1);
            int lookedFrom = first[l + 1] - d;
            int lookedTo = (IsTiled(l + 1) ? Up(end[l + 1], TileSide * d) : end[l + 1]) + d;
            int step = IsTiled(l) ? TileSide * Dilation(l) : 1;
            first[l] = Down(Math.Max(0, lookedFrom), step);
            end[l] = Math.Min(pass.Width, Up(lookedTo, step));
            next[l] = Down(Math.Max(0, next[l + 1] - d), step);
            rings[l].Reset(group[l + 1] + 2 * d + group[l] - 1, next[l]);
            left = Math.Min(left, Math.Min(lookedFrom, first[l]));
            right = Math.Max(right, Math.Max(lookedTo, end[l]));
        }
        // What lies in the picture is computed before it is looked at.
        foreach (RowPool pool in (ReadOnlySpan<RowPool>)[pixels, activations])
            pool.Reset(left, right, Math.Max(0, left), Math.Min(pass.Width, right));
    }

    static int Down(int value, int step) => value / step * step;

    static int Up(int value, int step) => (value + step - 1) / step * step;

    // Rows [top, bottom) of a layer, after those of the layer below that they look at.
    void Step(int l, int top, int bottom)
    {
        if (l > 0)
        {
            int needed = Math.Min(pass.Height, bottom + Dilation(l));
            while (next[l - 1] < needed)
            {
                int y = next[l - 1];
                next[l - 1] = y + group[l - 1];
                Step(l - 1, y, Math.Min(pass.Height, y + group[l - 1]));
            }
        }
        if (l < Layers)
            rings[l].Extend(bottom);
        (layer, stepTop, stepBottom) = (l, top, bottom);
        stepItems = IsTiled(l) ? Groups() : bottom - top;
        team.Run(this, stepItems);
        if (l > 0)
            rings[l - 1].Drop(bottom - Dilation(l));
    }

    void ITeamWork.Do(int item, int member)
    {
        if (IsTiled(layer))
            ComputeTiles(item, scratch[member]);
        else
            ComputeRow(stepTop + item, pairs[member].Pointer);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void ComputeRow(int y, float* pair)
    {
        int width = end[layer] - first[layer];
        if (layer == 0)
        {
            PixelConversion.Row(pass.View, y, first[0], width, rings[0].Row(y) + 4 * first[0]);
            return;
        }
        int dilation = Dilation(layer);
        RowRing input = rings[layer - 1];
        int x = first[layer];
        int at = x * input.Channels;
        var rows = new RowTriple
        {
            Above = input.RowOrZeros(y - dilation, pass.Height) + at,
            Middle = input.Row(y) + at,
            Below = input.RowOrZeros(y + dilation, pass.Height) + at,
        };
        float* bias = weights.Bias(layer - 1);
        if (layer == 1)
        {
            ops.ForwardFromThree(rows, dilation, weights.Forward(0), bias, rings[1].Row(y) + x * 64, width);
            return;
        }
        if (layer < Layers)
        {
            ops.Forward(input.Channels, rows, dilation, weights.Forward(layer - 1), bias, rings[layer].Row(y) + x * 64, width);
            return;
        }
        ops.ForwardToTwo(rows, dilation, weights.Last, bias[0], bias[1], pair, width);
        float* degradation = pass.Degradation + (long)y * pass.Width + x;
        float* flag = pass.Flag + (long)y * pass.Width + x;
        for (int i = 0; i < width; i++)
            (degradation[i], flag[i]) = (pair[2 * i], pair[2 * i + 1]);
    }

    int Tiles()
    {
        int dilation = Dilation(layer);
        int height = stepBottom - stepTop;
        int rows = height / (TileSide * dilation) * dilation + Math.Min(dilation, height % (TileSide * dilation));
        return rows * ops.LargeTilesInRow(dilation, first[layer], end[layer]);
    }

    // A step's items: as few groups as its tiles need, as many for each member.
    int Groups()
    {
        int groups = (Tiles() + Winograd6x6Scratch.Slots - 1) / Winograd6x6Scratch.Slots;
        return (groups + team.Members - 1) / team.Members * team.Members;
    }

    // Items are whole blocks of tiles, but for the last.
    int FirstTile(int item)
    {
        int tiles = Tiles();
        int blocks = (tiles + WinogradScratch.TilesAtOnce - 1) / WinogradScratch.TilesAtOnce;
        return Math.Min(tiles, (int)((long)blocks * item / stepItems) * WinogradScratch.TilesAtOnce);
    }

    // An equal share of the step's tiles, row of tiles by row of tiles.
    void ComputeTiles(int item, Winograd6x6Scratch mine)
    {
        int dilation = Dilation(layer);
        RowRing output = rings[layer];
        float* packed = weights.Forward(layer - 1);
        float* bias = weights.Bias(layer - 1);
        float** from = stackalloc float*[TileSide + 2];
        float** then = stackalloc float*[TileSide + 2];
        float** to = stackalloc float*[TileSide];
        int inRow = ops.LargeTilesInRow(dilation, first[layer], end[layer]);
        int tile = FirstTile(item);
        int endTile = FirstTile(item + 1);
        while (tile < endTile)
        {
            int row = tile / inRow;
            int y = stepTop + row / dilation * TileSide * dilation + row % dilation;
            InputRows(row, from);
            for (int i = 0; i < TileSide; i++)
                to[i] = y + i * dilation < pass.Height ? output.Row(y + i * dilation) : null;
            int until = Math.Min(endTile - row * inRow, inRow);
            bool goesOn = row * inRow + until < endTile;
            if (goesOn)
                InputRows(row + 1, then);
            ops.ForwardLargeTiles(from, goesOn ? then : null, dilation, first[layer], end[layer], tile - row * inRow, until, packed, bias, to, mine);
            tile = row * inRow + until;
        }
        ops.FlushForwardLargeTiles(dilation, packed, bias, mine);
    }

    // What a step's row of tiles looks at.
    void InputRows(int row, float** rows)
    {
        int dilation = Dilation(layer);
        int y = stepTop + row / dilation * TileSide * dilation + row % dilation;
        for (int i = 0; i < TileSide + 2; i++)
            rows[i] = rings[layer - 1].RowOrZeros(y + (i - 1) * dilation, pass.Height);
    }
}
