using System.CommandLine;
using JpegQualityEstimation.Tensors;
using JpegQualityEstimation.Training;

namespace JpegQualityEstimation.Tool.Verbs;

// jqe average: models of one shape in, the weighted mean of their weights out.
sealed class AverageVerb(ToolConsole console)
{
    public const string Example = "jqe average --model one.safetensors two.safetensors --share 0.4 0.6 --out mean.safetensors --half";

    readonly Option<string[]> models = new("--model")
    {
        Description = "Two models or more (safetensors) of one shape.", HelpName = "FILE", Required = true, AllowMultipleArgumentsPerToken = true,
    };
    readonly Option<double[]> shares = new("--share")
    {
        Description = "Share of each, above 0; without it all count alike.", HelpName = "S", AllowMultipleArgumentsPerToken = true,
    };
    readonly Option<string> output = new("--out") { Description = "Where the mean goes.", HelpName = "FILE", Required = true };
    readonly Option<bool> half = new("--half") { Description = "Write 16-bit floats." };
    readonly Option<bool> json = SharedOptions.Json();

    public static Command Create(ToolConsole console)
    {
        var verb = new AverageVerb(console);
        var command = new Command("average", "Writes the weighted mean of models that were trained from one another.") { verb.models, verb.shares, verb.output, verb.half, verb.json };
        command.SetAction(verb.Run);
        return command;
    }

    int Run(ParseResult parse)
    {
        string sha256;
        try
        {
            sha256 = ModelAverage.Write(parse.GetValue(models)!, parse.GetValue(shares) ?? [], parse.GetValue(output)!, parse.GetValue(half));
        }
        catch (Exception e) when (e is WeightsFormatException or ArgumentException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UsageException(e.Message);
        }
        console.Result(parse.GetValue(json) ? JsonLine.Of(line => line.WriteString("sha256", sha256)) : $"sha256: {sha256}");
        return ExitStatus.Done;
    }
}
