using System.Diagnostics;
using System.Globalization;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Training;

namespace JpegQualityEstimation.Benchmarks;

// How the cost of a map grows with the picture: a picture 4:3 of each size, rising, and a line of CSV each:
//   what,megapixels,width,height,threads,seconds,processor seconds,processor microseconds a pixel,peak MB of the process so far
// Small pictures take the best of several runs, large ones a single run. Processor time, which other work on the machine
// hardly moves, is that of the process: on one thread that of the map.
//   scaling quality|densenet|phase-histogram [MOST MEGAPIXELS [FEWEST [THREADS]]]
//   plot OUT.png FILE.csv...      processor time over size, both axes logarithmic: what is linear has slope 1
static class ScalingRun
{
    const int Columns = 9;
    static readonly double[] Megapixels = [0.1, 0.2, 0.5, 1, 2, 5, 10, 24, 50, 100];
    static readonly TimeSpan Enough = TimeSpan.FromSeconds(1.5);

    public static int Run(ReadOnlySpan<string> args)
    {
        double most = args.Length > 1 ? double.Parse(args[1], CultureInfo.InvariantCulture) : 100;
        double fewest = args.Length > 2 ? double.Parse(args[2], CultureInfo.InvariantCulture) : 0.1;
        int threads = args.Length > 3 ? int.Parse(args[3], CultureInfo.InvariantCulture) : 2;
        string what = args[0];
        Func<ImageBuffer, object> map = Map(what, threads);
        map(Picture(0.1));
        foreach (double size in Megapixels.Where(size => size >= fewest && size <= most))
        {
            ImageBuffer picture = Picture(size);
            double best = double.MaxValue, processor = double.MaxValue;
            var clock = Stopwatch.StartNew();
            do
            {
                long start = Stopwatch.GetTimestamp();
                TimeSpan before = Environment.CpuUsage.TotalTime;
                map(picture);
                processor = Math.Min(processor, (Environment.CpuUsage.TotalTime - before).TotalSeconds);
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
            while (clock.Elapsed + TimeSpan.FromSeconds(best) < Enough);
            long pixels = (long)picture.Width * picture.Height;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{what},{pixels / 1e6:F3},{picture.Width},{picture.Height},{threads},{best:F4},{processor:F4},{processor / pixels * 1e6:F4},{ProcessMemory.PeakMegabytes}"));
            GC.Collect();
        }
        return 0;
    }

    public static int Plot(ReadOnlySpan<string> args)
    {
        var plot = new LinePlot
        {
            Title = "Maps", XLabel = "megapixels", YLabel = "processor seconds", XIsLogarithmic = true, YIsLogarithmic = true, LegendAtLeft = true,
        };
        IEnumerable<string[]> lines = args[1..].ToArray().SelectMany(File.ReadLines).Select(line => line.Split(',')).Where(cells => cells.Length == Columns);
        foreach (IGrouping<string, string[]> curve in lines.GroupBy(cells => cells[0]))
        {
            PlotPoint[] points = [.. curve.Select(cells => new PlotPoint(Number(cells[1]), Number(cells[6]))).OrderBy(point => point.X)];
            plot.Add(Name(curve.Key), points);
            PlotPoint one = points.MinBy(point => Math.Abs(Math.Log(point.X)));
            plot.Add($"linear, through {one.X.ToString("G3", CultureInfo.InvariantCulture)} megapixels", [.. points.Select(point => point with { Y = one.Y / one.X * point.X })]);
        }
        OutputFile.Write(args[0], stream => PngWriter.Write(stream, plot.Draw(900, 600).View));
        return 0;
    }

    static string Name(string what) => what == "quality" ? "quality map" : $"primary map, stride 8, {what}";

    static double Number(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);

    static Func<ImageBuffer, object> Map(string what, int threads)
    {
        if (what == "quality")
        {
            IQualityMapEstimator quality = UntrainedNetworks.QualityEstimator(threads);
            return picture => quality.Estimate(picture.View);
        }
        IPrimaryQuantEstimator primary = what switch
        {
            "densenet" => UntrainedNetworks.DenseNetEstimator(threads),
            "phase-histogram" => UntrainedNetworks.PhaseHistogramEstimator(threads),
            _ => throw new ArgumentException($"'{what}': quality, densenet or phase-histogram"),
        };
        QuantTable second = QuantTable.StandardLuminance(90);
        return picture => primary.EstimateMap(picture.View, second);
    }

    static ImageBuffer Picture(double megapixels)
    {
        int width = 8 * (int)Math.Round(Math.Sqrt(megapixels * 1e6 * 4 / 3) / 8);
        return UntrainedNetworks.Picture(width, (int)Math.Round(megapixels * 1e6 / width));
    }
}
