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

    [Theory]
    [InlineData(0.4)]
    [InlineData(1)]
    [InlineData(2.5)]
    public void TheTemperatureThatMadeTheTruthIsFound(double truth)
    {
        // Two classes, logits (z, 0): the first is true in a share softmax(z / truth) of the cases, so that the expected loss is
        // least at that very temperature.
        double[] logits = [-3, -1.5, -0.5, 0.7, 1.2, 2, 4];
        double Loss(double t) => logits.Sum(z =>
        {
            double p = 1 / (1 + Math.Exp(-z / truth)), q = 1 / (1 + Math.Exp(-z / t));
            return -p * Math.Log(q) - (1 - p) * Math.Log(1 - q);
        });
        // A minimum is known to the square root of a double's precision.
        Assert.Equal(truth, TemperatureScaling.Minimize(Loss), 1e-6);
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
