using System.Diagnostics;
using System.Globalization;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Benchmarks;

// How long the first answer takes, two threads, 64x64 pixels: a line of CSV each,
//   what,milliseconds of making the first estimator of the process and its first answer (code is compiled),
//   milliseconds of making another one and its first answer (weights are laid out and memory is taken),a later answer
//   warmup quality|densenet|phase-histogram
static class WarmUpRun
{
    public static int Run(ReadOnlySpan<string> args)
    {
        string what = args[0];
        ImageBuffer patch = UntrainedNetworks.Picture(64, 64);
        QuantTable second = QuantTable.StandardLuminance(90);
        // Networks are loaded before.
        object network = what switch
        {
            "quality" => UntrainedNetworks.Quality,
            "densenet" => UntrainedNetworks.DenseNet,
            "phase-histogram" => UntrainedNetworks.PhaseHistogram,
            _ => throw new ArgumentException($"'{what}': quality, densenet or phase-histogram"),
        };
        Func<Action> open = network switch
        {
            _ when what == "quality" => () => Quality(UntrainedNetworks.QualityEstimator(2)),
            _ when what == "densenet" => () => Primary(UntrainedNetworks.DenseNetEstimator(2)),
            _ => () => Primary(UntrainedNetworks.PhaseHistogramEstimator(2)),
        };
        double cold = Milliseconds(() => open()()), warm = double.MaxValue, later = double.MaxValue;
        for (int i = 0; i < 7; i++)
        {
            Action? answer = null;
            warm = Math.Min(warm, Milliseconds(() => (answer = open())()));
            later = Math.Min(later, Milliseconds(answer!));
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what},{cold:F1},{warm:F1},{later:F1}"));
        return 0;

        Action Quality(IQualityMapEstimator estimator) => () => estimator.Estimate(patch.View);

        Action Primary(IPrimaryQuantEstimator estimator) => () => estimator.EstimatePatch(patch.View, second);
    }

    static double Milliseconds(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
