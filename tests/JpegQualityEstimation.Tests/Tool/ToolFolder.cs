using System.Text.Json;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tests.Maps;
using JpegQualityEstimation.Tool;

namespace JpegQualityEstimation.Tests.Tool;

// A folder of its own for one test, an untrained model in it, and the command run in this process.
sealed class ToolFolder : IDisposable
{
    public ToolFolder()
    {
        Path = Directory.CreateTempSubdirectory("jqe-tool-").FullName;
        Model = this["model.safetensors"];
        using FileStream stream = File.Create(Model);
        QualityNetwork.CreateInitialized(5).Save(stream);
    }

    public string Path { get; }

    public string Model { get; }

    public string this[string relative] => System.IO.Path.Combine(Path, relative);

    public string AddPicture(string relative, int width = 24, int height = 20, int seed = 1)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[relative])!);
        OutputFile.Write(this[relative], stream => PngWriter.Write(stream, TestScenes.Waves(width, height, seed).View));
        return this[relative];
    }

    public string AddBytes(string relative, params byte[] bytes)
    {
        File.WriteAllBytes(this[relative], bytes);
        return this[relative];
    }

    public ToolRun Run(params string[] arguments) => RunWith("", default, arguments);

    public ToolRun RunWith(string input, CancellationToken cancellation, params string[] arguments) => RunWith(input, cancellation, arguments, null);

    public ToolRun RunWith(
        string input, CancellationToken cancellation, string[] arguments, Func<PrimaryQuantEstimatorOptions, IPrimaryQuantEstimator>? primary)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var console = new ToolConsole(new StringReader(input), output, error, Interactive: false, cancellation);
        int status = Application.Run(arguments, console, primary);
        return new ToolRun(status, output.ToString(), error.ToString());
    }

    // jqe primary, or demo, with an engine of the test's own.
    public ToolRun RunPrimary(FakePrimaryEngine engine, params string[] arguments) => RunWith(
        "", default, arguments, options => PrimaryQuantEstimator.Create(options with { ModelPath = null, Network = engine.Network }));

    // jqe quality with the test's model.
    public ToolRun Quality(params string[] arguments) => Run(["quality", "--model", Model, "--threads", "1", .. arguments]);

    public string[] FilesBelow(string relative) =>
        [.. Directory.GetFiles(this[relative], "*", SearchOption.AllDirectories)
            .Select(f => System.IO.Path.GetRelativePath(this[relative], f).Replace('\\', '/'))
            .Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

sealed record ToolRun(int Status, string Output, string Error)
{
    public string[] Lines => Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    public JsonElement[] Json => [.. Lines.Select(line => JsonDocument.Parse(line).RootElement)];
}
