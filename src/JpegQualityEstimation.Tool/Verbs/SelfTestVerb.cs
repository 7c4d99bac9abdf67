using System.CommandLine;
using System.Globalization;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Tool.Conformance;

namespace JpegQualityEstimation.Tool.Verbs;

// jqe selftest: every op, every network in every precision and a training step of each, held to the processor; a line each.
static class SelfTestVerb
{
    public const string Example = """
        jqe selftest --device cuda
        jqe selftest --device cuda:1 --quick --filter DenseNet
        jqe selftest --device cpu --json
        """;

    public static Command Create(ToolConsole console)
    {
        Option<ComputeDevice> device = SharedOptions.Device();
        Option<string?> filter = Filter();
        Option<bool> json = SharedOptions.Json(), quick = new("--quick") { Description = "Small sizes: for an emulated device, or under a memory checker." };
        var verb = new Command("selftest", """
            Holds a device to the processor: every op of the CUDA backend, the networks in every precision and a training step of each,
            with the largest difference, its bound and the verdict (equal, within, not there, FAILED); what is equal by definition has
            to be equal, and a second run has to give the same bits. With --device cpu, every vector width is held to plain arithmetic, within the bounds of the order of sums.
            Exit status 1 where something fails.
            """.ReplaceLineEndings(" "))
        {
            device, quick, filter, json,
        };
        verb.SetAction(parse => Run(console, parse.GetValue(device), parse.GetValue(quick), parse.GetValue(filter), parse.GetValue(json)));
        return verb;
    }

    public static Option<string?> Filter() => new("--filter")
    {
        Description = "Only what has this in its name, whatever the case.",
        HelpName = "NAME",
    };

    static int Run(ToolConsole console, ComputeDevice wanted, bool quick, string? filter, bool json)
    {
        using ToolDevice device = ToolDevice.Open(wanted);
        TrialScale scale = quick ? TrialScale.Quick : TrialScale.Full;
        ConformanceCase[] cases = [.. ConformanceCases.All(device, scale).Where(one => filter is null || one.Name.Contains(filter, StringComparison.OrdinalIgnoreCase))];
        if (cases.Length == 0)
            throw new UsageException($"--filter '{filter}': no case has that in its name");
        console.Message($"device {device.Name}");
        var runner = new ConformanceRunner(device.Runtime);
        if (!json)
            console.Result(Row("what", "size", "error", "bound", "verdict", "ms"));
        int failed = 0, missing = 0;
        foreach (ConformanceCase one in cases)
        {
            console.Cancellation.ThrowIfCancellationRequested();
            ConformanceOutcome outcome = runner.Run(one);
            failed += outcome.Verdict == ConformanceVerdict.Failed ? 1 : 0;
            missing += outcome.Verdict == ConformanceVerdict.NotThere ? 1 : 0;
            console.Result(json ? ToJson(outcome, device.Name) : ToRow(outcome));
        }
        console.Message($"{cases.Length} cases: {cases.Length - failed - missing} passed, {missing} not there, {failed} failed");
        return failed == 0 ? ExitStatus.Done : ExitStatus.SomeFailed;
    }

    static string ToRow(ConformanceOutcome outcome)
    {
        string row = Row(outcome.Name, outcome.Size, outcome.Error.ToString("0.0e+00", CultureInfo.InvariantCulture),
            outcome.Bound.ToString("0.0e+00", CultureInfo.InvariantCulture), Word(outcome.Verdict), outcome.Milliseconds.ToString("0", CultureInfo.InvariantCulture));
        return outcome.Note.Length == 0 ? row : $"{row}  {outcome.Note.ReplaceLineEndings(" ")}";
    }

    static string Row(string what, string size, string error, string bound, string verdict, string milliseconds) =>
        $"{what,-58} {size,-26} {error,8} {bound,8} {verdict,-9} {milliseconds,6}";

    static string Word(ConformanceVerdict verdict) => verdict switch
    {
        ConformanceVerdict.Equal => "equal",
        ConformanceVerdict.WithinBound => "within",
        ConformanceVerdict.NotThere => "not there",
        _ => "FAILED",
    };

    static string ToJson(ConformanceOutcome outcome, string device) => JsonLine.Of(json =>
    {
        json.WriteString("case", outcome.Name);
        json.WriteString("size", outcome.Size);
        json.WriteString("device", device);
        if (double.IsFinite(outcome.Error))
            json.WriteNumber("error", outcome.Error);
        else
            json.WriteNull("error");
        json.WriteNumber("bound", outcome.Bound);
        json.WriteString("verdict", Word(outcome.Verdict).ToLowerInvariant());
        json.WriteString("note", outcome.Note);
        json.WriteNumber("milliseconds", outcome.Milliseconds);
    });
}
