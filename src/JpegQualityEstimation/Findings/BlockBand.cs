using System.Runtime.CompilerServices;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Findings;

// BlockBand: a rectangle of block positions of a picture: the coefficients of the block at each as codes round(8 |x|),
// whether it counts (BlockTexture), and a key for finding copies. Luma is rounded to integers.
// The key hashes the codes of the 63 AC coefficients: blocks that differ by a constant, or are mirrored, have one key.
// Not thread-safe.
sealed class BlockBand
{
    public const int MaxColumns = 256;
    public const int MaxRows = 8;

    const int Samples = MaxColumns + 7;

    readonly PhaseBand band;
    readonly BlockTexture texture = new(MaxColumns);
    readonly float[] luma = new float[Samples];
    readonly bool[] usable = new bool[MaxRows * MaxColumns];

    public BlockBand() =>
        band = new PhaseBand(new PhaseEvidenceOptions { Coefficients = 64, Bins = 1, Periods = 0 }, Samples, MaxRows + 7, Samples, CpuKernelSets.Chosen);

    /// <summary>Reads the blocks whose top left pixels are columns x .. x + columns - 1 of rows y .. y + rows - 1.</summary>
    public void Read(PixelView picture, int x, int y, int columns, int rows)
    {
        Span<float> row = luma.AsSpan(0, columns + 7);
        for (int i = 0; i < rows + 7; i++)
        {
            texture.Row(picture, i, y + i, x, row);
            band.Row(i, row);
            if (i < 7)
                continue;
            texture.Count(i, columns);
            ReadOnlySpan<short> counts = texture.Usable(columns);
            Span<bool> marks = usable.AsSpan((i - 7) * MaxColumns, columns);
            for (int j = 0; j < marks.Length; j++)
                marks[j] = counts[j] != 0;
        }
    }

    /// <summary>Codes of one coefficient (zig-zag) of a row of positions.</summary>
    public ReadOnlySpan<ushort> Codes(int zigZag, int row) => band.Codes(zigZag, row);

    /// <summary>Which positions of a row count.</summary>
    public ReadOnlySpan<bool> Usable(int row) => usable.AsSpan(row * MaxColumns, MaxColumns);

    /// <summary>Keys of positions of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
}
