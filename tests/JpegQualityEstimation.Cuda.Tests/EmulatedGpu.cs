using System.Diagnostics;
using System.Globalization;

namespace JpegQualityEstimation.Cuda.Tests;

// The emulated GPU under the artifacts folder, as native/build.sh makes it.
static class EmulatedGpu
{
    const int BuildMinutes = 15;

    public static (string? Library, string? WhyNot) Build()
    {
        if (OperatingSystem.IsWindows())
            return (null, "the emulated GPU is built on Linux only");
        if (RepositoryFolder.Found is not { } root)
            return (null, "the emulated GPU's sources are not above the tests");
        string script = Path.Combine(root, "native", "build.sh");
        if (!File.Exists(script))
            return (null, $"{script} is not there");
        string folder = Path.Combine(root, "artifacts", "native");
        Directory.CreateDirectory(folder);
        // One build at a time, whatever test processes run beside this one.
        using FileStream held = Hold(Path.Combine(folder, ".lock"));
        string library = Path.Combine(folder, "libjqe_emulated_gpu.so");
        var start = new ProcessStartInfo("bash", [script, "emulator", library]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process build = Process.Start(start)!;
        Task<string> output = build.StandardOutput.ReadToEndAsync(), error = build.StandardError.ReadToEndAsync();
        if (!build.WaitForExit(TimeSpan.FromMinutes(BuildMinutes)))
        {
            build.Kill(entireProcessTree: true);
            return (null, string.Create(CultureInfo.InvariantCulture, $"native/build.sh took more than {BuildMinutes} minutes"));
        }
        return build.ExitCode == 0 && File.Exists(library)
            ? (library, null)
            : (null, $"native/build.sh ended with {build.ExitCode}: {Tail(error.Result)}{Tail(output.Result)}");
    }

    static FileStream Hold(string path)
    {
        for (var clock = Stopwatch.StartNew(); ; Thread.Sleep(100))
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (clock.Elapsed < TimeSpan.FromMinutes(BuildMinutes))
            {
            }
        }
    }

    static string Tail(string text) => text.Length <= 2000 ? text : text[^2000..];
}
