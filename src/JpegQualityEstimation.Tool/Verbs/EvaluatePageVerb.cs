using System.CommandLine;
using System.Text;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Training.Evaluation;

namespace JpegQualityEstimation.Tool.Verbs;

// jqe evaluate page: the page of results from a template and the files of earlier evaluations; nothing is measured.
sealed class EvaluatePageVerb(ToolConsole console)
{
    public const string Example = """
        jqe evaluate page --results docs/results --out docs/accuracy.md
        """;

    readonly Option<DirectoryInfo> results = new("--results")
    {
        Description = $"Folder of {AccuracyPage.TemplateName} and the files that it names.", HelpName = "DIR", Required = true,
    };
    readonly Option<string?> output = new("--out") { Description = "Markdown file to write; without it the page goes to standard output.", HelpName = "FILE" };

    public static Command Create(ToolConsole console)
    {
        var verb = new EvaluatePageVerb(console);
        var command = new Command("page", "Writes the page of results from its template and the files of evaluations.") { verb.results, verb.output };
        command.SetAction(verb.Run);
        return command;
    }

    int Run(ParseResult parse)
    {
        DirectoryInfo folder = parse.GetValue(results)!;
        if (!File.Exists(Path.Combine(folder.FullName, AccuracyPage.TemplateName)))
            throw new UsageException($"--results {folder}: no {AccuracyPage.TemplateName} in it");
        string page;
        try
        {
            page = AccuracyPage.Render(folder.FullName);
        }
        catch (InvalidDataException e)
        {
            throw new UsageException($"--results {folder}: {e.Message}");
        }
        if (parse.GetValue(output) is not { } file)
            console.Result(page.TrimEnd('\n'));
        else
            OutputFile.Write(file, stream => stream.Write(Encoding.UTF8.GetBytes(page)));
        return ExitStatus.Done;
    }
}
