using System.Diagnostics;
using System.Runtime.InteropServices;
using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

// The command as a process of its own: real pipes, real signals. The test's end is its end.
sealed partial class ToolProcess : IDisposable
{
    public const int SignalInterrupt = 2;
    public const int SignalKill = 9;
    public const int SignalTerminate = 15;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly Process process;
    readonly Task<string> error;

    public ToolProcess(params string[] arguments)
    {
        process = Process.Start(new ProcessStartInfo("dotnet", [Assembly, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        error = process.StandardError.ReadToEndAsync();
    }

    public static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "jqe.dll");

    public StreamWriter Input => process.StandardInput;

    public StreamReader Output => process.StandardOutput;

    public string Error => error.Result;

    public void Signal(int number) => Assert.Equal(0, Kill(process.Id, number));

    // A line of its output; null at its end.
    public string? Line()
    {
        Task<string?> line = Output.ReadLineAsync();
        Assert.True(line.Wait(Patience), "no line came");
        return line.Result;
    }

    public int Status()
    {
        Assert.True(process.WaitForExit(Patience), "it does not end");
        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
