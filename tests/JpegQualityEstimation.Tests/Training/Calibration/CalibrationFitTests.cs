using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training.Calibration;
using Xunit;

namespace JpegQualityEstimation.Tests.Training.Calibration;

public sealed class CalibrationFitTests
{
    [Fact]
    public void ErrorsAreThoseCountedByHand()
    {
        // Two bins: 4 answers of 0.5, half of them right; 2 of 0.9, one right: ECE = 2/6 |0.5 - 0.9|.
        StatedProbability[] answers = [new(0.5, true), new(0.5, false), new(0.5, true), new(0.5, false), new(0.9, true), new(0.9, false)];
        CalibrationFigures figures = CalibrationFigures.Of(answers, 0);
        Assert.Equal(2.0 / 6 * 0.4, figures.Error, 12);
        Assert.Equal(6, figures.Bins.Sum(bin => bin.Count));
        Assert.Equal(4, figures.Bins[7].Count);
        Assert.Equal(2, figures.Bins[13].Count);
        Assert.Equal(0.5, figures.Accuracy, 12);
        // Six answers in fifteen bins of equal counts: each its own, two thirds of them half off.
        Assert.Equal((4 * 0.5 + 0.1 + 0.9) / 6, figures.AdaptiveError, 12);
        Assert.Equal(0, CalibrationFigures.Of([new(0, false), new(1, true)], 0).Error);
    }

    // Answers whose truth comes out as often as the numbers say: the expected loss is least at those very numbers. Shares are made of
    // 10,000 answers a case, to within one of them.
    [Theory]
    [InlineData(0.8, -0.15, -1, 1.5)]
    [InlineData(1.3, 0.1, 0.5, -0.4)]
    [InlineData(1, 0, 0, 0)]
    public void TheNumbersThatMadeTheTruthAreFound(double a0, double a1, double b0, double b1)
    {
        const int Each = 10_000;
        var answers = new List<ScaledAnswer>();
        var random = new Random(3);
        for (int i = 0; i < 40; i++)
        {
            double log = PrimaryCalibration.LogStep(1 + i % 12);
            double[] logits = [.. Enumerable.Range(0, 4).Select(_ => 4 * random.NextDouble())];
            double total = logits.Sum(Math.Exp);
            float[] logs = [.. logits.Select(z => (float)(z - Math.Log(total)))];
            double[] weights = [.. logs.Select((l, j) => Math.Exp((a0 + a1 * log) * l + (j == 0 ? (b0 + b1 * log) * Math.Exp(2.0 * l) : 0)))];
            for (int j = 0; j < 4; j++)
                answers.AddRange(Enumerable.Repeat(new ScaledAnswer(logs, j, log), (int)Math.Round(Each * weights[j] / weights.Sum())));
        }
        double[] found = new ScalingFit(answers, 4).Minimize(t => PrimaryCalibration.AreSteps(t));
        Assert.All(found.Zip([a0, a1, b0, b1]), pair => Assert.Equal(pair.Second, pair.First, 0.01));
    }

    [Fact]
    public void AMinimumOutOfRangeIsBroughtBackAndStillGains()
    {
        // Always right: the loss falls with the inverse temperature for ever.
        float[] logs = [MathF.Log(0.4f), MathF.Log(0.6f)];
        ScaledAnswer[] answers = [.. Enumerable.Repeat(new ScaledAnswer(logs, 1, 0), 5), .. Enumerable.Repeat(new ScaledAnswer(logs, 1, 1), 5)];
        double[] found = new ScalingFit(answers, 2).Minimize(t => PrimaryCalibration.IsShift(t));
        Assert.True(PrimaryCalibration.IsShift(found));
        Assert.True(found[0] > 1);
        Assert.Equal([1, 0], new ScalingFit([], 2).Minimize(_ => true));
    }

    [Fact]
    public void TheLogisticMapThatMadeTheTargetsIsFound()
    {
        double[] x = [.. Enumerable.Range(0, 21).Select(i => i / 20.0)];
        var truth = new FlagCalibration(8, -3);
        FlagCalibration found = LogisticScaling.Fit(x, Array.ConvertAll(x, flag => truth.Probability(flag)));
        Assert.Equal(truth.Slope, found.Slope, 1e-4);
        Assert.Equal(truth.Offset, found.Offset, 1e-4);
    }

    [Fact]
    public void ReadingsWithAGridAreFittedOnTheirOwn()
    {
        // Flags that rise with compression where there is no grid; 30 grids, 29 of them of JPEGs.
        List<FlagReading> readings = [.. Enumerable.Range(0, 40).Select(i => Reading(i % 4 == 0 ? 0.9 : 0.1 + 0.01 * i, i >= 20 ? 90 : 0, false))];
        FlagCalibration without = LogisticScaling.Fit(readings);
        Assert.Null(without.WithGrid);
        readings.AddRange(Enumerable.Range(0, 30).Select(i => Reading(1, i > 0 ? 75 : 0, true)));
        // What says too little is left out; a grid says enough.
        readings.AddRange(Enumerable.Range(0, 9).Select(_ => Reading(1, 0, false) with { Summary = default }));
        FlagCalibration with = LogisticScaling.Fit(readings);
        Assert.Equal(without, with with { WithGrid = null });
        Assert.Equal(30.0 / 32, with.WithGrid);
        CalibrationFigures figures = LogisticScaling.Figures(readings, with);
        Assert.Equal(70, figures.Count);
        Assert.Equal(0.5, LogisticScaling.Fit([.. readings.Select(r => r.HasGrid ? r with { Quality = 0 } : r)]).WithGrid);

        static FlagReading Reading(double flag, int quality, bool hasGrid) => new(
            ChromaSubsampling.Samp420, quality, new QualitySummary(80, flag, 80, flag, 1, QualityVerdict.Undetermined), hasGrid);
    }
}
