using System.CommandLine;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Onnx;

namespace JpegQualityEstimation.Tool.Verbs;

// jqe export --onnx OUT: a network in a form that other runtimes read.
sealed class ExportVerb(ToolConsole console)
{
    public const string Example = """
        jqe export --onnx quality.onnx
        jqe export --onnx densenet40.onnx --model densenet40.safetensors
        """;

    readonly Option<string> onnx = new("--onnx")
    {
        Description = "Where to: an ONNX file.",
        HelpName = "OUT",
        Required = true,
    };
    readonly Option<string?> model = new("--model")
    {
        Description = "Weights (safetensors), or the name of a bundled model; default: quality. DenseNet-40 and the quality network can be exported.",
        HelpName = "FILE|NAME",
    };
    readonly Option<bool> json = SharedOptions.Json();

    public static Command Create(ToolConsole console)
    {
        var verb = new ExportVerb(console);
        var command = new Command("export", "Writes a network as an ONNX file.") { verb.onnx, verb.model, verb.json };
        command.SetAction(verb.Run);
        return command;
    }

    int Run(ParseResult parse)
    {
        string path = parse.GetValue(onnx)!;
        string named = parse.GetValue(model) ?? ExportedModel.Quality;
        ExportedModel exported = ExportedModel.Load(named);
        byte[] file;
        try
        {
            file = exported.ToOnnx();
        }
        catch (NotSupportedException e)
        {
            throw new UsageException($"--model {named}: {e.Message}");
        }
        OutputFile.Write(path, stream => stream.Write(file));
        if (parse.GetValue(json))
            console.Result(JsonLine.Of(writer =>
            {
                writer.WriteString("output", path);
                writer.WriteString("model", exported.Name);
                writer.WriteString("sha256", exported.Sha256);
                writer.WriteNumber("opset", OnnxExport.OperatorSet);
                writer.WriteNumber("bytes", file.Length);
            }));
        else
            console.Result($"{path}: {exported.Name}, {file.Length} bytes, operator set {OnnxExport.OperatorSet}");
        return ExitStatus.Done;
    }
}
