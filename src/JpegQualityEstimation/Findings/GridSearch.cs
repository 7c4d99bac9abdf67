using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Findings;

// GridSearch: at which of the 64 origins are the coefficients quantized?
// All block positions of cells spread over the picture, until each origin has its share of blocks; each origin and
// coefficient a histogram of magnitudes below 128 and a comb test with steps 1..127. The p-value of a coefficient is the
// tail of its best step times the number of steps; Fisher's method makes them the p-value of an origin (coefficients of a
// block are nearly uncorrelated), times 64 origins the number of false alarms. In a picture whose values are few
// (posterized, enlarged by repetition, drawn), all origins are alike: the best must have twice the evidence of the median.
// An origin's evidence must mostly be the last compression's own: at the grid of an earlier one combs are wider (CombTest). Where
// no origin's is, the one with the most evidence does not stand by itself.
// Memory: 16 MiB of histograms. One thread; the same result for the same picture.
static class GridSearch
{
    const int Coefficients = 64;
    const int Codes = 128 * PhaseTables.CodesPerUnit;
    const int LargestStep = 127;

    // Of the coefficients with evidence at an origin, the share whose evidence must be the last compression's own.
    public const double OwnShare = 0.5;

    // One or two coefficients may happen to have few values, in smooth drawings.
    public const int FewestTraces = 3;

    // -ln of the p-value that is evidence: 0.01 false alarms of 64 coefficients of 64 origins.
    public static readonly double Evidence = Math.Log(64 * 64 / 0.01);

    public static GridEvidence Find(PixelView picture, BlockBand band, int blocks, CancellationToken cancellation)
    {
        var histograms = new int[GridOrigin.Count * Coefficients * Codes];
        Fill(picture, band, (long)blocks * GridOrigin.Count, histograms, cancellation);
        var test = new CombTest(LargestStep, Codes);
        var own = new double[GridOrigin.Count];
        var traces = new int[GridOrigin.Count];
        var ownTraces = new int[GridOrigin.Count];
        for (int origin = 0; origin < GridOrigin.Count; origin++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (int k = 0; k < Coefficients; k++)
            {
                (_, double tail, double anyTail) = test.Judge(histograms.AsSpan((origin * Coefficients + k) * Codes, Codes));
                own[origin] += Surprise(tail, LargestStep);
                ownTraces[origin] += Surprise(tail, LargestStep) >= Evidence ? 1 : 0;
                traces[origin] += Surprise(anyTail, LargestStep) >= Evidence ? 1 : 0;
            }
        }
        int best = 0;
        for (int origin = 1; origin < GridOrigin.Count; origin++)
            if ((IsOwn(origin), own[origin]).CompareTo((IsOwn(best), own[best])) > 0)
                best = origin;
        double[] sorted = [.. own.Order()];
        bool stands = IsOwn(best) && own[best] >= 2 * sorted[GridOrigin.Count / 2];
        return new GridEvidence(GridOrigin.At(best), FalseAlarmBounds.Fisher(own[best], Coefficients) + Math.Log10(GridOrigin.Count), stands, IsAlone());

        bool IsAlone()
        {
            for (int origin = 0; origin < GridOrigin.Count; origin++)
                if (origin != best && traces[origin] >= FewestTraces)
                    return false;
            return true;
        }

        bool IsOwn(int origin) => ownTraces[origin] >= Math.Max(FewestTraces, OwnShare * traces[origin]);
    }

    /// <summary>-ln of the p-value of the best of so many steps.</summary>
    public static double Surprise(double tail, int steps) => Math.Max(0, -(tail + Math.Log10(steps)) * Math.Log(10));

    static void Fill(PixelView picture, BlockBand band, long wanted, int[] histograms, CancellationToken cancellation)
    {
        int positionsX = picture.Width - 7, positionsY = picture.Height - 7;
        int across = (positionsX + BlockBand.MaxColumns - 1) / BlockBand.MaxColumns, down = (positionsY + 7) / 8;
        var order = new SpreadOrder(checked(across * down));
        var seen = new HashSet<ulong>[GridOrigin.Count];
        for (int origin = 0; origin < seen.Length; origin++)
            seen[origin] = [];
        Span<int> positions = stackalloc int[BlockBand.MaxColumns];
        Span<ulong> keys = stackalloc ulong[BlockBand.MaxColumns];
        for (int cell = 0; cell < across * down && wanted > 0; cell++)
        {
            cancellation.ThrowIfCancellationRequested();
            int x = order[cell] % across * BlockBand.MaxColumns, y = order[cell] / across * 8;
            int columns = Math.Min(BlockBand.MaxColumns, positionsX - x), rows = Math.Min(8, positionsY - y);
            band.Read(picture, x, y, columns, rows);
            for (int row = 0; row < rows; row++)
            {
                int count = 0;
                ReadOnlySpan<bool> usable = band.Usable(row);
                for (int i = 0; i < columns; i++)
                    if (usable[i])
                        positions[count++] = i;
                band.Keys(row, positions[..count], keys[..count]);
                int kept = 0;
                for (int n = 0; n < count; n++)
                    if (seen[row * 8 + positions[n] % 8].Add(keys[n]))
                        positions[kept++] = positions[n];
                wanted -= kept;
                for (int k = 0; k < Coefficients; k++)
                {
                    ReadOnlySpan<ushort> codes = band.Codes(k, row);
                    foreach (int i in positions[..kept])
                        if (codes[i] < Codes)
                            histograms[((row * 8 + i % 8) * Coefficients + k) * Codes + codes[i]]++;
                }
            }
        }
    }
}

/// <summary>The best origin.</summary>
/// <param name="Origin">Of the grid.</param>
/// <param name="FalseAlarms">log10 of its number of false alarms.</param>
/// <param name="Stands">Whether it stands out from the other origins, and its combs are as narrow as the last compression's.</param>
/// <param name="IsAlone">Whether no other has coefficients with evidence, be their combs as wide as they may.</param>
readonly record struct GridEvidence(GridOrigin Origin, double FalseAlarms, bool Stands, bool IsAlone = true);
