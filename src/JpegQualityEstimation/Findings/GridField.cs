using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Findings;

// GridField: is there an 8x8 grid, and where, all over a picture?
//   ResidueRows   every block position                     -> residue, 1 or 0
//   tiles         16x16 positions, four of each phase      -> sums [64] of both
//   windows       3x3 tiles (48x48 positions), cut at the borders, one for each tile -> GridWindow
// and, over all blocks of the picture, sums of residues at the 64 phases: least at the grid even where it is too coarse
// for windows to tell.
// Work goes by bands of tile rows, each with the tile rows beside it computed again; bands are fixed, hence threads change
// nothing. Memory, kept from picture to picture: windows 20 bytes a tile; a band's tiles for each thread. One picture at a time.
sealed class GridField
{
    public const int Tile = 16;

    const int BandTiles = 16;
    const int Phases = GridOrigin.Count;

    readonly Idle<GridFieldBand> idleBands = new();
    readonly List<Totals> totals = [];
    GridWindow[] windows = [];

    /// <summary>Tiles from top to bottom.</summary>
    public int Rows { get; private set; }

    public int Columns { get; private set; }

    /// <summary>[rows, columns].</summary>
    public ReadOnlySpan<GridWindow> Windows => windows.AsSpan(0, Rows * Columns);

    /// <summary>Phase of the least residue over all blocks, whether they count or not.</summary>
    public int LeastPhase { get; private set; }

    /// <summary>All blocks that count.</summary>
    public GridWindow Whole { get; private set; }

    /// <summary>The window around a pixel.</summary>
    public ref readonly GridWindow At(int row, int column) => ref windows[Index(row, column)];

    /// <summary>Its place among <see cref="Windows"/>.</summary>
    public int Index(int row, int column) => Math.Min(row / Tile, Rows - 1) * Columns + Math.Min(column / Tile, Columns - 1);

    /// <param name="picture">At least 15x15 pixels, pinned or not moved during the call.</param>
    /// <param name="threads">At most so many.</param>
    /// <param name="cancellation">Looked at a band at a time.</param>
    public static GridField Of(PixelView picture, int threads, CancellationToken cancellation)
    {
        var field = new GridField();
        field.Read(picture, threads, cancellation);
        return field;
    }

    /// <inheritdoc cref="Of"/>
    public unsafe void Read(PixelView picture, int threads, CancellationToken cancellation)
    {
        (Rows, Columns) = ((picture.Height - 7 + Tile - 1) / Tile, (picture.Width - 7 + Tile - 1) / Tile);
        if (windows.Length < Rows * Columns)
            windows = new GridWindow[Rows * Columns];
        int bands = (Rows + BandTiles - 1) / BandTiles;
        while (totals.Count < bands)
            totals.Add(new Totals());
        fixed (byte* bytes = picture.Pixels)
        {
            var pinned = new PinnedPixels(bytes, picture.Pixels.Length, picture.Width, picture.Height, picture.Stride, picture.Format);
            RowBands.Run(bands, threads, band =>
            {
                if (cancellation.IsCancellationRequested)
                    return;
                GridFieldBand room = idleBands.Take();
                Band(pinned.View, band * BandTiles, Math.Min(Rows, (band + 1) * BandTiles), room, totals[band]);
                idleBands.Return(room);
            });
        }
        cancellation.ThrowIfCancellationRequested();
        Conclude(bands, picture.Width - 7, picture.Height - 7);
    }

    unsafe void Band(PixelView picture, int first, int end, GridFieldBand room, Totals totals)
    {
        int top = Math.Max(0, first - 1), bottom = Math.Min(Rows, end + 1);
        room.Begin(bottom - top, Columns * Phases);
        Span<float> residues = room.Residues, blocks = room.Blocks;
        totals.Clear();
        ResidueRows rows = room.Rows;
        int positionsX = picture.Width - 7, firstRow = top * Tile, rowsEnd = Math.Min(bottom * Tile, picture.Height - 7);
        fixed (float* residueTiles = residues, blockTiles = blocks)
        {
            for (int x = 0; x < positionsX; x += ResidueRows.MaxPositions)
            {
                int positions = Math.Min(ResidueRows.MaxPositions, positionsX - x);
                for (int y = firstRow; y < rowsEnd + 7; y++)
                {
                    if (!rows.Row(picture, y - firstRow, y, x, positions))
                        continue;
                    int row = y - 7, own = row / Tile;
                    int at = ((own - top) * Columns + x / Tile) * Phases + (row & 7) * 8;
                    Vector256<float> all = Add(rows.Residues, rows.Counts, positions, residueTiles + at, blockTiles + at);
                    if (own >= first && own < end)
                        totals.AddRow(row & 7, all);
                }
            }
        }
        GC.KeepAlive(rows);
        for (int own = first; own < end; own++)
            WindowRow(room, own, top, bottom);
        for (int t = (first - top) * Columns * Phases; t < (end - top) * Columns * Phases; t++)
            totals.Add(t % Phases, residues[t], blocks[t]);
    }

    // A row of positions to eight phases of tiles; two groups of eight a tile. Returns the sums of all.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static unsafe Vector256<float> Add(float* residue, float* count, int positions, float* residueTiles, float* blockTiles)
    {
        Vector256<float> all = Vector256<float>.Zero;
        for (int x = 0; x < positions; x += 8)
        {
            Vector256<float> value = Vector256.Load(residue + x), one = Vector256.Load(count + x);
            int tile = x / Tile * Phases;
            (Vector256.Load(residueTiles + tile) + value * one).Store(residueTiles + tile);
            (Vector256.Load(blockTiles + tile) + one).Store(blockTiles + tile);
            all += value;
        }
        return all;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void WindowRow(GridFieldBand room, int own, int top, int bottom)
    {
        int from = Math.Max(top, own - 1) - top, to = Math.Min(bottom, own + 2) - top;
        int row = Columns * Phases;
        Span<float> residues = room.Residues, blocks = room.Blocks, sums = room.RowResidues, counts = room.RowBlocks;
        sums.Clear();
        counts.Clear();
        for (int t = from; t < to; t++)
        {
            Accumulate(residues.Slice(t * row, row), sums);
            Accumulate(blocks.Slice(t * row, row), counts);
        }
        Span<float> sum = stackalloc float[Phases], count = stackalloc float[Phases];
        for (int column = 0; column < Columns; column++)
        {
            int left = Math.Max(0, column - 1) * Phases, end = Math.Min(Columns, column + 2) * Phases;
            sum.Clear();
            count.Clear();
            for (int at = left; at < end; at += Phases)
            {
                Accumulate(sums.Slice(at, Phases), sum);
                Accumulate(counts.Slice(at, Phases), count);
            }
            windows[own * Columns + column] = GridWindow.Of(sum, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Accumulate(ReadOnlySpan<float> from, Span<float> to)
    {
        ReadOnlySpan<Vector128<float>> terms = MemoryMarshal.Cast<float, Vector128<float>>(from);
        Span<Vector128<float>> sums = MemoryMarshal.Cast<float, Vector128<float>>(to);
        for (int i = 0; i < terms.Length && i < sums.Length; i++)
            sums[i] += terms[i];
    }

    void Conclude(int bands, int positionsX, int positionsY)
    {
        var all = new Totals();
        for (int band = 0; band < bands; band++)
            all.Add(totals[band]);
        Span<float> residues = stackalloc float[Phases], blocks = stackalloc float[Phases];
        double least = double.PositiveInfinity;
        LeastPhase = 0;
        for (int p = 0; p < Phases; p++)
        {
            residues[p] = (float)all.Residues[p];
            blocks[p] = (float)all.Blocks[p];
            long positions = (long)OfPhase(positionsX, p % 8) * OfPhase(positionsY, p / 8);
            if (positions > 0 && all.Every[p] / positions < least)
                (LeastPhase, least) = (p, all.Every[p] / positions);
        }
        Whole = GridWindow.Of(residues, blocks);
    }

    /// <summary>Positions first, first + 8, .. below length.</summary>
    static int OfPhase(int length, int first) => (length - first + 7) / 8;

    sealed class Totals
    {
        public double[] Residues { get; } = new double[Phases];

        public double[] Blocks { get; } = new double[Phases];

        public double[] Every { get; } = new double[Phases];

        public void Clear()
        {
            Residues.AsSpan().Clear();
            Blocks.AsSpan().Clear();
            Every.AsSpan().Clear();
        }

        public void AddRow(int row, Vector256<float> line)
        {
            for (int i = 0; i < 8; i++)
                Every[row * 8 + i] += line[i];
        }

        public void Add(int phase, float residue, float blocks)
        {
            Residues[phase] += residue;
            Blocks[phase] += blocks;
        }

        public void Add(Totals other)
        {
            for (int p = 0; p < Phases; p++)
            {
                Residues[p] += other.Residues[p];
                Blocks[p] += other.Blocks[p];
                Every[p] += other.Every[p];
            }
        }
    }
}
