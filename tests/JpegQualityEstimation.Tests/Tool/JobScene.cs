using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

// A folder of pictures, one of them broken, and the command as job files call it: jqe, on the PATH.
sealed class JobScene : IDisposable
{
    readonly ToolFolder folder = new();
    readonly Dictionary<string, string> environment;

    public JobScene(int pictures, int side)
    {
        for (int n = 0; n < pictures; n++)
            folder.AddPicture($"pictures/{n / 100}/{n:000}.png", side, side);
        folder.AddBytes($"pictures/0/{pictures / 3:000}.png", 1, 2, 3);
        Directory.CreateDirectory(folder["bin"]);
        File.WriteAllText(folder["bin/jqe"], $"#!/bin/sh\nexec dotnet '{ToolProcess.Assembly}' \"$@\"\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder["bin/jqe"], (UnixFileMode)Convert.ToInt32("755", 8));
        environment = new() { ["PATH"] = folder["bin"] + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH") };
    }

    public string this[string relative] => folder[relative];

    public string[] Pictures => [.. folder.FilesBelow("pictures").Select(name => folder[$"pictures/{name}"])];

    public static string Sample(string name) => Path.Combine(RepositoryFolder.Root, "docs", "samples", name);

    // What it prints; null where there is no such command or it fails.
    public static string? Try(string command, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
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

    public Process Start(string command, string[] arguments, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder.Path };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        foreach ((string name, string value) in variables)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public ToolRun Run(string command, string[] arguments, params (string Name, string Value)[] variables)
    {
        using Process process = Start(command, arguments, variables);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new ToolRun(process.ExitCode, output, errors.Result);
    }

    // Every picture has one line, the broken one an error, whatever file it stands in.
    public void RequireEveryPictureOnce(IEnumerable<string> files)
    {
        JsonElement[] results = new ToolRun(0, string.Concat(files.Select(File.ReadAllText)), "").Json;
        Assert.Equal(Pictures.Order(StringComparer.Ordinal), results.Select(r => r.GetProperty("file").GetString()!).Order(StringComparer.Ordinal));
        JsonElement broken = Assert.Single(results, r => r.TryGetProperty("error", out _));
        Assert.Equal("unknown-format", broken.GetProperty("error").GetProperty("code").GetString());
    }

    public void Dispose() => folder.Dispose();
}
