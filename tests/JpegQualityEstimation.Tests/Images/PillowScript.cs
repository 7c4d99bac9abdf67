using System.Diagnostics;
using Xunit;

namespace JpegQualityEstimation.Tests.Images;

/// <summary>Runs Python with Pillow and OpenCV where a machine has them; skips the test with a reason where not.</summary>
static class PillowScript
{
    static readonly Lazy<string?> s_python = new(() =>
        new[] { "/usr/bin/python3", "python3", "python" }.FirstOrDefault(p => Run(p, "import numpy, PIL, cv2", []) is not null));

    public static string Require(string script, params string[] arguments)
    {
        Skip.If(s_python.Value is null, "no Python with numpy, Pillow and OpenCV");
        return Run(s_python.Value!, script, arguments) ?? throw new InvalidOperationException("the script failed");
    }

    static string? Run(string python, string script, string[] arguments)
    {
        try
        {
            ProcessStartInfo start = new(python, ["-c", script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
