using System.Diagnostics;

namespace JpegQualityEstimation.Cuda.Tests.Native;

// native/build.sh: exit status 3 says that a tool is not there.
static class BuildScript
{
    public const int ToolMissing = 3;

    public static (int Status, string Output, string Error) Run(params string[] arguments)
    {
        if (OperatingSystem.IsWindows())
            return (ToolMissing, "", "native/build.sh wants Linux");
        string script = Path.Combine(RepositoryFolder.Root, "native", "build.sh");
        using Process process = Process.Start(new ProcessStartInfo("bash", [script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        process.WaitForExit();
        return (process.ExitCode, output.Result, error.Result);
    }
}
