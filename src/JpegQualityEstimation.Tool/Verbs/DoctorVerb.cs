using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using JpegQualityEstimation.Cuda;
using JpegQualityEstimation.Engine.Cpu;

namespace JpegQualityEstimation.Tool.Verbs;

// jqe doctor: what this machine offers, and for what is missing, what was tried.
static class DoctorVerb
{
    public const string Example = """
        jqe doctor
        JQE_CUDNN_PATH=/opt/cudnn/lib jqe doctor --json
        """;

    public static Command Create(ToolConsole console)
    {
        Option<bool> json = SharedOptions.Json();
        var verb = new Command("doctor", "What this machine offers: instruction sets, CUDA driver, cuDNN, cuBLAS; found where, or which names were tried and why not.")
        {
            json,
        };
        verb.SetAction(parse =>
        {
            if (parse.GetValue(json))
                Json(console);
            else
                Text(console);
            return ExitStatus.Done;
        });
        return verb;
    }

    static void Text(ToolConsole console)
    {
        console.Result($"system       {RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}");
        console.Result($"runtime      {RuntimeInformation.FrameworkDescription}");
        console.Result($"processors   {Environment.ProcessorCount}");
        console.Result(string.Create(CultureInfo.InvariantCulture, $"memory       {Memory / (1L << 20)} MiB usable"));
        console.Result($"vectors      {string.Join(", ", Widths().Select(w => $"{w.Bits} bits {(w.There ? "yes" : "no")}"))}");
        console.Result($"kernels      {Kernels()}");
        foreach (NativeLibraryReport report in CudaProbe.Libraries())
        {
            string found = report.FoundAs is { } name ? $"found as {name}{(report.Version is { } v ? $", version {v}" : "")}" : "not found";
            console.Result($"{report.Library,-12} {found}");
            if (report.FoundAs is null)
                foreach (string tried in report.Tried)
                    console.Result($"               tried {tried}");
        }
        IReadOnlyList<CudaDeviceReport> devices = CudaProbe.Devices(out IReadOnlyList<string> refused);
        foreach (CudaDeviceReport device in devices)
        {
            string why = CudaBackend.WhyNot(device.Index) is { } reason ? $"; not used: {reason}" : "";
            console.Result(string.Create(CultureInfo.InvariantCulture,
                $"cuda:{device.Index}       {device.Name}, compute capability {device.ComputeMajor}.{device.ComputeMinor}, {device.Multiprocessors} multiprocessors, {device.MemoryBytes / (1L << 20)} MiB{why}"));
        }
        foreach ((int device, int peer) in Peers(devices.Count))
            console.Result($"cuda:{device}       reads the memory of cuda:{peer}");
        if (devices.Count == 0)
            console.Result($"cuda         no device{(refused.Count > 0 ? ": " : "")}{string.Join("; ", refused)}");
    }

    static void Json(ToolConsole console) => console.Result(JsonLine.Of(json =>
    {
        json.WriteString("system", RuntimeInformation.OSDescription);
        json.WriteString("architecture", RuntimeInformation.ProcessArchitecture.ToString());
        json.WriteString("runtime", RuntimeInformation.FrameworkDescription);
        json.WriteNumber("processors", Environment.ProcessorCount);
        json.WriteNumber("memoryBytes", Memory);
        json.WriteStartObject("vectors");
        foreach (var (bits, there) in Widths())
            json.WriteBoolean(bits.ToString(CultureInfo.InvariantCulture), there);
        json.WriteEndObject();
        json.WriteString("kernels", Kernels());
        json.WriteStartArray("libraries");
        foreach (NativeLibraryReport report in CudaProbe.Libraries())
        {
            json.WriteStartObject();
            json.WriteString("library", report.Library);
            json.WriteString("foundAs", report.FoundAs);
            json.WriteString("version", report.Version);
            json.WriteStartArray("tried");
            foreach (string tried in report.Tried)
                json.WriteStringValue(tried);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("cudaDevices");
        IReadOnlyList<CudaDeviceReport> devices = CudaProbe.Devices(out IReadOnlyList<string> refused);
        foreach (CudaDeviceReport device in devices)
        {
            json.WriteStartObject();
            json.WriteNumber("index", device.Index);
            json.WriteString("name", device.Name);
            json.WriteString("computeCapability", string.Create(CultureInfo.InvariantCulture, $"{device.ComputeMajor}.{device.ComputeMinor}"));
            json.WriteNumber("multiprocessors", device.Multiprocessors);
            json.WriteNumber("memoryBytes", device.MemoryBytes);
            json.WriteString("notUsedBecause", CudaBackend.WhyNot(device.Index));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("cudaTried");
        foreach (string tried in refused)
            json.WriteStringValue(tried);
        json.WriteEndArray();
    }));

    // Pairs of devices of which the first reads the other's memory.
    static IEnumerable<(int Device, int Peer)> Peers(int count) =>
        from device in Enumerable.Range(0, count)
        from peer in Enumerable.Range(0, count)
        where peer != device && CudaProbe.CanAccess(device, peer)
        select (device, peer);

    static long Memory => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    static IEnumerable<(int Bits, bool There)> Widths() =>
    [
        (512, Vector512.IsHardwareAccelerated),
        (256, Vector256.IsHardwareAccelerated),
        (128, Vector128.IsHardwareAccelerated),
    ];

    static string Kernels()
    {
        string forced = Environment.GetEnvironmentVariable(CpuKernelSets.Variable) is { Length: > 0 } value ? $" (forced by {CpuKernelSets.Variable}={value})" : "";
        try
        {
            return CpuKernelSets.Choose(Environment.GetEnvironmentVariable(CpuKernelSets.Variable)).ToString().ToLowerInvariant() + forced;
        }
        catch (InvalidOperationException e)
        {
            return $"none: {e.Message}";
        }
    }
}
