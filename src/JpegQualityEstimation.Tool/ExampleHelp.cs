using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace JpegQualityEstimation.Tool;

// --help as System.CommandLine writes it, with an example at its end.
sealed class ExampleHelp(SynchronousCommandLineAction inner, IReadOnlyDictionary<string, string> examples) : SynchronousCommandLineAction
{
    public const string RootExample = """
        jqe quality photo.jpg
        jqe primary photo.jpg
        jqe VERB --help
        """;

    public static void Attach(RootCommand root, IReadOnlyDictionary<string, string> examples)
    {
        foreach (HelpOption help in root.Options.OfType<HelpOption>())
            help.Action = new ExampleHelp((SynchronousCommandLineAction)help.Action!, examples);
    }

    // --help is an answer even where other arguments are missing.
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parse)
    {
        int status = inner.Invoke(parse);
        TextWriter output = parse.InvocationConfiguration.Output;
        output.WriteLine("Example:");
        string name = string.Join(' ', Path(parse.CommandResult.Command));
        foreach (string line in examples.GetValueOrDefault(name, RootExample).Split('\n'))
            output.WriteLine("  " + line.TrimEnd('\r'));
        return status;
    }

    static IEnumerable<string> Path(Command command) =>
        command is RootCommand ? [] : [.. command.Parents.OfType<Command>().SelectMany(Path), command.Name];
}
