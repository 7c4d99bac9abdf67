using System.Text.Json;
using JpegQualityEstimation.Tool;
using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

// Names in, lines out, divided among tasks and taken up again.
public sealed class PipeTests : IDisposable
{
    readonly ToolFolder folder = new();

    public void Dispose() => folder.Dispose();

    ToolRun Pipe(string names, params string[] arguments) =>
        folder.RunWith(names, default, ["quality", "-", "--json", "--model", folder.Model, "--threads", "1", .. arguments]);

    static string[] Files(ToolRun run) => [.. run.Json.Select(r => r.GetProperty("file").GetString()!)];

    static string Code(JsonElement result) =>
        result.TryGetProperty("error", out JsonElement error) ? error.GetProperty("code").GetString()! : "";

    [SkippableFact]
    public void NamesEndedByZeroBytesMayHoldAnythingElse()
    {
        Skip.If(OperatingSystem.IsWindows(), "such names are Unix's");
        string[] names = [folder.AddPicture("two\nlines.png"), folder.AddPicture(" blank \r.png"), folder.AddPicture("quote'\"d.png")];
        foreach (string list in (string[])[string.Join('\0', names), string.Join('\0', names) + "\0", string.Join("\0\0", names)])
        {
            ToolRun run = Pipe(list, "--null");
            Assert.Equal(0, run.Status);
            Assert.Equal(names, Files(run));
            Assert.Equal(names, Files(Pipe(list, "-0")));
        }
    }

    [Fact]
    public void NamesThatCannotBeOnesAreReportedInTheirPlace()
    {
        string picture = folder.AddPicture("a.png");
        Directory.CreateDirectory(folder["none"]);
        string[] names = [picture, "a\0b.png", folder["none"], $"caf\uFFFD.png", new string('x', 5000), picture];
        ToolRun run = Pipe(string.Join('\n', names));
        Assert.Equal(1, run.Status);
        Assert.Equal(names, Files(run));
        Assert.Equal(["", "bad-name", "empty-folder", "bad-name"], run.Json.Take(4).Select(Code));
        Assert.NotEqual("", Code(run.Json[4]));
        Assert.Equal("", Code(run.Json[5]));
    }

    // However the bytes of a name arrive: a letter, a line end, a mark of order cut in two.
    [Fact]
    public void NamesComeWholeFromReadsOfAnyLength()
    {
        string text = "\uFEFFa.png\r\n日本/é 😀.png\n\nwith\rreturn.png\n" + new string('x', 20_000) + "\nlast.png";
        byte[] bytes = [.. System.Text.Encoding.UTF8.GetBytes(text), 0xE9];
        string[] names = ["a.png", "日本/é 😀.png", "with\rreturn.png", new string('x', 20_000), "last.png\uFFFD"];
        foreach (int most in (int[])[1, 2, 3, 7, 8191, 8192, 100_000])
        {
            using var input = new StandardInput(new ShortReads(bytes, most));
            Assert.Equal(names, new NameReader(input, zeroEnded: false, default).Names());
        }
    }

    sealed class ShortReads(byte[] bytes, int most) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, most));
    }

    [Fact]
    public void EveryInputBelongsToOneShard()
    {
        string[] names = [.. Enumerable.Range(0, 40).Select(n => folder[$"absent-{n}.png"])];
        string list = string.Join('\n', names);
        string[][] shards = [.. Enumerable.Range(0, 3).Select(k => Files(Pipe(list, "--shard", $"{k}/3")))];
        Assert.Equal(names.Order(StringComparer.Ordinal), shards.SelectMany(s => s).Order(StringComparer.Ordinal));
        Assert.All(shards, shard => Assert.InRange(shard.Length, 1, 39));
        // Each keeps the order of the inputs, and its own when others come or go.
        Assert.All(shards, shard => Assert.Equal(names.Where(shard.Contains), shard));
        Assert.Equal(shards[1].Where(names.Take(20).Contains), Files(Pipe(string.Join('\n', names.Take(20).Reverse()), "--shard", "1/3")).Reverse());
        Assert.Equal(names, Files(Pipe(list, "--shard", "0/1")));
    }

    // Python: int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % 1000
    [Theory]
    [InlineData("photo.jpg", 918)]
    [InlineData("日本/é 😀.png", 481)]
    public void TheShardIsWhatOthersReckonToo(string name, int shard)
    {
        Assert.True(Shard.TryParse($"{shard}/1000", out Shard own));
        Assert.True(own.Holds(name));
        Assert.Equal(1, Enumerable.Range(0, 1000).Count(k => new Shard(k, 1000).Holds(name)));
    }

    [Fact]
    public void WhatEarlierRunsReportIsSkipped()
    {
        string[] names = [.. Enumerable.Range(0, 5).Select(n => folder.AddPicture($"{n}.png"))];
        names[3] = folder["absent.png"];
        string list = string.Join('\n', names);
        ToolRun whole = Pipe(list);
        string first = folder["first.jsonl"], second = folder["second.jsonl"];
        // Torn within, torn and another hung on to it, no object, and no result.
        File.WriteAllText(first, string.Join('\n', whole.Lines[0], whole.Lines[1][..30] + whole.Lines[2], "[1]", "", "{\"file\":7}", whole.Lines[3]) + "\n");
        File.WriteAllText(second, whole.Lines[4][..^1]);
        ToolRun rest = Pipe(list, "--skip", first, "--skip", second, "--skip", folder["later.jsonl"]);
        Assert.Equal(0, rest.Status);
        Assert.Equal([names[1], names[2], names[4]], Files(rest));
        Assert.Contains("2 skipped: reported already", rest.Error, StringComparison.Ordinal);
        Assert.Contains("later.jsonl: not there", rest.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ResultsGoOnWhereTheyEnd()
    {
        string[] names = [.. Enumerable.Range(0, 4).Select(n => folder.AddPicture($"{n}.png"))];
        names[2] = folder["absent.png"];
        string results = folder["deep/results.jsonl"];
        ToolRun begun = Pipe(string.Join('\n', names[..3]), "--results", results);
        Assert.Equal((1, ""), (begun.Status, begun.Output));
        string[] lines = File.ReadAllLines(results);
        Assert.Equal(3, lines.Length);

        string torn = lines[0] + "\n" + lines[1] + "\n" + lines[2][..^1];
        foreach (string left in (string[])[string.Join('\n', lines) + "\n", string.Join('\n', lines), torn, lines[0][..5], ""])
        {
            File.WriteAllText(results, left);
            // A name that comes twice is answered once.
            Pipe(string.Join('\n', [.. names, .. names]), "--results", results);
            Assert.Equal(names, Files(new ToolRun(0, File.ReadAllText(results), "")));
            byte[] before = File.ReadAllBytes(results);
            Assert.Equal(0, Pipe(string.Join('\n', names), "--results", results).Status);
            Assert.Equal(before, File.ReadAllBytes(results));
        }
    }

    [Fact]
    public void ALastLineLongerThanABlockIsFound()
    {
        string results = folder["results.jsonl"], name = folder["absent.png"];
        Pipe(name, "--results", results);
        string whole = File.ReadAllText(results);
        File.AppendAllText(results, "{\"file\":\"" + new string('x', 200_000));
        Pipe(name, "--results", results);
        Assert.Equal(whole, File.ReadAllText(results));
    }

    [Fact]
    public void AFileOfSomethingElseIsNotTakenForResults()
    {
        string picture = folder.AddPicture("a.png");
        byte[] before = File.ReadAllBytes(picture);
        ToolRun run = Pipe(picture, "--results", picture);
        Assert.Equal(2, run.Status);
        Assert.Contains("something else", run.Error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(picture));
    }

    [Fact]
    public void ResultsBelongToOneRunAtATime()
    {
        string results = folder["results.jsonl"];
        using var held = new ResultFile(results, new ReportedNames());
        ToolRun run = Pipe(folder.AddPicture("a.png"), "--results", results);
        Assert.Equal(74, run.Status);
        Assert.Contains("results.jsonl", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void MapsWithoutALineAreMadeAgain()
    {
        string picture = folder.AddPicture("a.png"), results = folder["results.jsonl"];
        string[] options = ["--maps", folder["maps"], "--resume"];
        Pipe(picture, options);
        Assert.Empty(Pipe(picture, options).Lines);
        Pipe(picture, [.. options, "--results", results]);
        Assert.Single(File.ReadAllLines(results));
        Pipe(picture, [.. options, "--results", results]);
        Assert.Single(File.ReadAllLines(results));
    }

    [Fact]
    public void WithARootMapsAreNamedOneByOne()
    {
        string a = folder.AddPicture("in/x/a.png"), outside = folder.AddPicture("in-other/b.png");
        using var output = new StringWriter();
        var answered = new List<int>();
        using var names = new AskedReader([a, outside], () => answered.Add(output.ToString().Count(c => c == '\n')));
        int status = Application.Run(
            ["quality", "-", "--json", "--model", folder.Model, "--threads", "1", "--maps", folder["maps"], "--maps-root", folder["in"]],
            new ToolConsole(names, output, TextWriter.Null, false, default));
        Assert.Equal(1, status);
        Assert.Equal([0, 1, 2], answered);
        Assert.Contains("outside-root", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(["x/a.png.compressed.npy", "x/a.png.map.png", "x/a.png.quality.npy"], folder.FilesBelow("maps"));
    }

    [Fact]
    public void ShardsNameMapsAlike()
    {
        for (int n = 0; n < 6; n++)
            folder.AddPicture($"in/{n % 2}/{n}.png");
        string[] command = [folder["in/0"], folder["in/1"], "--maps"];
        folder.Quality([.. command, folder["whole"]]);
        for (int k = 0; k < 3; k++)
            folder.Quality([.. command, folder["shards"], "--shard", $"{k}/3"]);
        Assert.Equal(folder.FilesBelow("whole"), folder.FilesBelow("shards"));
    }

    // A disk that is full is not a picture that failed.
    [Fact]
    public void ResultsThatCannotBeWrittenEndTheRun()
    {
        string picture = folder.AddPicture("a.png");
        using var error = new StringWriter();
        using var full = new FullWriter();
        var console = new ToolConsole(new StringReader($"{picture}\n{picture}\n"), full, error, false, default);
        Assert.Equal(74, Application.Run(["quality", "-", "--json", "--model", folder.Model], console));
        Assert.Contains("no space", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, full.Tried);
    }

    sealed class FullWriter : StringWriter
    {
        public int Tried { get; private set; }

        public override void WriteLine(string? value)
        {
            Tried++;
            throw new IOException("no space left");
        }
    }

    sealed class AskedReader(string[] lines, Action asked) : TextReader
    {
        int next;

        public override int Read(char[] buffer, int index, int count)
        {
            asked();
            if (next == lines.Length)
                return 0;
            string line = lines[next++] + "\n";
            line.CopyTo(0, buffer, index, line.Length);
            return line.Length;
        }
    }
}
