using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Findings;

// StepHistograms: magnitudes of the 64 coefficients of the blocks of one grid, blocks spread over the picture, each of
// equal blocks once. Memory, kept from grid to grid: 2 MB and 24 bytes a block. One grid at a time.
sealed class StepHistograms
{
    public const int Codes = PhaseTables.LastCode + 1;

    const int BlocksAcross = BlockBand.MaxColumns / 8;

    readonly int[] counts = new int[64 * Codes];
    readonly HashSet<ulong> seen = [];

    /// <summary>Counts the blocks of a grid; what was counted before is forgotten.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="band">Room.</param>
    /// <param name="origin">Of the grid.</param>
    /// <param name="blocks">At most so many.</param>
    /// <param name="wanted">Whether the block with this row and column of its top left pixel is looked at; null: all are.</param>
    /// <param name="cancellation">Looked at every 32 blocks.</param>
    public void Read(
        PixelView picture, BlockBand band, GridOrigin origin, int blocks, Func<int, int, bool>? wanted, CancellationToken cancellation)
    {
        int columns = (picture.Width - origin.Column) / 8, down = (picture.Height - origin.Row) / 8;
        int across = (columns + BlocksAcross - 1) / BlocksAcross;
        var order = new SpreadOrder(checked(across * down));
        counts.AsSpan().Clear();
        seen.Clear();
        Blocks = 0;
        Span<int> positions = stackalloc int[BlocksAcross];
        Span<ulong> keys = stackalloc ulong[BlocksAcross];
        for (int cell = 0; cell < across * down && Blocks < blocks; cell++)
        {
            cancellation.ThrowIfCancellationRequested();
            int first = order[cell] % across * BlocksAcross, row = order[cell] / across;
            int count = Math.Min(BlocksAcross, columns - first);
            if (wanted is not null && !Any(wanted, origin, row, first, count))
                continue;
            band.Read(picture, origin.Column + 8 * first, origin.Row + 8 * row, 8 * count - 7, 1);
            ReadOnlySpan<bool> usable = band.Usable(0);
            int kept = 0;
            for (int n = 0; n < count; n++)
                if (usable[8 * n] && (wanted is null || wanted(origin.Row + 8 * row, origin.Column + 8 * (first + n))))
                    positions[kept++] = 8 * n;
            band.Keys(0, positions[..kept], keys[..kept]);
            int distinct = 0;
            for (int n = 0; n < kept; n++)
                if (seen.Add(keys[n]))
                    positions[distinct++] = positions[n];
            Blocks += distinct;
            for (int k = 0; k < 64; k++)
            {
                ReadOnlySpan<ushort> codes = band.Codes(k, 0);
                foreach (int i in positions[..distinct])
                    counts[k * Codes + codes[i]]++;
            }
        }
    }

    static bool Any(Func<int, int, bool> wanted, GridOrigin origin, int row, int first, int count)
    {
        for (int n = first; n < first + count; n++)
            if (wanted(origin.Row + 8 * row, origin.Column + 8 * n))
                return true;
        return false;
    }

    /// <summary>Blocks that were counted.</summary>
    public int Blocks { get; private set; }

    /// <summary>Histogram of one coefficient, zig-zag.</summary>
    public ReadOnlySpan<int> Of(int zigZag) => counts.AsSpan(zigZag * Codes, Codes);
}
