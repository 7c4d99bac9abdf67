using JpegQualityEstimation.Tool;

namespace JpegQualityEstimation.Cuda.Tests.Tool;

// jqe, run in this process.
sealed record ToolCall(int Status, string Output, string Error)
{
    public static ToolCall Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int status = Application.Run(arguments, new ToolConsole(TextReader.Null, output, error, Interactive: false, default));
        return new ToolCall(status, output.ToString(), error.ToString());
    }
}
