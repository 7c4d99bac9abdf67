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
// times that in narrow tiles. A group is a step of the team, a member's part of it the same columns in all layers: what he
// reads and writes he wrote and read before, which counts where the members' cores share no cache. Winograd groups start at
// multiples of their height in the picture, and so do their columns, so that no result depends on the seams.
// Layer l covers what layer l + 1 looks at, widened to whole groups, cut at the picture's edge; what lies beyond the
// edge stays zero, which is the zero padding of the paper's network.
sealed unsafe class QualityTileWorker : ITeamWork
{
    const int Layers = QualityArchitecture.Layers;
    const int DirectRows = 8;
    const int PixelRows = 32;

    /// <summary>Columns beyond a tile of many that its layers look at, each widened to whole groups, at most.</summary>
    const int Beyond = 96;
    const int TileSide = 6;
    const int PixelsAtOnce = 12;

    /// <summary>Rows of an item of the layers that are not tiled.</summary>
    const int RowsAtOnce = 4;

    /// <summary>Columns of a group row a member, below which groups get higher: a step then takes long beside its end.</summary>
    const int ColumnsForMember = 128;

    const int HighestMultiple = 8;

    readonly Conv3x3Ops ops;
    readonly QualityWeights weights;
    readonly WorkTeam team;
    readonly int tileWidth;
    readonly Winograd6x6Scratch[] scratch;
    readonly AlignedFloats[] pairs;
    readonly RowPool pixels = new(4);
    readonly RowPool activations = new(64);
    readonly RowRing[] rings = new RowRing[Layers];
    readonly int[] group = new int[Layers + 1];
    readonly int[] next = new int[Layers + 1];
    readonly int[] first = new int[Layers + 1];
    readonly int[] end = new int[Layers + 1];
    readonly int[] partEnds;
    QualityPass pass;
    int layer;
    int stepTop;
    int stepBottom;

    public QualityTileWorker(Conv3x3Ops ops, QualityWeights weights, int tileWidth, int members)
    {
        this.ops = ops;
        this.weights = weights;
        this.tileWidth = tileWidth;
        team = new WorkTeam(members);
        partEnds = new int[members];
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
            group[l] = multiple * (IsTiled(l) ? TileSide * Dilation(l) : l == 0 ? PixelRows : DirectRows);
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
            pool.Reset(left, right, Math.Max(0, left), Math.Min(pass.Width, right), pass.Width > tileWidth ? tileWidth + 2 * Beyond : 0);
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
        for (int part = 0, items = 0; part < partEnds.Length; part++)
            partEnds[part] = items += IsTiled(l) ? Groups(part) : (bottom - top + RowsAtOnce - 1) / RowsAtOnce;
        team.RunParts(this, partEnds);
        if (l > 0)
            rings[l - 1].Drop(bottom - Dilation(l));
    }

    void ITeamWork.Do(int item, int member)
    {
        int part = 0;
        while (item >= partEnds[part])
            part++;
        if (part > 0)
            item -= partEnds[part - 1];
        if (IsTiled(layer))
            ComputeTiles(part, item, scratch[member]);
        else
            for (int y = stepTop + item * RowsAtOnce; y < Math.Min(stepBottom, stepTop + (item + 1) * RowsAtOnce); y++)
                ComputeRow(y, PartColumn(part), PartColumn(part + 1), pairs[member].Pointer);
    }

    int PartColumn(int part)
    {
        int width = end[layer] - first[layer];
        return first[layer] + (part == partEnds.Length ? width : (int)((long)width * part / partEnds.Length / PixelsAtOnce) * PixelsAtOnce);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void ComputeRow(int y, int x, int endColumn, float* pair)
    {
        int width = endColumn - x;
        if (width == 0)
            return;
        if (layer == 0)
        {
            PixelConversion.Row(pass.View, y, x, width, rings[0].Row(y) + 4 * x);
            return;
        }
        int dilation = Dilation(layer);
        RowRing input = rings[layer - 1];
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

    int TilesInPhase() => ops.LargeTilesInRow(Dilation(layer), first[layer], end[layer]) / Dilation(layer);

    // Rows of tiles of a step, a column phase each.
    int Phases()
    {
        int dilation = Dilation(layer);
        int height = stepBottom - stepTop;
        return (height / (TileSide * dilation) * dilation + Math.Min(dilation, height % (TileSide * dilation))) * dilation;
    }

    // Parts are equal to a tile: the first tile of a part in a phase, which is the same or one less in later phases.
    static int Cut(long tiles, int parts, int part, int phase, int phases) => (int)((tiles * part / parts + phases - 1 - phase) / phases);

    int PartTiles(int part)
    {
        long tiles = (long)Phases() * TilesInPhase();
        return (int)(tiles * (part + 1) / partEnds.Length - tiles * part / partEnds.Length);
    }

    // A part's items: as few groups as its tiles need.
    int Groups(int part) => (PartTiles(part) + Winograd6x6Scratch.Slots - 1) / Winograd6x6Scratch.Slots;

    // Items are whole blocks of tiles, but for the last.
    static int FirstTile(int item, int items, int tiles)
    {
        int blocks = (tiles + WinogradScratch.TilesAtOnce - 1) / WinogradScratch.TilesAtOnce;
        return Math.Min(tiles, (int)((long)blocks * item / items) * WinogradScratch.TilesAtOnce);
    }

    // An equal share of a part's tiles, phase by phase.
    void ComputeTiles(int part, int item, Winograd6x6Scratch mine)
    {
        int dilation = Dilation(layer);
        float* packed = weights.Forward(layer - 1);
        float* bias = weights.Bias(layer - 1);
        float** from = stackalloc float*[TileSide + 2];
        float** then = stackalloc float*[TileSide + 2];
        float** to = stackalloc float*[TileSide];
        int phases = Phases();
        int inPhase = TilesInPhase();
        long tiles = (long)phases * inPhase;
        int firstTile = FirstTile(item, Groups(part), PartTiles(part));
        int endTile = FirstTile(item + 1, Groups(part), PartTiles(part));
        for (int phase = 0, before = 0; before < endTile; phase++)
        {
            int start = Cut(tiles, partEnds.Length, part, phase, phases);
            int count = Cut(tiles, partEnds.Length, part + 1, phase, phases) - start;
            int tile = start + Math.Max(0, firstTile - before);
            int until = start + Math.Min(count, endTile - before);
            before += count;
            if (tile >= until)
                continue;
            Rows(phase, from, to);
            int inRow = phase % dilation * inPhase;
            int thenTile = 0;
            if (before < endTile)
            {
                Rows(phase + 1, then, null);
                thenTile = (phase + 1) % dilation * inPhase + Cut(tiles, partEnds.Length, part, phase + 1, phases);
            }
            ops.ForwardLargeTiles(
                from, before < endTile ? then : null, thenTile, dilation, first[layer], end[layer], inRow + tile, inRow + until, packed, bias, to, mine);
        }
        ops.FlushForwardLargeTiles(dilation, packed, bias, mine);
    }

    // What the tiles of a phase look at and write.
    void Rows(int phase, float** from, float** to)
    {
        int dilation = Dilation(layer);
        int row = phase / dilation;
        int y = stepTop + row / dilation * TileSide * dilation + row % dilation;
        for (int i = 0; i < TileSide + 2; i++)
            from[i] = rings[layer - 1].RowOrZeros(y + (i - 1) * dilation, pass.Height);
        for (int i = 0; i < TileSide && to != null; i++)
            to[i] = y + i * dilation < pass.Height ? rings[layer].Row(y + i * dilation) : null;
    }
}
