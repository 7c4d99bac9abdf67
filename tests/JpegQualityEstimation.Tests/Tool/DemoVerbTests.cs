using System.Text.Json;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tests.Maps;
using JpegQualityEstimation.Tool;
using JpegQualityEstimation.Training.Evaluation;
using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

public sealed class DemoVerbTests : IDisposable
{
    readonly ToolFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void EverythingIsWrittenAndTheNumbersNameEveryRegion()
    {
        ToolRun run = folder.RunPrimary(new FakePrimaryEngine(), "demo", folder["new/demo"], "--model", folder.Model, "--json");
        Assert.Equal(0, run.Status);
        Assert.Equal(
            [
                "compressed.npy", "input.png", "map.png", "numbers.json", "primary-input.jpg", "primary-map.png", "primary-regions.png",
                "primary-truth.png", "primary.json", "quality.npy", "truth.png",
            ],
            folder.FilesBelow("new/demo"));
        Assert.Equal(2, run.Json.Length);
        JsonElement numbers = run.Json[0], splice = run.Json[1];
        Assert.Equal(splice.ToString(), JsonDocument.Parse(File.ReadAllText(folder["new/demo/primary.json"])).RootElement.ToString());
        Assert.Equal(
            PrimaryDemo.Regions.Select(r => (r.Name, r.Quality)),
            splice.GetProperty("parts").EnumerateArray().Select(r => (r.GetProperty("name").GetString()!, r.GetProperty("trueQualityFactor").GetInt32())));
        Assert.Equal(PrimaryDemo.Scene(1).Picture.Pixels, ImageFile.Read(folder["new/demo/primary-input.jpg"]).Pixels);
        Assert.Equal(numbers.ToString(), JsonDocument.Parse(File.ReadAllText(folder["new/demo/numbers.json"])).RootElement.ToString());
        Assert.Equal(DemoScene.Regions.Select(r => r.Name), numbers.GetProperty("regions").EnumerateArray().Select(r => r.GetProperty("name").GetString()));
        Assert.Equal(new DemoScene(768, 512, 1).Picture.Pixels, ImageFile.Read(folder["new/demo/input.png"]).Pixels);
    }

    [SkippableFact]
    public void ABuildWithoutAModelForTheSpliceSaysSo()
    {
        Skip.If(PrimaryNetworks.BundledNames.Count > 0, "this build carries models for primary quantization");
        ToolRun run = folder.Run("demo", folder["demo"], "--model", folder.Model);
        Assert.Equal(0, run.Status);
        Assert.Contains("carries no model", run.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(folder["demo/primary-truth.png"]));
        Assert.False(File.Exists(folder["demo/primary.json"]));
    }

    [Fact]
    public void TheSplicesTruthKnowsEveryRegion()
    {
        PrimarySplice scene = PrimaryDemo.Scene(7);
        PrimaryQuantMap truth = scene.Truth();
        for (int i = 0; i < PrimaryDemo.Regions.Count; i++)
        {
            PrimarySpliceRegion region = PrimaryDemo.Regions[i];
            PrimaryQuantEstimate found = scene.Measure(truth, i);
            Assert.Equal(region.Steps, found.Steps.ToArray().Select(step => (int)step));
            Assert.Equal(region.Quality, found.QualityFactor);
            Assert.Equal((region.ShiftRow, region.ShiftColumn), (found.GridShift!.Value.Row, found.GridShift.Value.Column));
        }
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
