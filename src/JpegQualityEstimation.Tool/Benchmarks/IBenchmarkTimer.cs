using System.Diagnostics;
using JpegQualityEstimation.Cuda.Runtime;

namespace JpegQualityEstimation.Tool.Benchmarks;

/// <summary>Takes the milliseconds of one run, all that it started included.</summary>
interface IBenchmarkTimer
{
    double Milliseconds(Action run);
}

/// <summary>The host's clock, for work that comes back when it is done.</summary>
sealed class HostTimer : IBenchmarkTimer
{
    public double Milliseconds(Action run)
    {
        long start = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}

/// <summary>Events of a stream around the run: the device's time, launches of the host beside it.</summary>
sealed class DeviceTimer(CudaStream stream) : IBenchmarkTimer
{
    public double Milliseconds(Action run)
    {
        using CudaEvent start = stream.Record(timed: true);
        run();
        using CudaEvent end = stream.Record(timed: true);
        end.Synchronize();
        return end.MillisecondsSince(start);
    }
}
