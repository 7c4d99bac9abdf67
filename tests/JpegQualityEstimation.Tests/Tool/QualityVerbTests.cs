using System.Text.Json;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tests.Maps;
using JpegQualityEstimation.Tool;
using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

public sealed class QualityVerbTests : IDisposable
{
    readonly ToolFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void JsonHasTheContractsMembersAndTheLibrarysNumbers()
    {
        string picture = folder.AddPicture("photo.png", 40, 32);
        ToolRun run = folder.Quality(picture, "--json");
        Assert.Equal(0, run.Status);
        JsonElement result = Assert.Single(run.Json);
        string[] members = [.. result.EnumerateObject().Select(m => m.Name)];
        Assert.Equal(
            ["file", "width", "height", "quality", "compressed", "verdict", "reliable", "reliableQuality", "reliableCompressed", "probability", "model", "device", "milliseconds"],
            members);

        using IQualityMapEstimator estimator = QualityMapEstimator.Create(new() { ModelPath = folder.Model });
        QualityMap map = estimator.Estimate(TestScenes.Waves(40, 32, 1).View);
        Assert.Equal(picture, result.GetProperty("file").GetString());
        Assert.Equal(40, result.GetProperty("width").GetInt32());
        Assert.Equal(32, result.GetProperty("height").GetInt32());
        Assert.Equal(map.MeanQuality, result.GetProperty("quality").GetDouble(), 3);
        Assert.Equal(map.MeanCompressed, result.GetProperty("compressed").GetDouble(), 5);
        Assert.Equal(map.ReliableShare, result.GetProperty("reliable").GetDouble(), 5);
        Assert.Equal("untrained-5", result.GetProperty("model").GetString());
        Assert.Equal("cpu", result.GetProperty("device").GetString());
        Assert.True(result.GetProperty("milliseconds").GetDouble() >= 0);
        Assert.Contains(result.GetProperty("verdict").GetString(), (string[])["jpeg", "never-compressed", "undetermined"]);
    }

    [Fact]
    public void TheTableHasOneHeadingAndARowAPicture()
    {
        folder.AddPicture("in/a.png");
        folder.AddPicture("in/b.png");
        ToolRun run = folder.Quality(folder["in"]);
        Assert.Equal(0, run.Status);
        Assert.Equal(3, run.Lines.Length);
        Assert.StartsWith("quality", run.Lines[0], StringComparison.Ordinal);
        Assert.EndsWith("a.png", run.Lines[1], StringComparison.Ordinal);
        Assert.EndsWith("b.png", run.Lines[2], StringComparison.Ordinal);
        Assert.Contains("device cpu", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void MapsAreWrittenWithTheirShapesAndValues()
    {
        string picture = folder.AddPicture("photo.png", 33, 21);
        Assert.Equal(0, folder.Quality(picture, "--maps", folder["deep/maps"]).Status);
        Assert.Equal(["photo.png.compressed.npy", "photo.png.map.png", "photo.png.quality.npy"], folder.FilesBelow("deep/maps"));

        using IQualityMapEstimator estimator = QualityMapEstimator.Create(new() { ModelPath = folder.Model });
        QualityMap map = estimator.Estimate(TestScenes.Waves(33, 21, 1).View);
        Assert.Equal(map.Quality.ToArray(), Floats("deep/maps/photo.png.quality.npy", 21, 33));
        Assert.Equal(map.Compressed.ToArray(), Floats("deep/maps/photo.png.compressed.npy", 21, 33));
        ImageBuffer sheet = ImageFile.Read(folder["deep/maps/photo.png.map.png"]);
        Assert.Equal(QualityMapPicture.Render(map, TestScenes.Waves(33, 21, 1).View).Pixels, sheet.Pixels);
    }

    float[] Floats(string relative, int height, int width)
    {
        byte[] bytes = File.ReadAllBytes(folder[relative]);
        string header = System.Text.Encoding.ASCII.GetString(bytes, 10, BitConverter.ToUInt16(bytes, 8));
        Assert.Contains("'<f4'", header, StringComparison.Ordinal);
        Assert.Contains($"({height}, {width})", header, StringComparison.Ordinal);
        float[] values = new float[height * width];
        Buffer.BlockCopy(bytes, 10 + header.Length, values, 0, 4 * values.Length);
        Assert.Equal(10 + header.Length + 4 * values.Length, bytes.Length);
        return values;
    }

    [Fact]
    public void ABrokenPictureIsReportedAndTheBatchGoesOn()
    {
        folder.AddPicture("in/a.png");
        folder.AddBytes("in/b.png", 0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 0, 0);
        folder.AddBytes("in/c.jpg", 1, 2, 3);
        folder.AddBytes("in/d.bmp");
        folder.AddPicture("in/e.png");
        ToolRun run = folder.Quality(folder["in"], folder["absent.png"], "--json");
        Assert.Equal(1, run.Status);
        Assert.Equal(6, run.Json.Length);
        Assert.Equal(["a.png", "b.png", "c.jpg", "d.bmp", "e.png", "absent.png"], run.Json.Select(r => Path.GetFileName(r.GetProperty("file").GetString())));
        string[] codes = [.. run.Json.Select(r => r.TryGetProperty("error", out JsonElement e) ? e.GetProperty("code").GetString()! : "")];
        Assert.Equal(["", "truncated", "unknown-format", "truncated", "", "not-found"], codes);
        foreach (JsonElement failed in run.Json.Where(r => r.TryGetProperty("error", out _)))
        {
            Assert.Equal(["file", "error"], failed.EnumerateObject().Select(m => m.Name));
            Assert.Equal(["code", "message"], failed.GetProperty("error").EnumerateObject().Select(m => m.Name));
            Assert.DoesNotContain("   at ", failed.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void WithoutJsonAFailureIsALineOnStandardError()
    {
        string bad = folder.AddBytes("bad.png", 1, 2, 3);
        ToolRun run = folder.Quality(bad);
        Assert.Equal(1, run.Status);
        Assert.Empty(run.Output);
        Assert.Contains($"{bad}: unknown-format: ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void FoldersAreFlatUnlessRecursive()
    {
        folder.AddPicture("in/a.png");
        folder.AddPicture("in/deep/er/b.png");
        File.WriteAllText(folder["in/notes.txt"], "no picture");
        Assert.Single(folder.Quality(folder["in"], "--json").Json);
        Assert.Equal(2, folder.Quality(folder["in"], "--json", "--recursive").Json.Length);
    }

    [Fact]
    public void AnEmptyFolderIsAFailure()
    {
        Directory.CreateDirectory(folder["none"]);
        ToolRun run = folder.Quality(folder["none"], "--json");
        Assert.Equal(1, run.Status);
        Assert.Equal("empty-folder", Assert.Single(run.Json).GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public void NamesComeFromStandardInput()
    {
        string a = folder.AddPicture("a.png"), b = folder.AddPicture("b.png");
        ToolRun run = folder.RunWith($"{a}\n\n{b}\r\n", default, "quality", "-", "--json", "--model", folder.Model);
        Assert.Equal(0, run.Status);
        Assert.Equal([a, b], run.Json.Select(r => r.GetProperty("file").GetString()));
    }

    [Fact]
    public void WithOneThreadANameFromStandardInputIsAnsweredBeforeTheNextIsRead()
    {
        string a = folder.AddPicture("a.png"), b = folder.AddPicture("b.png");
        using var output = new StringWriter();
        var answered = new List<int>();
        using var names = new AskedReader([a, b], () => answered.Add(output.ToString().Count(c => c == '{')));
        int status = Application.Run(
            ["quality", "-", "--json", "--model", folder.Model, "--threads", "1"], new ToolConsole(names, output, TextWriter.Null, false, default));
        Assert.Equal(0, status);
        Assert.Equal([0, 1, 2], answered);
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

    [Theory]
    [InlineData("фото é 日本 😀.png")]
    [InlineData("with space & [brackets].png")]
    [InlineData("@file.png")]
    [InlineData("quote'd.png")]
    public void AnyFileNameGoes(string name)
    {
        string picture = folder.AddPicture(name);
        ToolRun run = folder.Quality(picture, "--json", "--maps", folder["maps"]);
        Assert.Equal(0, run.Status);
        Assert.Equal(picture, Assert.Single(run.Json).GetProperty("file").GetString());
        Assert.True(File.Exists(folder[$"maps/{name}.map.png"]));
    }

    [Fact]
    public void NamesThatLookAlikeDoNotOverwriteEachOther()
    {
        folder.AddPicture("in/a/x.png", seed: 1);
        folder.AddPicture("in/b/x.png", seed: 2);
        File.Copy(folder["in/a/x.png"], folder["in/a/x.jpg"]);
        Assert.Equal(0, folder.Quality(folder["in"], "--recursive", "--maps", folder["maps"]).Status);
        Assert.Equal(9, folder.FilesBelow("maps").Length);
        Assert.Contains("a/x.png.quality.npy", folder.FilesBelow("maps"));
        Assert.Contains("a/x.jpg.quality.npy", folder.FilesBelow("maps"));
        Assert.Contains("b/x.png.quality.npy", folder.FilesBelow("maps"));
        Assert.NotEqual(File.ReadAllBytes(folder["maps/a/x.png.quality.npy"]), File.ReadAllBytes(folder["maps/b/x.png.quality.npy"]));
    }

    [Fact]
    public void TwoFoldersKeepTheirNamesBelowTheMaps()
    {
        string a = folder.AddPicture("in/a/x.png"), b = folder.AddPicture("in/b/x.png");
        folder.Quality(a, b, "--maps", folder["files"]);
        folder.Quality(folder["in/a"], folder["in/b"], "--maps", folder["folders"]);
        Assert.Contains("a/x.png.map.png", folder.FilesBelow("files"));
        Assert.Equal(folder.FilesBelow("files"), folder.FilesBelow("folders"));
    }

    [Fact]
    public void MapsBelowTheInputAreNotTakenForPictures()
    {
        folder.AddPicture("in/a.png");
        Assert.Equal(0, folder.Quality(folder["in"], "--recursive", "--maps", folder["in/maps"]).Status);
        Assert.Single(folder.Quality(folder["in"], "--recursive", "--maps", folder["in/maps"], "--json").Json);
    }

    [Fact]
    public void ResumeSkipsWhatIsWholeAndDoesTheRest()
    {
        folder.AddPicture("in/a.png");
        folder.AddPicture("in/b.png");
        string[] command = [folder["in"], "--maps", folder["maps"], "--json", "--resume"];
        Assert.Equal(2, folder.Quality(command).Json.Length);
        ToolRun again = folder.Quality(command);
        Assert.Equal(0, again.Status);
        Assert.Empty(again.Lines);
        Assert.Contains("a.png: skipped", again.Error, StringComparison.Ordinal);
        File.Delete(folder["maps/b.png.compressed.npy"]);
        JsonElement redone = Assert.Single(folder.Quality(command).Json);
        Assert.EndsWith("b.png", redone.GetProperty("file").GetString(), StringComparison.Ordinal);
        Assert.Equal(6, folder.FilesBelow("maps").Length);
    }

    [Fact]
    public void AMapThatCannotBeWrittenFailsThatPictureOnly()
    {
        folder.AddPicture("in/a.png");
        folder.AddPicture("in/b.png");
        Directory.CreateDirectory(folder["maps/a.png.quality.npy"]);
        ToolRun run = folder.Quality(folder["in"], "--maps", folder["maps"], "--json");
        Assert.Equal(1, run.Status);
        Assert.True(run.Json[0].TryGetProperty("error", out _));
        Assert.False(run.Json[1].TryGetProperty("error", out _));
        Assert.DoesNotContain(folder.FilesBelow("maps"), f => f.StartsWith('.'));
    }

    [Fact]
    public void InterruptionLeavesNothingHalfWritten()
    {
        string picture = folder.AddPicture("a.png", 300, 300);
        ToolRun run = folder.RunWith("", new CancellationToken(canceled: true), "quality", picture, "--model", folder.Model, "--maps", folder["maps"]);
        Assert.Equal(130, run.Status);
        Assert.Empty(run.Output);
        Assert.False(Directory.Exists(folder["maps"]));
        Assert.Contains("stopped", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(15, 40)]
    public void TinyPicturesAreUndetermined(int width, int height)
    {
        JsonElement result = Assert.Single(folder.Quality(folder.AddPicture("t.png", width, height), "--json").Json);
        Assert.Equal("undetermined", result.GetProperty("verdict").GetString());
        Assert.Equal(0, result.GetProperty("reliable").GetDouble());
    }

    [SkippableFact]
    public void TheBundledModelServesWhereNoneIsNamed()
    {
        ToolRun run = folder.Run("quality", folder.AddPicture("p.png"), "--json");
        Skip.If(run.Error.Contains("carries no quality weights", StringComparison.Ordinal), "this build carries no weights");
        Assert.Equal(0, run.Status);
        Assert.Equal(QualityNetwork.Bundled.Name, Assert.Single(run.Json).GetProperty("model").GetString());
    }

    [Fact]
    public void AModelOfAnotherPolarityIsTurned()
    {
        string turned = folder["turned.safetensors"];
        using (FileStream stream = File.Create(turned))
        {
            var metadata = new Dictionary<string, string> { ["name"] = "turned" };
            QualityNetwork.Load(folder.Model, FlagPolarity.OneIsNeverCompressed).Save(stream, metadata);
        }
        JsonElement turnedResult = Assert.Single(folder.Run("quality", folder.AddPicture("p.png"), "--json", "--model", turned).Json);
        Assert.Equal("turned", turnedResult.GetProperty("model").GetString());
    }
}
