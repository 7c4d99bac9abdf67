using JpegQualityEstimation.Cuda;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Tensors;
using JpegQualityEstimation.Training;

namespace JpegQualityEstimation.Tool;

// Why one input, or the whole run, failed: a code for programs and one line for people. Never a stack trace.
sealed record Failure(string Code, string Message)
{
    public static Failure Of(Exception exception) => exception switch
    {
        ImageFormatException e => new(Kebab(e.Code.ToString()), e.Offset < 0 ? e.Reason : $"at byte {e.Offset}: {e.Reason}"),
        InputException e => new(e.Code, e.Message),
        WeightsFormatException e => new("weights", e.Message),
        RecipeException e => new("recipe", OneLine(e.Message)),
        InvalidDataException e => new("data", OneLine(e.Message)),
        FileNotFoundException or DirectoryNotFoundException => new("not-found", "no such file or folder"),
        UnauthorizedAccessException e => new("access-denied", OneLine(e.Message)),
        IOException e => new("io", OneLine(e.Message)),
        TypeInitializationException or AggregateException when exception.InnerException is { } inner => Of(inner),
        InvalidOperationException e => new("internal", OneLine(e.Message)),
        CudaOutOfMemoryException e => new("device-memory", OneLine(e.Message)),
        DeviceException e => new("device", OneLine(e.Message)),
        OutOfMemoryException => new("out-of-memory", "not enough memory for this picture"),
        Exception e => new("internal", OneLine($"{e.GetType().Name}: {e.Message}")),
    };

    public override string ToString() => $"{Code}: {Message}";

    // {"file": ..., "error": {"code": ..., "message": ...}}
    public string ToJson(string file) => JsonLine.Of(json =>
    {
        json.WriteString("file", file);
        json.WriteStartObject("error");
        json.WriteString("code", Code);
        json.WriteString("message", Message);
        json.WriteEndObject();
    });

    static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();

    static string Kebab(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i > 0 ? "-" : "") + char.ToLowerInvariant(c) : c.ToString()));
}
