using System.Text.Json;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Tests.Maps;
using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

public sealed class SimulateVerbTests : IDisposable
{
    readonly ToolFolder folder = new();

    public void Dispose() => folder.Dispose();

    ToolRun Simulate(string options, string target = "out.png") =>
        folder.Run(["simulate", folder.AddPicture("in.png", 45, 37), folder[target], .. options.Split(' ')]);

    static ImageBuffer Source => TestScenes.Waves(45, 37, 1);

    [Theory]
    [InlineData("420", ChromaSubsampling.Samp420)]
    [InlineData("422", ChromaSubsampling.Samp422)]
    [InlineData("440", ChromaSubsampling.Samp440)]
    [InlineData("444", ChromaSubsampling.Samp444)]
    [InlineData("gray", ChromaSubsampling.Gray)]
    public void APngHoldsThePixelsAfterTheLastCompression(string name, ChromaSubsampling sampling)
    {
        Assert.Equal(0, Simulate($"--qf1 60 --qf2 90 --shift 3,5 --subsampling {name}").Status);
        ImageBuffer expected = JpegRoundTrip.Apply(
            Source.View, [new(JpegCompression.FromQuality(60, sampling)), new(JpegCompression.FromQuality(90, sampling), 3, 5)]);
        ImageBuffer written = ImageFile.Read(folder["out.png"]);
        Assert.Equal((40, 34), (written.Width, written.Height));
        Assert.Equal(expected.Pixels, written.Pixels);
    }

    [Theory]
    [InlineData("--qf1 60 --qf2 90 --shift 3,5 --subsampling 420")]
    [InlineData("--qf1 60 --qf2 90 --shift 0,7 --subsampling 444")]
    [InlineData("--qf1 60 --qf2 90 --subsampling gray")]
    [InlineData("--qf1 35 --subsampling 422")]
    [InlineData("--qf1 35 --subsampling 440")]
    public void AJpegIsTheLastFileAndDecodesToThePng(string options)
    {
        Assert.Equal(0, Simulate(options, "out.png").Status);
        Assert.Equal(0, Simulate(options, "out.jpg").Status);
        byte[] file = File.ReadAllBytes(folder["out.jpg"]);
        ImageBuffer decoded = JpegDecoder.Decode(file, "out.jpg");
        ImageBuffer pixels = ImageFile.Read(folder["out.png"]);
        if (decoded.Format == PixelFormat.Gray8)
            decoded = TestScenes.Convert(decoded, PixelFormat.Rgb24);
        Assert.Equal((pixels.Width, pixels.Height), (decoded.Width, decoded.Height));
        Assert.Equal(pixels.Pixels, decoded.Pixels);
        int quality = options.Contains("90", StringComparison.Ordinal) ? 90 : 35;
        Assert.Equal(quality, JpegHeader.Read(file, "out.jpg").Components[0].Table.StandardLuminanceQuality());
    }

    [Fact]
    public void OneQualityIsOneCompression()
    {
        ToolRun run = Simulate("--qf1 75 --json");
        Assert.Equal(0, run.Status);
        JsonElement result = Assert.Single(run.Json);
        Assert.Equal(1, result.GetProperty("compressions").GetInt32());
        Assert.Equal(45, result.GetProperty("width").GetInt32());
        ImageBuffer expected = JpegRoundTrip.Apply(Source.View, JpegCompression.FromQuality(75));
        Assert.Equal(expected.Pixels, ImageFile.Read(folder["out.png"]).Pixels);
    }

    [Fact]
    public void ATableReplacesTheLuminanceSteps()
    {
        File.WriteAllText(folder["t.txt"], string.Join(' ', Enumerable.Range(1, 64)));
        Assert.Equal(0, Simulate($"--qf1 80 --table1 {folder["t.txt"]}").Status);
        var steps = new QuantTable([.. Enumerable.Range(1, 64).Select(i => (ushort)i)]);
        var compression = new JpegCompression(steps, QuantTable.StandardChrominance(80), ChromaSubsampling.Samp420);
        Assert.Equal(JpegRoundTrip.Apply(Source.View, compression).Pixels, ImageFile.Read(folder["out.png"]).Pixels);
    }

    [Fact]
    public void ATableAloneServesChrominanceToo()
    {
        File.WriteAllText(folder["t.txt"], string.Join(',', Enumerable.Repeat(9, 64)));
        Assert.Equal(0, Simulate($"--qf1 80 --table2 {folder["t.txt"]} --subsampling 444").Status);
        var nine = new QuantTable([.. Enumerable.Repeat((ushort)9, 64)]);
        ImageBuffer expected = JpegRoundTrip.Apply(
            Source.View, [new(JpegCompression.FromQuality(80, ChromaSubsampling.Samp444)), new(new JpegCompression(nine, nine, ChromaSubsampling.Samp444))]);
        Assert.Equal(expected.Pixels, ImageFile.Read(folder["out.png"]).Pixels);
    }

    [Theory]
    [InlineData("1 2 3")]
    [InlineData("0 0 0")]
    [InlineData("words")]
    public void ABadTableIsWrongUsage(string text)
    {
        File.WriteAllText(folder["t.txt"], text);
        ToolRun run = Simulate($"--table1 {folder["t.txt"]}");
        Assert.Equal(2, run.Status);
        Assert.Contains("t.txt", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["out.png"]));
    }

    [Fact]
    public void AShiftBeyondThePictureIsWrongUsage()
    {
        Assert.Equal(2, Simulate("--qf1 50 --qf2 60 --shift 37,0").Status);
        Assert.False(File.Exists(folder["out.png"]));
    }

    [Fact]
    public void AnInputThatIsNoPictureFails()
    {
        ToolRun run = folder.Run("simulate", folder.AddBytes("bad.png", 9, 9), folder["out.png"], "--qf1", "50", "--json");
        Assert.Equal(1, run.Status);
        Assert.Equal("unknown-format", Assert.Single(run.Json).GetProperty("error").GetProperty("code").GetString());
        Assert.False(File.Exists(folder["out.png"]));
    }

    [Fact]
    public void AnUnwritableTargetFails()
    {
        ToolRun run = folder.Run("simulate", folder.AddPicture("in.png"), folder["no/such/out.png"], "--qf1", "50");
        Assert.Equal(1, run.Status);
        Assert.Empty(run.Output);
    }
}
