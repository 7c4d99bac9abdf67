using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

// jqe quality - between other programs: names that come one by one, readers that go, are slow or stop, and signals.
public sealed class PipeProcessTests : IDisposable
{
    readonly ToolFolder folder = new();

    public void Dispose() => folder.Dispose();

    ToolProcess Start(params string[] arguments)
    {
        Skip.If(OperatingSystem.IsWindows(), "signals and broken pipes are Unix's");
        return new ToolProcess(["quality", "-", "--json", "--model", folder.Model, "--threads", "1", .. arguments]);
    }

    // Without end; in the background, because a pipe takes 64 KB and no more.
    static Task Feed(ToolProcess tool, string name) => Task.Run(() =>
    {
        try
        {
            while (true)
                tool.Input.WriteLine(name);
        }
        catch (IOException)
        {
        }
        catch (ObjectDisposedException)
        {
        }
    });

    [SkippableFact]
    public void EachNameIsAnsweredWhileTheNextIsNotYetWritten()
    {
        string picture = folder.AddPicture("a.png");
        using ToolProcess tool = Start();
        foreach (string name in (string[])[picture, folder["absent.png"], picture])
        {
            tool.Input.WriteLine(name);
            tool.Input.Flush();
            Assert.Contains(name, tool.Line()!, StringComparison.Ordinal);
        }
        tool.Input.Close();
        Assert.Null(tool.Line());
        Assert.Equal(1, tool.Status());
    }

    [SkippableFact]
    public void AnEndlessListEndsQuietlyWhereItsReaderGoes()
    {
        using ToolProcess tool = Start();
        Feed(tool, folder["absent.png"]);
        Assert.Contains("not-found", tool.Line()!, StringComparison.Ordinal);
        tool.Output.Close();
        Assert.Equal(141, tool.Status());
        // The line about the model alone.
        Assert.Single(tool.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [SkippableTheory]
    [InlineData(ToolProcess.SignalInterrupt, 130)]
    [InlineData(ToolProcess.SignalTerminate, 143)]
    public void ASignalEndsTheWaitForNames(int signal, int status)
    {
        string picture = folder.AddPicture("a.png");
        using ToolProcess tool = Start();
        tool.Input.WriteLine(picture);
        tool.Input.Flush();
        Assert.Contains("a.png", tool.Line()!, StringComparison.Ordinal);
        tool.Signal(signal);
        Assert.Equal(status, tool.Status());
        Assert.Null(tool.Line());
        Assert.Contains("stopped", tool.Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void ASignalEndsTheWaitForAReaderThatStands()
    {
        using ToolProcess tool = Start();
        Feed(tool, folder["absent.png"]);
        // More than a reader's buffer and less than the pipe: then it stands.
        for (int n = 0; n < 100; n++)
            Assert.NotNull(tool.Line());
        tool.Signal(ToolProcess.SignalTerminate);
        Assert.Equal(143, tool.Status());
        while (tool.Line() is { } line)
            Assert.EndsWith("}}", line, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void ASignalDropsThePictureAtHandAndLeavesNothingHalfWritten()
    {
        string picture = folder.AddPicture("a.png", 1500, 1500), small = folder.AddPicture("b.png");
        using ToolProcess tool = Start("--maps", folder["maps"], "--maps-root", folder.Path);
        tool.Input.WriteLine(small);
        tool.Input.WriteLine(picture);
        tool.Input.Flush();
        Assert.Contains("b.png", tool.Line()!, StringComparison.Ordinal);
        tool.Signal(ToolProcess.SignalTerminate);
        Assert.Equal(143, tool.Status());
        Assert.Null(tool.Line());
        Assert.Equal(["b.png.compressed.npy", "b.png.map.png", "b.png.quality.npy"], folder.FilesBelow("maps"));
    }

    [SkippableFact]
    public void WhatIsKilledGoesOnWhereItWas()
    {
        for (int n = 0; n < 12; n++)
            folder.AddPicture($"in/{n:00}.png", 200, 200);
        folder.AddBytes("in/05.png", 1, 2, 3);
        string results = folder["results/0.jsonl"];
        string[] command = ["quality", folder["in"], "--results", results, "--model", folder.Model, "--threads", "1"];
        Skip.If(OperatingSystem.IsWindows(), "signals are Unix's");
        using (var tool = new ToolProcess(command))
        {
            SpinWait.SpinUntil(() => File.Exists(results) && new FileInfo(results).Length > 0, TimeSpan.FromSeconds(60));
            tool.Signal(ToolProcess.SignalKill);
            Assert.Equal(128 + ToolProcess.SignalKill, tool.Status());
        }
        int before = File.ReadAllLines(results).Length;
        Assert.InRange(before, 1, 11);
        // As torn as a crash of the machine leaves it.
        File.AppendAllText(results, "{\"file\":\"in/09.png\",\"wid");
        using (var tool = new ToolProcess(command))
        {
            Assert.Equal(before <= 5 ? 1 : 0, tool.Status());
            Assert.Contains($"{before} skipped: reported already", tool.Error, StringComparison.Ordinal);
        }
        var run = new ToolRun(0, File.ReadAllText(results), "");
        Assert.Equal(
            Enumerable.Range(0, 12).Select(n => folder[$"in/{n:00}.png"]), run.Json.Select(r => r.GetProperty("file").GetString()));
    }
}
