using JpegQualityEstimation.Cuda;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Tool.Benchmarks;

// DevicePeak: what a device could do at most.
//   arithmetic  multiprocessors x clock x multiply-adds a clock of one multiprocessor x 2, the latter from NVIDIA's published
//               tables by compute capability, dense, sums in 32 bits
//   memory      measured: a copy within the device, bytes read and bytes written
// The clock is the highest that the driver names: what a device holds under load is less.
sealed class DevicePeak
{
    const long MostBytes = 1L << 30;

    readonly CudaDeviceReport report;

    public DevicePeak(CudaRuntime runtime, bool quick)
    {
        report = runtime.Report;
        BytesPerSecond = Measure(runtime, quick ? 1 << 20 : Math.Min(MostBytes, runtime.MemoryBytes / 8), quick ? 2 : 20);
    }

    /// <summary>Read and written, of a copy.</summary>
    public double BytesPerSecond { get; }

    /// <summary>Operations a second of a precision's unit; null where it is not known.</summary>
    public double? OperationsPerSecond(ComputePrecision precision, bool tensorCores)
    {
        int clock = report.ClockKilohertz;
        return MultiplyAdds(report.ComputeMajor, report.ComputeMinor, tensorCores ? precision : ComputePrecision.Float32) is { } each && clock > 0
            ? 2.0 * each * report.Multiprocessors * clock * 1000 : null;
    }

    /// <summary>Share of the roofline: the least time that arithmetic or memory need, over the time taken.</summary>
    public double? Share(BenchmarkWork work, double milliseconds)
    {
        double memory = work.Bytes / BytesPerSecond;
        if (work.Operations == 0)
            return work.Bytes == 0 ? null : memory / (milliseconds / 1000);
        return OperationsPerSecond(work.Precision, work.TensorCores) is { } peak ? Math.Max(memory, work.Operations / peak) / (milliseconds / 1000) : null;
    }

    /// <summary>Multiply-adds a clock of one multiprocessor; null: not in the table.</summary>
    public static int? MultiplyAdds(int major, int minor, ComputePrecision precision)
    {
        (int Single, int Half)? units = (major, minor) switch
        {
            (7, 0) or (7, 2) => (64, 512),
            (7, 5) => (64, 512),
            (8, 0) => (64, 1024),
            (8, 6) or (8, 7) or (8, 9) => (128, 512),
            (9, 0) => (128, 2048),
            (10, 0) or (10, 3) => (128, 4096),
            (12, 0) or (12, 1) => (128, 512),
            _ => null,
        };
        return precision switch
        {
            ComputePrecision.Float32 => units?.Single,
            ComputePrecision.Float16 => units?.Half,
            ComputePrecision.BFloat16 => major >= 8 ? units?.Half : null,
            _ => major >= 8 ? units?.Half / 2 : null,
        };
    }

    static double Measure(CudaRuntime runtime, long bytes, int repeats)
    {
        using CudaStream stream = runtime.CreateStream();
        using DeviceBuffer<byte> from = stream.Rent<byte>(bytes), to = stream.Rent<byte>(bytes);
        stream.Clear(from.Span);
        var timer = new DeviceTimer(stream);
        timer.Milliseconds(() => stream.Copy<byte>(from, to));
        double[] times = [.. Enumerable.Range(0, repeats).Select(_ => timer.Milliseconds(() => stream.Copy<byte>(from, to))).Order()];
        return 2.0 * bytes / (times[times.Length / 2] / 1000);
    }
}
