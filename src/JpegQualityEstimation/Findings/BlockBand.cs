using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Findings;

// BlockBand: a rectangle of block positions of a picture: the coefficients of the block at each as codes round(8 |x|),
// whether it counts, and a key for finding copies. Left out are blocks
//   with a clipped sample (0 or 255 in any channel), where the rounding noise is not what it should be;
//   without texture in both directions: fewer than MinimumCurved second differences of luma of at least 2, along rows or
//   along columns. Where a block is flat or a ramp its samples round alike, and the noise gathers in a few coefficients.
// Luma is rounded to integers (CombTest says why). The key hashes the codes of the 63 AC coefficients: blocks that differ
// by a constant, or are mirrored, have one key. Not thread-safe.
sealed class BlockBand
{
    public const int MaxColumns = 256;
    public const int MaxRows = 8;

    const int MinimumCurved = 4;
    const int MinimumCurvature = 2;
    const int Samples = MaxColumns + 7;

    readonly PhaseBand band;
    readonly float[] luma = new float[(MaxRows + 7) * Samples];
    readonly bool[] clipped = new bool[(MaxRows + 7) * Samples];
    readonly bool[] usable = new bool[MaxRows * MaxColumns];
    readonly int[] clippedColumns = new int[Samples];
    readonly int[] acrossColumns = new int[Samples];
    readonly int[] downColumns = new int[Samples];

    public BlockBand() =>
        band = new PhaseBand(new PhaseEvidenceOptions { Coefficients = 64, Bins = 1, Periods = 0 }, Samples, MaxRows + 7, Samples, CpuKernelSets.Chosen);

    /// <summary>Reads the blocks whose top left pixels are columns x .. x + columns - 1 of rows y .. y + rows - 1.</summary>
    public void Read(PixelView picture, int x, int y, int columns, int rows)
    {
        int width = columns + 7;
        for (int i = 0; i < rows + 7; i++)
        {
            Span<float> row = luma.AsSpan(i * Samples, width);
            LumaRows.Row(picture, y + i, x, row);
            for (int j = 0; j < width; j++)
                row[j] = MathF.Floor(row[j] + 0.5f);
            Clipped(picture, x, y + i, clipped.AsSpan(i * Samples, width));
            band.Row(i, row);
        }
        for (int i = 0; i < rows; i++)
            Mark(i, columns);
    }

    /// <summary>Codes of one coefficient (zig-zag) of a row of positions.</summary>
    public ReadOnlySpan<ushort> Codes(int zigZag, int row) => band.Codes(zigZag, row);

    /// <summary>Which positions of a row count.</summary>
    public ReadOnlySpan<bool> Usable(int row) => usable.AsSpan(row * MaxColumns, MaxColumns);

    /// <summary>Keys of positions of a row.</summary>
    public void Keys(int row, ReadOnlySpan<int> positions, Span<ulong> keys)
    {
        keys.Clear();
        for (int k = 1; k < 64; k++)
        {
            ReadOnlySpan<ushort> codes = Codes(k, row);
            for (int n = 0; n < positions.Length; n++)
                keys[n] = (keys[n] + codes[positions[n]]) * 0x9E3779B97F4A7C15 ^ keys[n] >> 29;
        }
    }

    static void Clipped(PixelView picture, int x, int y, Span<bool> clipped)
    {
        (int step, int channels) = picture.Format switch
        {
            PixelFormat.Gray8 => (1, 1),
            PixelFormat.Rgb24 or PixelFormat.Bgr24 => (3, 3),
            _ => (4, 3),
        };
        ReadOnlySpan<byte> row = picture.Row(y).Slice(x * step, clipped.Length * step);
        for (int i = 0; i < clipped.Length; i++, row = row[step..])
        {
            bool any = false;
            for (int c = 0; c < channels; c++)
                any |= (byte)(row[c] + 1) <= 1;
            clipped[i] = any;
        }
    }

    // Columns of eight rows first, then eight columns at a time; a second difference counts where all three samples of
    // it lie in the block.
    void Mark(int row, int columns)
    {
        int width = columns + 7;
        clippedColumns.AsSpan(0, width).Clear();
        acrossColumns.AsSpan(0, width).Clear();
        downColumns.AsSpan(0, width).Clear();
        for (int i = 0; i < 8; i++)
        {
            int at = (row + i) * Samples;
            for (int j = 0; j < width; j++)
                clippedColumns[j] += clipped[at + j] ? 1 : 0;
            for (int j = 1; j < width - 1; j++)
                acrossColumns[j] += IsCurved(luma[at + j - 1], luma[at + j], luma[at + j + 1]);
            if (i is > 0 and < 7)
                for (int j = 0; j < width; j++)
                    downColumns[j] += IsCurved(luma[at + j - Samples], luma[at + j], luma[at + j + Samples]);
        }
        for (int x = 0; x < columns; x++)
        {
            int clips = 0, down = 0, across = 0;
            for (int j = 0; j < 8; j++)
            {
                clips += clippedColumns[x + j];
                down += downColumns[x + j];
                across += j is > 0 and < 7 ? acrossColumns[x + j] : 0;
            }
            usable[row * MaxColumns + x] = clips == 0 && Math.Min(down, across) >= MinimumCurved;
        }
    }

    static int IsCurved(float before, float at, float after) => MathF.Abs(2 * at - before - after) >= MinimumCurvature ? 1 : 0;
}
