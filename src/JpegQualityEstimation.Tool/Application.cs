using System.CommandLine;
using System.CommandLine.Invocation;
using JpegQualityEstimation.Cuda;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Tool.Verbs;

namespace JpegQualityEstimation.Tool;

// The whole command line, with its streams handed in, so that tests run it in their own process.
static class Application
{
    // Tests put an estimator and a clock of their own in the place of the library's.
    public static int Run(
        IReadOnlyList<string> arguments, ToolConsole console, Func<PrimaryQuantEstimatorOptions, IPrimaryQuantEstimator>? primary = null,
        TimeProvider? clock = null)
    {
        CudaBackend.Use();
        var choice = new PrimaryEstimatorChoice(primary);
        try
        {
            // A file may be called @name: no response files.
            ParseResult parse = Root(console, choice, clock ?? TimeProvider.System, arguments.Count > 0 ? arguments[0] : null).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (parse.Action is ParseErrorAction)
                throw new UsageException(string.Join(Environment.NewLine, parse.Errors.Select(e => e.Message)));
            var invocation = new InvocationConfiguration
            {
                Output = console.Output,
                Error = console.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            int status = parse.Invoke(invocation);
            console.Output.Flush();
            return status;
        }
        catch (UsageException e)
        {
            console.Message($"jqe: {e.Message}");
            console.Message("jqe: 'jqe --help' and 'jqe VERB --help' explain everything");
            return ExitStatus.WrongUsage;
        }
        catch (OperationCanceledException)
        {
            console.Message("jqe: stopped");
            return ExitStatus.Interrupted;
        }
        catch (OutputException e)
        {
            // Whoever closes a pipe knows.
            if (e.Status != ExitStatus.ReaderGone)
                console.Message($"jqe: {e.Message}");
            return e.Status;
        }
        catch (Exception e)
        {
            console.Message($"jqe: {Failure.Of(e)}");
            return ExitStatus.SomeFailed;
        }
    }

    static readonly string[] Verbs =
        ["quality", "primary", "report", "simulate", "train", "average", "calibrate", "demo", "evaluate", "export", "doctor", "selftest", "bench"];

    // Making a verb's options takes milliseconds of a process's start: where the first argument names a verb, only that one.
    static RootCommand Root(ToolConsole console, PrimaryEstimatorChoice choice, TimeProvider clock, string? first)
    {
        var root = new RootCommand("JPEG forensics: reads from a picture's pixels what JPEG did to them.");
        foreach (string verb in Array.IndexOf(Verbs, first) < 0 ? Verbs : [first!])
            root.Add(Verb(verb, console, choice, clock));
        ExampleHelp.Attach(root, new Dictionary<string, string>
        {
            ["quality"] = QualityVerb.Example,
            ["primary"] = PrimaryVerb.Example,
            ["report"] = ReportVerb.Example,
            ["simulate"] = SimulateVerb.Example,
            ["train"] = string.Join('\n', TrainVerb.QualityExample, TrainVerb.PrimaryExample),
            ["train quality"] = TrainVerb.QualityExample,
            ["train primary"] = TrainVerb.PrimaryExample,
            ["average"] = AverageVerb.Example,
            ["calibrate"] = CalibrateVerb.Example,
            ["demo"] = DemoVerb.Example,
            ["evaluate"] = string.Join('\n', EvaluateVerb.Example, EvaluatePrimaryVerb.Example, EvaluateLastVerb.Example, EvaluateRegionsVerb.Example, EvaluateRobustnessVerb.Example, EvaluatePageVerb.Example, EvaluateCalibrationVerb.Example),
            ["evaluate quality"] = EvaluateVerb.Example,
            ["evaluate primary"] = EvaluatePrimaryVerb.Example,
            ["evaluate last"] = EvaluateLastVerb.Example,
            ["evaluate regions"] = EvaluateRegionsVerb.Example,
            ["evaluate robustness"] = EvaluateRobustnessVerb.Example,
            ["evaluate page"] = EvaluatePageVerb.Example,
            ["evaluate calibration"] = EvaluateCalibrationVerb.Example,
            ["export"] = ExportVerb.Example,
            ["doctor"] = DoctorVerb.Example,
            ["selftest"] = SelfTestVerb.Example,
            ["bench"] = BenchVerb.Example,
        });
        return root;
    }

    static Command Verb(string name, ToolConsole console, PrimaryEstimatorChoice choice, TimeProvider clock) => name switch
    {
        "quality" => QualityVerb.Create(console),
        "primary" => PrimaryVerb.Create(console, choice),
        "report" => ReportVerb.Create(console, choice, clock),
        "simulate" => SimulateVerb.Create(console),
        "train" => TrainVerb.Create(console),
        "average" => AverageVerb.Create(console),
        "calibrate" => CalibrateVerb.Create(console),
        "demo" => DemoVerb.Create(console, choice),
        "evaluate" => EvaluateVerb.Create(console),
        "export" => ExportVerb.Create(console),
        "doctor" => DoctorVerb.Create(console),
        "selftest" => SelfTestVerb.Create(console),
        "bench" => BenchVerb.Create(console),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };
}
