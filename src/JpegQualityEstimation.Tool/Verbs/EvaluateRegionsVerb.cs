using System.CommandLine;
using JpegQualityEstimation.Training.Evaluation;

namespace JpegQualityEstimation.Tool.Verbs;

// jqe evaluate regions: foreign regions of generated splices, found by the library and by baselines.
sealed class EvaluateRegionsVerb(ToolConsole console)
{
    public const string Example = """
        jqe evaluate regions --data pictures --out report
        jqe evaluate regions --data pictures --model primary --scenarios 75+95+85-shifted-90 75-shifted-90 --pictures-each 20
        jqe evaluate regions --from report/evaluation.json --into docs/accuracy.md
        """;

    readonly EvaluationArguments shared = new(
        console, "Use the first so many pictures; 0: all.", "Where pictures, shapes, shares and shifts come from.");
    readonly Option<string[]> model = new("--model")
    {
        Description = "Finders to evaluate: weights (safetensors), the name of a bundled model, or bianchi-piva2012-aligned, bianchi-piva2012-nonaligned, galvan2014; once for each, optionally as NAME=FILE; default: primary and all formulas.",
        HelpName = "FILE",
    };
    readonly Option<string[]> scenarios = new("--scenarios")
    {
        Description = "What to measure: GROUND[+DONOR[+DONOR]]-shifted|aligned|mixed-LAST each, first qualities 1..100 or 0 for none; default: those of the documentation.",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = true,
    };
    readonly Option<int> each = SharedOptions.Positive("--pictures-each", "Pictures made for each scenario (6).", 1, 100000);
    readonly Option<string> subsampling = SamplingChoice.Option();
    readonly Option<FileInfo?> from = new("--from") { Description = "An evaluation.json: nothing is measured, its tables are written again.", HelpName = "FILE" };
    readonly Option<FileInfo?> into = new("--into")
    {
        Description = $"Markdown file: the tables replace what stands between its lines '{RegionEvaluationFiles.Begin}' and '{RegionEvaluationFiles.End}'.",
        HelpName = "FILE",
    };

    public static Command Create(ToolConsole console)
    {
        var verb = new EvaluateRegionsVerb(console);
        verb.shared.Data.Required = false;
        var command = new Command("regions", "Measures what is found of spliced regions: pixels, sources, first tables, false alarms.")
        {
            verb.shared.Data, verb.model, verb.shared.Output, verb.scenarios, verb.each, verb.shared.Pictures, verb.subsampling, verb.shared.Seed,
            verb.from, verb.into, verb.shared.Device, verb.shared.Threads, verb.shared.Json,
        };
        command.SetAction(verb.Run);
        return command;
    }

    int Run(ParseResult parse)
    {
        FileInfo? earlier = parse.GetValue(from), document = parse.GetValue(into);
        bool measures = parse.GetValue(shared.Data) is { Length: > 0 };
        if (measures == earlier is not null)
            throw new UsageException("--data or --from is needed, not both");
        if (earlier is { Exists: false } || document is { Exists: false })
            throw new UsageException($"{(earlier is { Exists: false } ? earlier : document)}: no such file");
        RegionEvaluationOptions? options = measures ? Options(parse) : null;
        return shared.Run(
            parse,
            progress => options is null
                ? RegionEvaluationFiles.FromJson(File.ReadAllText(earlier!.FullName)) : RegionEvaluation.Run(options, progress, console.Cancellation),
            RegionEvaluationFiles.Write,
            report => Done(report, RegionEvaluationFiles.ToJsonLine), report => Done(report, RegionEvaluationFiles.ToMarkdown));

        string Done(RegionEvaluationReport report, Func<RegionEvaluationReport, string> render)
        {
            if (document is not null)
                RegionEvaluationFiles.WriteInto(report, document.FullName);
            return render(report);
        }
    }

    RegionEvaluationOptions Options(ParseResult parse)
    {
        var options = new RegionEvaluationOptions
        {
            DataFolders = shared.Folders(parse),
            Finders = RegionFinderChoice.Load(parse.GetValue(model)),
            Subsampling = SamplingChoice.Of(parse.GetValue(subsampling)!),
            Seed = parse.GetValue(shared.Seed),
            Threads = shared.ThreadCount(parse),
            MaxPictures = EvaluationArguments.Count(parse, shared.Pictures, 0),
            Figures = parse.GetValue(shared.Output) is not null,
            Skipped = shared.Skipped,
        };
        if (parse.GetValue(each) is > 0 and int count)
            options = options with { PicturesPerScenario = count };
        try
        {
            return parse.GetValue(scenarios) is { Length: > 0 } names ? options with { Scenarios = [.. names.Select(RegionScenario.Parse).Distinct()] } : options;
        }
        catch (FormatException e)
        {
            throw new UsageException($"--scenarios: {e.Message}");
        }
    }
}
