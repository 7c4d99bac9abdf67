using System.Diagnostics;
using System.Text.Json;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Benchmarks;

// One piece of work timed in a process of its own, as ../peers/onnxruntime times the same: a line of JSON with the median of the
// runs, two of them before not counted, and the peak memory of the process.
//   time quality HEIGHT WIDTH [RUNS]        a quality map by the estimator, reliability and summary included
//   time densenet WINDOWS [RUNS]            DenseNet-40 on windows
//   time densenet-map SIDE [RUNS]           its map at stride 8
//   time phase-histogram-map SIDE [RUNS]    that of the phase-histogram network
//   time training-step NETWORK BATCH ...    a step of the trainer (TrainingTiming)
static class PeerTiming
{
    const int Threads = 2;

    public static int Run(ReadOnlySpan<string> args)
    {
        if (args.Length > 0 && args[0] == "training-step")
            return TrainingTiming.Run(args[1..]);
        if (args.Length < 2)
            throw new ArgumentException("time quality HEIGHT WIDTH | densenet WINDOWS | densenet-map SIDE | phase-histogram-map SIDE, then RUNS");
        string what = args[0];
        int size = int.Parse(args[1]), sizes = what == "quality" ? 2 : 1;
        int width = sizes == 2 ? int.Parse(args[2]) : size;
        int runs = args.Length > sizes + 1 ? int.Parse(args[sizes + 1]) : 9;
        Action work = Work(what, size, width);
        int warm = runs > 1 ? 2 : 0;
        var times = new List<double>();
        for (int i = 0; i < runs + warm; i++)
        {
            long start = Stopwatch.GetTimestamp();
            work();
            if (i >= warm)
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        times.Sort();
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            program = "ours",
            what,
            size = sizes == 2 ? $"{size}x{width}" : $"{size}",
            threads = Threads,
            kernels = CpuKernelSets.Chosen.ToString(),
            medianMilliseconds = Math.Round(times[times.Count / 2], 2),
            peakMegabytes = ProcessMemory.PeakMegabytes,
        }));
        return 0;
    }

    static Action Work(string what, int height, int width)
    {
        QuantTable second = QuantTable.StandardLuminance(90);
        switch (what)
        {
            case "quality":
                IQualityMapEstimator quality = UntrainedNetworks.QualityEstimator(Threads);
                ImageBuffer picture = UntrainedNetworks.Picture(width, height);
                return () => quality.Estimate(picture.View);
            case "densenet":
                IPrimaryQuantEstimator windows = UntrainedNetworks.DenseNetEstimator(Threads);
                byte[] patches = new byte[height * 64 * 64 * 3];
                new Random(1).NextBytes(patches);
                return () => windows.EstimatePatches(patches, second);
            case "densenet-map" or "phase-histogram-map":
                IPrimaryQuantEstimator map = what == "densenet-map" ? UntrainedNetworks.DenseNetEstimator(Threads) : UntrainedNetworks.PhaseHistogramEstimator(Threads);
                ImageBuffer square = UntrainedNetworks.Picture(height, height);
                return () => map.EstimateMap(square.View, second);
            default:
                throw new ArgumentException($"'{what}': quality, densenet, densenet-map or phase-histogram-map");
        }
    }
}
