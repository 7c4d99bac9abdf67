using JpegQualityEstimation.Tool;
using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

// Pictures beside each other: the same lines in the same order whatever the number of threads, and never more threads at work.
public sealed class PictureBatchTests : IDisposable
{
    readonly ToolFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("2")]
    [InlineData("5")]
    public void ResultsComeInTheOrderOfTheInputsWhateverTheThreads(string threads)
    {
        for (int i = 0; i < 12; i++)
        {
            // Every third takes longer than those behind it.
            folder.AddPicture($"in/{i:00}.png", i % 3 == 0 ? 90 : 20, i % 3 == 0 ? 70 : 20, i);
            if (i % 5 == 4)
                folder.AddBytes($"in/{i:00}x.png", 1, 2, 3);
        }
        ToolRun one = Run("1", "one"), several = Run(threads, "several");
        Assert.Equal(1, one.Status);
        Assert.Equal(1, several.Status);
        Assert.Equal(one.Lines.Select(WithoutTime), several.Lines.Select(WithoutTime));
        Assert.Equal(one.Error, several.Error);
        Assert.Equal(folder.FilesBelow("one"), folder.FilesBelow("several"));
        foreach (string file in folder.FilesBelow("one"))
            Assert.Equal(File.ReadAllBytes(folder[$"one/{file}"]), File.ReadAllBytes(folder[$"several/{file}"]));
    }

    [Fact]
    public void LargePicturesAreReadAndOnTheirPlace()
    {
        // Above PictureTurn.SmallPixels by its header; refused all the same, since the rest is missing.
        byte[] header = new byte[54];
        "BM"u8.CopyTo(header);
        BitConverter.TryWriteBytes(header.AsSpan(10), 54);
        BitConverter.TryWriteBytes(header.AsSpan(14), 40);
        BitConverter.TryWriteBytes(header.AsSpan(18), 3000);
        BitConverter.TryWriteBytes(header.AsSpan(22), 2000);
        BitConverter.TryWriteBytes(header.AsSpan(26), 1 | 24 << 16);
        folder.AddPicture("in/a.png");
        folder.AddBytes("in/b.bmp", header);
        folder.AddPicture("in/c.png");
        ToolRun run = folder.Run("quality", "--model", folder.Model, "--threads", "3", "--json", folder["in"]);
        Assert.Equal(["a.png", "b.bmp", "c.png"], run.Json.Select(r => Path.GetFileName(r.GetProperty("file").GetString())));
        Assert.Equal("truncated", run.Json[1].GetProperty("error").GetProperty("code").GetString());
    }

    // Threads that wait for names do not hold back what is done.
    [Fact]
    public void ACallerMayWaitForEachAnswerBeforeItNamesTheNext()
    {
        string[] pictures = [folder.AddPicture("a.png"), folder.AddPicture("b.png"), folder.AddPicture("c.png")];
        using var output = new StringWriter();
        using TextWriter results = TextWriter.Synchronized(output);
        bool waited = true;
        using var names = new WaitingReader(pictures, told => waited &= SpinWait.SpinUntil(
            () => { lock (results) return output.ToString().Count(c => c == '\n') >= told; }, TimeSpan.FromMinutes(1)));
        int status = Application.Run(
            ["quality", "-", "--json", "--model", folder.Model, "--device", "cpu", "--threads", "3"], new ToolConsole(names, results, TextWriter.Null, false, default));
        Assert.Equal(0, status);
        Assert.True(waited);
        Assert.Equal(3, output.ToString().Count(c => c == '\n'));
    }

    // What a thread throws that nobody waits for would end the whole process.
    [Fact]
    public void WhoWaitsForANameMayEndAfterTheRun()
    {
        using var waits = new ManualResetEventSlim();
        using var over = new ManualResetEventSlim();
        using var left = new ManualResetEventSlim();
        using var names = new WaitingReader([folder.AddPicture("a.png")], told =>
        {
            if (told == 0)
                return;
            waits.Set();
            over.Wait(TimeSpan.FromMinutes(1));
            left.Set();
        });
        using var closed = new ClosedWriter(waits);
        Assert.NotEqual(0, Application.Run(
            ["quality", "-", "--json", "--model", folder.Model, "--device", "cpu", "--threads", "2"], new ToolConsole(names, closed, TextWriter.Null, false, default)));
        over.Set();
        Assert.True(left.Wait(TimeSpan.FromMinutes(1)));
        Thread.Sleep(50);
    }

    // Closed, once somebody waits.
    sealed class ClosedWriter(ManualResetEventSlim waits) : StringWriter
    {
        public override void Write(char value) => Refuse();

        public override void Write(char[] buffer, int index, int count) => Refuse();

        public override void Write(string? value) => Refuse();

        public override void WriteLine(string? value) => Refuse();

        void Refuse()
        {
            waits.Wait(TimeSpan.FromMinutes(1));
            throw new IOException("closed");
        }
    }

    sealed class WaitingReader(string[] lines, Action<int> before) : TextReader
    {
        int next;

        public override int Read(char[] buffer, int index, int count)
        {
            before(next);
            if (next == lines.Length)
                return 0;
            string line = lines[next++] + "\n";
            line.CopyTo(0, buffer, index, line.Length);
            return line.Length;
        }
    }

    [Fact]
    public void NoMoreThreadsAreAtWorkThanThereAre()
    {
        const int Threads = 3;
        var share = new ThreadShare(Threads);
        int atWork = 0, most = 0, alone = 0;
        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            share.Enter();
            bool all = false;
            if (i % 7 == 0)
            {
                share.WaitForAll();
                all = true;
            }
            else if (i % 3 == 0)
                all = share.TakeAllIfAlone();
            int now = Interlocked.Add(ref atWork, all ? Threads : 1);
            InterlockedMax(ref most, now);
            Thread.SpinWait(200);
            Interlocked.Add(ref atWork, all ? -Threads : -1);
            Interlocked.Add(ref alone, all ? 1 : 0);
            share.Leave(all);
        });
        share.WaitUntilIdle();
        Assert.InRange(most, 1, Threads);
        Assert.True(alone >= 200 / 7);
    }

    ToolRun Run(string threads, string maps) => folder.Run(
        "quality", "--model", folder.Model, "--device", "cpu", "--threads", threads, "--maps", folder[maps], "--json", folder["in"]);

    static string WithoutTime(string line) => line.Split("\"milliseconds\"")[0];

    static void InterlockedMax(ref int most, int value)
    {
        for (int seen = most; value > seen && Interlocked.CompareExchange(ref most, value, seen) != seen; seen = most)
        {
        }
    }
}
