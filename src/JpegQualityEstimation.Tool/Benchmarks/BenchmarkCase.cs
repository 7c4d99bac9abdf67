using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Tool.Benchmarks;

/// <summary>Something to time.</summary>
/// <param name="Name">What.</param>
/// <param name="Size">Of what goes in.</param>
/// <param name="Prepare">Makes it ready; NotSupportedException where this device has no such thing.</param>
sealed record BenchmarkCase(string Name, string Size, Func<BenchmarkWork> Prepare);

/// <summary>A piece of work that is ready and can be done again and again.</summary>
/// <param name="Run">Does it, or queues it on the stream that <see cref="Timer"/> watches.</param>
/// <param name="Timer">Takes its time.</param>
sealed record BenchmarkWork(Action Run, IBenchmarkTimer Timer) : IDisposable
{
    /// <summary>Arithmetic of one run: a multiply-add counts two; 0: not counted.</summary>
    public double Operations { get; init; }

    /// <summary>Least bytes of one run through the device's memory; 0: not counted.</summary>
    public double Bytes { get; init; }

    public ComputePrecision Precision { get; init; }

    public bool TensorCores { get; init; }

    /// <summary>Of <see cref="Unit"/> a run.</summary>
    public double Items { get; init; } = 1;

    public string Unit { get; init; } = "runs";

    /// <summary>What is wrong after all runs; null: nothing.</summary>
    public Func<string?>? Complaint { get; init; }

    /// <summary>What was rented for it.</summary>
    public IReadOnlyList<IDisposable> Owned { get; init; } = [];

    public void Dispose()
    {
        foreach (IDisposable owned in Owned.Reverse())
            owned.Dispose();
    }
}

/// <summary>How a case was done.</summary>
/// <param name="Name">What.</param>
/// <param name="Size">Of what went in.</param>
/// <param name="Milliseconds">Of every timed run, in rising order; empty: it was not run.</param>
/// <param name="Work">What was done; null: it was not run.</param>
/// <param name="Roofline">Share of what the device's peak and bandwidth allow; null: not known.</param>
/// <param name="Note">Why it was not run, or what is wrong.</param>
/// <param name="Failed">Something is wrong.</param>
sealed record BenchmarkOutcome(string Name, string Size, double[] Milliseconds, BenchmarkWork? Work, double? Roofline, string Note, bool Failed)
{
    public double Median => Milliseconds.Length == 0 ? double.NaN : Milliseconds[Milliseconds.Length / 2];

    public double PerSecond(double amount) => amount / Median * 1000;
}
