using JpegQualityEstimation.Training.Evaluation;
using Xunit;

namespace JpegQualityEstimation.Tests.Training.Evaluation;

public sealed class PrimarySumsTests
{
    static readonly int[] Truth = [.. Enumerable.Range(3, 15)];

    [Fact]
    public void Figures_are_the_averages_of_section_3_2()
    {
        int[] right = [.. Truth], off = [.. Truth];
        off[0] = 1;   // by 2
        off[14] += 3;
        var sums = new PrimarySums();
        sums.Add(right, Truth, phaseFound: true);
        sums.Add(off, Truth, phaseFound: false);
        sums.Add(off, Truth, phaseFound: null);
        PrimaryFigures figures = sums.Figures()!;
        Assert.Equal(3, figures.Windows);
        Assert.Equal((15 + 13 + 13) / 45.0, figures.Accuracy, 12);
        Assert.Equal((13 + 13) / 45.0, figures.Mse, 12);
        double[] each = [1, 13 / 15.0, 13 / 15.0];
        Assert.Equal(Math.Sqrt(each.Select(a => (a - each.Average()) * (a - each.Average())).Average() / 3), figures.AccuracyError, 12);
        Assert.Equal(1 / 3.0, figures.Exact, 12);
        Assert.Equal(2 / 45.0, figures.Ones, 12);
        Assert.Equal(0.5, figures.PhaseFound!.Value, 12);
        Assert.Equal(1 / 3.0, figures.StepAccuracy[0], 12);
        Assert.Equal(1, figures.StepAccuracy[7], 12);
        Assert.Equal(8 / 3.0, figures.StepMse[0], 12);
        Assert.Equal(6, figures.StepMse[14], 12);
    }

    [Fact]
    public void Parts_add_up_to_the_whole()
    {
        var random = new Random(3);
        PrimarySums whole = new(), one = new(), other = new();
        for (int i = 0; i < 40; i++)
        {
            int[] read = [.. Truth.Select(step => step + random.Next(-2, 3))];
            bool? found = i % 3 == 0 ? null : i % 2 == 0;
            whole.Add(read, Truth, found);
            (i < 13 ? one : other).Add(read, Truth, found);
        }
        Assert.Equal(Flat(whole.Figures()!), Flat(PrimarySums.Figures([other, one])!));
        static double[] Flat(PrimaryFigures f) => [f.Windows, f.Accuracy, f.AccuracyError, f.Mse, f.Exact, f.Ones, f.PhaseFound!.Value, .. f.StepAccuracy, .. f.StepMse];
    }

    [Fact]
    public void Nothing_has_no_figures() => Assert.Null(PrimarySums.Figures([]));
}
