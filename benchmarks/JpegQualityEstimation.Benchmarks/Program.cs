using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using JpegQualityEstimation.Benchmarks;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args.FirstOrDefault())
{
    case "time":
        return PeerTiming.Run(args.AsSpan(1));
    case "warmup":
        return WarmUpRun.Run(args.AsSpan(1));
    case "scaling":
        return ScalingRun.Run(args.AsSpan(1));
    case "plot":
        return ScalingRun.Plot(args.AsSpan(1));
}

// In this process: the kernels are internal, and the machine's noise is larger than what a process of its own saves.
ManualConfig config = ManualConfig.Create(DefaultConfig.Instance)
    .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(3).WithIterationCount(7))
    .AddColumn(WorkColumn.All)
    .WithOption(ConfigOptions.DisableLogFile, true);
int[] threads = [.. new[] { 1, Environment.ProcessorCount }.Distinct()];
foreach (int count in threads)
    PeakLoop.Measure(count);
BenchmarkSwitcher.FromAssembly(typeof(WorkColumn).Assembly).Run(args, config);
Console.WriteLine($"peak: {string.Join(", ", threads.Select(count => $"{PeakLoop.Rate(count):F0} GFLOP/s on {count}"))} thread(s)");
return 0;
