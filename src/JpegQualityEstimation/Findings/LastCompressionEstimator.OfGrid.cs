using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Findings;

// The same for a grid whose place is known from elsewhere (GridField), without a search of the 64 origins: evidence is the
// comb tests of all coefficients at this origin by Fisher's method, times 64 origins, or what the caller has against chance.
// A grid that only its combs speak for must have twice the evidence of two origins that no grid shares with it: drawings,
// posterized or enlarged pictures look quantized everywhere.
public static partial class LastCompressionEstimator
{
    // The first look: most pictures without a grid end there.
    const int FirstBlocks = 512;

    static readonly (int Row, int Column)[] strangers = [(4, 4), (2, 6)];

    /// <param name="picture">At least 15x15 pixels.</param>
    /// <param name="origin">Where the grid should be.</param>
    /// <param name="otherFalseAlarms">log10 of the false alarms of the caller's own evidence for it, tests counted.</param>
    /// <param name="wanted">Which blocks are looked at, by row and column of the top left pixel; null: all.</param>
    /// <param name="options">Strictness, blocks of the table.</param>
    /// <param name="storage">Room.</param>
    /// <param name="threads">Of the comb tests; they change nothing.</param>
    /// <param name="cancellation">Looked at every 32 blocks.</param>
    internal static LastCompressionEstimate EstimateAt(
        PixelView picture, GridOrigin origin, double otherFalseAlarms, Func<int, int, bool>? wanted, LastCompressionOptions options, Storage storage,
        int threads, CancellationToken cancellation)
    {
        double threshold = Math.Log10(options.FalseAlarms);
        bool known = otherFalseAlarms <= threshold;
        storage.Read(picture, origin, known ? options.TableBlocks : FirstBlocks, wanted, cancellation);
        CombResult[] results = storage.Judge(threads);
        Combs combs = Combs.Of(results);
        if (!combs.AreOwn || !known && (combs.FalseAlarms > threshold || !combs.AreEnough))
            return None(origin, Math.Min(otherFalseAlarms, combs.FalseAlarms));
        if (!known)
        {
            foreach ((int row, int column) in strangers)
            {
                var other = new GridOrigin((origin.Row + row) % 8, (origin.Column + column) % 8);
                storage.Read(picture, other, FirstBlocks, wanted, cancellation);
                if (combs.Evidence < 2 * Combs.Of(storage.JudgeAnother(threads)).Evidence)
                    return None(origin, combs.FalseAlarms);
            }
            storage.Read(picture, origin, options.TableBlocks, wanted, cancellation);
            results = storage.Judge(threads);
        }
        return OfGrid(new GridEvidence(origin, Math.Min(otherFalseAlarms, Combs.Of(results).FalseAlarms), true), storage.Histograms, results, threshold);
    }

    // Parts without the grid, or with another, spoil the steps of the whole: of all blocks and of those where the grid stands out,
    // the ones that keep more steps, left in the storage.
    static CombResult[] OfWholeOrExtent(
        PixelView picture, GridField field, GridOrigin origin, CombResult[] combs, LastCompressionOptions options, Storage storage, CancellationToken cancellation)
    {
        double threshold = Math.Log10(options.FalseAlarms);
        int kept = combs.Count(comb => comb.IsKept(threshold));
        storage.Read(picture, origin, options.TableBlocks, new GridExtent().Of(field, origin.Index, isWhole: true), cancellation);
        CombResult[] inside = storage.Judge(threads: 1);
        if (inside.Count(comb => comb.IsKept(threshold)) > kept)
            return inside;
        storage.Read(picture, origin, options.TableBlocks, null, cancellation);
        return storage.Judge(threads: 1);
    }

    // Of the phase that stands out in the picture as a whole, where it is not that of the search: small steps are not in keeping with
    // the last compression beside such parts, and a part's coarse ones may be.
    static LastCompressionEstimate OfExtent(
        PixelView picture, GridField field, GridEvidence grid, LastCompressionOptions options, Storage storage, CancellationToken cancellation)
    {
        int phase = field.Whole.Phase;
        double falseAlarms = GridExtent.FalseAlarms(field.Whole, phase, 1);
        return double.IsInfinity(falseAlarms) || grid.Stands && phase == grid.Origin.Index
            ? None(grid.Origin, grid.FalseAlarms)
            : EstimateAt(picture, GridOrigin.At(phase), falseAlarms, new GridExtent().Of(field, phase, isWhole: true), options, storage, 1, cancellation);
    }

    /// <summary>The comb tests of one origin.</summary>
    /// <param name="Evidence">Sum of -ln of the p-values.</param>
    /// <param name="FalseAlarms">log10, of 64 origins.</param>
    /// <param name="AreOwn">The evidence is mostly in keeping with the last compression (CombTest).</param>
    /// <param name="AreEnough">At least three coefficients have evidence.</param>
    readonly record struct Combs(double Evidence, double FalseAlarms, bool AreOwn, bool AreEnough)
    {
        public static Combs Of(CombResult[] results)
        {
            double sum = 0;
            int own = 0, any = 0;
            foreach (CombResult result in results)
            {
                double surprise = GridSearch.Surprise(result.Tail, LargestStep);
                sum += surprise;
                own += surprise >= GridSearch.Evidence ? 1 : 0;
                any += GridSearch.Surprise(result.AnyTail, LargestStep) >= GridSearch.Evidence ? 1 : 0;
            }
            return new Combs(sum, FalseAlarmBounds.Fisher(sum, 64) + Math.Log10(GridOrigin.Count), own >= GridSearch.OwnShare * any, own >= GridSearch.FewestTraces);
        }
    }
}
