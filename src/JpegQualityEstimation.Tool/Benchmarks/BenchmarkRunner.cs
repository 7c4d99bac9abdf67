using System.Diagnostics;

namespace JpegQualityEstimation.Tool.Benchmarks;

// BenchmarkRunner: warms a case up, times it until enough time has gone by, and holds the median to the roofline.
sealed class BenchmarkRunner(DevicePeak? peak, bool quick)
{
    static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(0.5), Enough = TimeSpan.FromSeconds(2);
    const int Fewest = 3, Most = 200;

    public BenchmarkOutcome Run(BenchmarkCase one, CancellationToken cancellation)
    {
        try
        {
            using BenchmarkWork work = one.Prepare();
            var clock = Stopwatch.StartNew();
            do
                work.Timer.Milliseconds(work.Run);
            while (!quick && clock.Elapsed < WarmUp);
            var times = new List<double>();
            clock.Restart();
            while (times.Count < (quick ? 1 : Fewest) || !quick && times.Count < Most && clock.Elapsed < Enough)
            {
                cancellation.ThrowIfCancellationRequested();
                times.Add(work.Timer.Milliseconds(work.Run));
            }
            times.Sort();
            string? complaint = work.Complaint?.Invoke();
            return new(one.Name, one.Size, [.. times], work, peak?.Share(work, times[times.Count / 2]), complaint ?? "", complaint is not null);
        }
        catch (NotSupportedException e)
        {
            return new(one.Name, one.Size, [], null, null, $"not there: {e.Message}", false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new(one.Name, one.Size, [], null, null, $"{e.GetType().Name}: {e.Message}", true);
        }
    }
}
