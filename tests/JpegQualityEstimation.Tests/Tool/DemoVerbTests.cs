using System.Text.Json;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Tool;
using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

public sealed class DemoVerbTests : IDisposable
{
    readonly ToolFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void EverythingIsWrittenAndTheNumbersNameEveryRegion()
    {
        ToolRun run = folder.Run("demo", folder["new/demo"], "--model", folder.Model, "--json");
        Assert.Equal(0, run.Status);
        Assert.Equal(["compressed.npy", "input.png", "map.png", "numbers.json", "quality.npy", "truth.png"], folder.FilesBelow("new/demo"));
        JsonElement numbers = Assert.Single(run.Json);
        Assert.Equal(numbers.ToString(), JsonDocument.Parse(File.ReadAllText(folder["new/demo/numbers.json"])).RootElement.ToString());
        Assert.Equal(DemoScene.Regions.Select(r => r.Name), numbers.GetProperty("regions").EnumerateArray().Select(r => r.GetProperty("name").GetString()));
        Assert.Equal(new DemoScene(768, 512, 1).Picture.Pixels, ImageFile.Read(folder["new/demo/input.png"]).Pixels);
    }

    [Fact]
    public void TheTruthKnowsEveryRegion()
    {
        var scene = new DemoScene(384, 256, 7);
        QualityMap truth = scene.Truth();
        for (int i = 0; i < DemoScene.Regions.Count; i++)
        {
            QualitySummary summary = scene.Measure(truth, i);
            Assert.Equal(DemoScene.Regions[i].Quality ?? 100, summary.MeanQuality, 9);
            Assert.Equal(DemoScene.Regions[i].Quality is null ? 0 : 1, summary.MeanCompressed, 9);
        }
    }

    [Fact]
    public void TheSameSeedMakesTheSameScene()
    {
        Assert.Equal(new DemoScene(96, 64, 3).Picture.Pixels, new DemoScene(96, 64, 3).Picture.Pixels);
        Assert.NotEqual(new DemoScene(96, 64, 3).Picture.Pixels, new DemoScene(96, 64, 4).Picture.Pixels);
    }
}
