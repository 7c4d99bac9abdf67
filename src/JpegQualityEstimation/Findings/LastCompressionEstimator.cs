using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Findings;

// LastCompressionEstimator: grid and luminance table of the last JPEG compression from decoded pixels, a-contrario: each
// answer with the number of times that pictures without a grid would be expected to give it.
//   GridSearch      all 64 origins, blocks spread over the picture      -> origin
//   StepHistograms  blocks of that origin                              -> magnitudes of 64 coefficients
//   CombTest        steps 1..255 of each                               -> step or "-"
//   GridExtent      where steps are refused                            -> blocks where the grid stands out, once more
//   AlignedTables   histograms                                         -> the last of two tables on one grid, if there were two
//   KnownTables     the steps                                          -> nearest standard quality, whole table
// Number of tests of a step: 255 steps, 64 coefficients, 64 origins.
// Idea: Nikoukhah, Colom, Morel, Grompone von Gioi, "A reliable JPEG quantization table estimator", IPOL 2022.
// Work is bounded by the options, not by the picture, but for GridField. One thread a call; the same result for the same picture.

/// <summary>Estimates grid and quantization table of the last JPEG compression of a picture that was saved losslessly since.</summary>
/// <remarks>Safe from several threads at once. The noise that is looked for is that of a decoder that rounds samples once, then
/// converts colours with rounded chroma terms (libjpeg and its kin); any later resampling, filter or change of colours hides it.
/// Of two compressions on one grid the last table is given, standard or Photoshop's, where first and last table, both of these
/// families, explain the coefficients better than any single one; the steps stay those that each coefficient shows by itself, often
/// multiples of the table's. Where one compression explains them as well (all first steps multiples of last ones above 2), that one is given.</remarks>
public static partial class LastCompressionEstimator
{
    const int LargestStep = 255;

    // PhaseBand needs 15 pixels both ways.
    const int SmallestSide = 15;

    // Mean |ln(step / standard step)| up to which the nearest standard table completes steps that are not known.
    const double StandardEnough = 0.1;
    const int EnoughSteps = 16;

    /// <summary>log10 of the number of tests of a picture's steps.</summary>
    internal static readonly double StepTests = Math.Log10(GridOrigin.Count * 64.0 * LargestStep);

    /// <summary>Estimates grid and table.</summary>
    /// <param name="picture">Any size and format; alpha is ignored.</param>
    /// <param name="options">Extent and strictness.</param>
    /// <param name="cancellation">Looked at every few thousand blocks.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The token says so.</exception>
    public static LastCompressionEstimate Estimate(PixelView picture, LastCompressionOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= LastCompressionOptions.Default;
        options.Check();
        double threshold = Math.Log10(options.FalseAlarms);
        if (Math.Min(picture.Width, picture.Height) < SmallestSide)
            return None(default, Math.Log10(GridOrigin.Count));
        var storage = new Storage();
        GridEvidence grid = GridSearch.Find(picture, storage.Band, options.OriginBlocks, cancellation);
        if (grid.FalseAlarms > threshold)
            return None(grid.Origin, grid.FalseAlarms);
        GridField? field = null;
        if (!(grid.Stands && grid.IsAlone))
        {
            field = GridField.Of(picture, threads: 1, cancellation);
            LastCompressionEstimate extent = OfExtent(picture, field, grid, options, storage, cancellation);
            if (extent.IsDetected || !grid.Stands)
                return extent;
        }
        storage.Read(picture, grid.Origin, options.TableBlocks, null, cancellation);
        CombResult[] combs = storage.Judge(threads: 1);
        if (Array.Exists(combs, comb => comb.IsRefused(threshold)))
            combs = OfWholeOrExtent(picture, field ?? GridField.Of(picture, threads: 1, cancellation), grid.Origin, combs, options, storage, cancellation);
        return OfGrid(grid, storage.Histograms, combs, threshold);
    }

    static LastCompressionEstimate OfGrid(GridEvidence grid, StepHistograms histograms, CombResult[] combs, double threshold)
    {
        var steps = new LastStep[64];
        var tails = new double[64][];
        ulong refused = 0;
        for (int k = 0; k < 64; k++)
        {
            double falseAlarms = combs[k].Tail + StepTests;
            int i = ZigZag.ToNatural[k];
            steps[i] = new LastStep(combs[k].Step > 0 && falseAlarms <= threshold ? combs[k].Step : null, falseAlarms);
            tails[i] = combs[k].Tails;
            refused |= combs[k].IsRefused(threshold) ? 1UL << i : 0;
        }
        return Answer(grid, histograms, steps, tails, refused);
    }

    /// <summary>The comb test of one coefficient.</summary>
    internal readonly record struct CombResult(int Step, double Tail, double AnyTail, double[] Tails)
    {
        /// <summary>Whether a step has evidence that is not in keeping with the last compression, and more of it than any that is.</summary>
        public bool IsRefused(double threshold) => AnyTail < Tail && AnyTail + StepTests <= threshold;

        /// <summary>Whether the step with the most evidence is in keeping with it.</summary>
        public bool IsKept(double threshold) => AnyTail >= Tail && Tail + StepTests <= threshold;

        /// <summary>Zig-zag, over earlier results; on as many threads as there is room for tests.</summary>
        public static CombResult[] Of(StepHistograms histograms, CombResult[] results, CombTest?[] tests)
        {
            RowBands.Run(tests.Length, tests.Length, part =>
            {
                CombTest test = tests[part] ??= new CombTest(LargestStep, StepHistograms.Codes);
                for (int k = part; k < results.Length; k += tests.Length)
                {
                    (int step, double tail, double anyTail) = test.Judge(histograms.Of(k));
                    double[] tails = results[k].Tails ?? new double[LargestStep + 1];
                    test.Tails.CopyTo(tails);
                    results[k] = new CombResult(step, tail, anyTail, tails);
                }
            });
            return results;
        }
    }

    internal static LastCompressionEstimate NotDetected(GridOrigin origin) => None(origin, Math.Log10(GridOrigin.Count));

    static LastCompressionEstimate None(GridOrigin origin, double falseAlarms)
    {
        var steps = new LastStep[64];
        steps.AsSpan().Fill(new LastStep(null, StepTests));
        return new LastCompressionEstimate(origin, falseAlarms, false, 0, steps, null, TableSource.None, null);
    }

    /// <param name="grid">The grid.</param>
    /// <param name="histograms">Of its blocks.</param>
    /// <param name="steps">Natural order.</param>
    /// <param name="tails">Of the comb tests, natural order.</param>
    /// <param name="refused">Bits of the coefficients, natural order, whose steps are what was left after one was refused.</param>
    static LastCompressionEstimate Answer(GridEvidence grid, StepHistograms histograms, LastStep[] steps, double[][] tails, ulong refused)
    {
        int blocks = histograms.Blocks;
        if (!steps.Any(step => step.Step is not null))
            return new LastCompressionEstimate(grid.Origin, grid.FalseAlarms, true, blocks, steps, null, TableSource.None, null);
        int quality = KnownTables.Standard(tails);
        QuantTable standard = QuantTable.StandardLuminance(quality), photoshop = KnownTables.Photoshop(tails);
        (QuantTable? table, TableSource source) = (null, TableSource.None);
        bool isStandard = KnownTables.Agrees(standard, steps);
        (QuantTable? ofTwo, QuantTable? ofOne) = !isStandard || AlignedTables.AreMoved(histograms, standard) ? AlignedTables.Last(histograms, tails) : default;
        if (isStandard || ofOne is not null && !KnownTables.Agrees(ofOne, steps, refused))
            ofOne = null;
        if ((ofTwo ?? ofOne) is { } known)
            (quality, table, source) = (KnownTables.QualityOf(known) ?? quality, known, KnownTables.QualityOf(known) is null ? TableSource.Photoshop : TableSource.Standard);
        else if (isStandard)
            (table, source) = (standard, TableSource.Standard);
        else if (KnownTables.Agrees(photoshop, steps))
            (table, source) = (photoshop, TableSource.Photoshop);
        else if (KnownTables.AfterAnother(steps) is > 0 and int second)
            (quality, table, source) = (second, QuantTable.StandardLuminance(second), TableSource.Standard);
        else
            (table, source) = Completed(steps, standard);
        return new LastCompressionEstimate(grid.Origin, grid.FalseAlarms, true, blocks, steps, table, source, quality);
    }

    static (QuantTable? Table, TableSource Source) Completed(LastStep[] steps, QuantTable standard)
    {
        Span<ushort> whole = stackalloc ushort[64];
        int answered = 0;
        double distance = 0;
        for (int i = 0; i < 64; i++)
        {
            whole[i] = (ushort)(steps[i].Step ?? standard.NaturalOrder[i]);
            if (steps[i].Step is not { } step)
                continue;
            answered++;
            distance += Math.Abs(Math.Log((double)step / standard.NaturalOrder[i]));
        }
        if (answered == 64)
            return (new QuantTable(whole), TableSource.Measured);
        return answered >= EnoughSteps && distance <= StandardEnough * answered
            ? (new QuantTable(whole), TableSource.Completed) : (null, TableSource.None);
    }
}
