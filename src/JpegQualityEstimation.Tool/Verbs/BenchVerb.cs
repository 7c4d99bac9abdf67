using System.CommandLine;
using System.Globalization;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Tool.Benchmarks;

namespace JpegQualityEstimation.Tool.Verbs;

// jqe bench: how fast a device is, op by op and end to end, beside what it could do at most; a line each.
static class BenchVerb
{
    public const string Example = """
        jqe bench --device cuda
        jqe bench --device cuda --filter "quality map" --json
        jqe bench --device cpu
        """;

    public static Command Create(ToolConsole console)
    {
        Option<ComputeDevice> device = SharedOptions.Device();
        Option<string?> filter = SelfTestVerb.Filter();
        Option<bool> json = SharedOptions.Json(), quick = new("--quick") { Description = "Small sizes, each once: shows that it runs, not how fast." };
        var verb = new Command("bench", """
            Times a device: ops by its own events, whole maps, windows, training steps and training patches by the host's clock, copies
            included; the median after a warm-up, operations and bytes a second, and the share of the roofline: the least time that the
            device's peak arithmetic or its measured copy bandwidth allow, over the time taken. Exit status 1 where something fails, or
            memory grows from estimate to estimate.
            """.ReplaceLineEndings(" "))
        {
            device, quick, filter, json,
        };
        verb.SetAction(parse => Run(console, parse.GetValue(device), parse.GetValue(quick), parse.GetValue(filter), parse.GetValue(json)));
        return verb;
    }

    static int Run(ToolConsole console, ComputeDevice wanted, bool quick, string? filter, bool json)
    {
        using ToolDevice device = ToolDevice.Open(wanted);
        BenchmarkCase[] cases = [.. BenchmarkCases.All(device, quick).Where(one => filter is null || one.Name.Contains(filter, StringComparison.OrdinalIgnoreCase))];
        if (cases.Length == 0)
            throw new UsageException($"--filter '{filter}': no case has that in its name");
        console.Message($"device {device.Name}");
        DevicePeak? peak = device.Runtime is { } runtime ? new DevicePeak(runtime, quick) : null;
        if (peak is not null)
            console.Message(Peaks(peak));
        var runner = new BenchmarkRunner(peak, quick);
        if (!json)
            console.Result(Row("what", "size", "ms", "a second", "", "GFLOP/s", "GB/s", "roofline"));
        int failed = 0;
        foreach (BenchmarkCase one in cases)
        {
            BenchmarkOutcome outcome = runner.Run(one, console.Cancellation);
            failed += outcome.Failed ? 1 : 0;
            console.Result(json ? ToJson(outcome, device.Name) : ToRow(outcome));
        }
        return failed == 0 ? ExitStatus.Done : ExitStatus.SomeFailed;
    }

    static string Peaks(DevicePeak peak)
    {
        IEnumerable<string> units = Enum.GetValues<ComputePrecision>().Select(precision => peak.OperationsPerSecond(precision, true) is { } most
            ? string.Create(CultureInfo.InvariantCulture, $"{precision} {most / 1e12:0.0} TFLOP/s") : $"{precision} not known");
        return string.Create(CultureInfo.InvariantCulture, $"peak by attributes: {string.Join(", ", units)}; copy measured: {peak.BytesPerSecond / 1e9:0.0} GB/s read and written");
    }

    static string ToRow(BenchmarkOutcome outcome)
    {
        if (outcome.Work is not { } work)
            return $"{outcome.Name,-58} {outcome.Size,-26} {outcome.Note.ReplaceLineEndings(" ")}";
        string row = Row(outcome.Name, outcome.Size, Number(outcome.Median), Number(outcome.PerSecond(work.Items)), work.Unit,
            work.Operations == 0 ? "-" : Number(outcome.PerSecond(work.Operations) / 1e9), work.Bytes == 0 ? "-" : Number(outcome.PerSecond(work.Bytes) / 1e9),
            outcome.Roofline is { } share ? share.ToString("0.0%", CultureInfo.InvariantCulture) : "-");
        return outcome.Note.Length == 0 ? row : $"{row}  {outcome.Note}";
    }

    static string Row(string what, string size, string milliseconds, string perSecond, string unit, string operations, string bytes, string share) =>
        $"{what,-58} {size,-26} {milliseconds,10} {perSecond,12} {unit,-10} {operations,10} {bytes,9} {share,8}";

    // Four figures.
    static string Number(double value) => value switch
    {
        >= 1000 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.0000", CultureInfo.InvariantCulture),
    };

    static string ToJson(BenchmarkOutcome outcome, string device) => JsonLine.Of(json =>
    {
        json.WriteString("case", outcome.Name);
        json.WriteString("size", outcome.Size);
        json.WriteString("device", device);
        json.WriteString("note", outcome.Note);
        json.WriteBoolean("failed", outcome.Failed);
        if (outcome.Work is not { } work)
            return;
        json.WriteNumber("milliseconds", outcome.Median);
        json.WriteNumber("least", outcome.Milliseconds[0]);
        json.WriteNumber("most", outcome.Milliseconds[^1]);
        json.WriteNumber("repeats", outcome.Milliseconds.Length);
        json.WriteNumber("perSecond", outcome.PerSecond(work.Items));
        json.WriteString("unit", work.Unit);
        json.WriteNumber("gigaflops", outcome.PerSecond(work.Operations) / 1e9);
        json.WriteNumber("gigabytesPerSecond", outcome.PerSecond(work.Bytes) / 1e9);
        if (outcome.Roofline is { } share)
            json.WriteNumber("roofline", share);
    });
}
