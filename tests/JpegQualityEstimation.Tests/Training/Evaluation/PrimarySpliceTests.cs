using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Training.Evaluation;
using Xunit;

namespace JpegQualityEstimation.Tests.Training.Evaluation;

public sealed class PrimarySpliceTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Regions_are_parts_of_their_donors_on_their_own_grids()
    {
        PrimarySpliceRegion[] regions = [new("ground", 60, 0, 0), new("pasted", 80, 3, 5, 0.25, 0.5, 0.3, 0.3)];
        ImageBuffer[] donors = [TrainingScene.Texture(168, 136, 1), TrainingScene.Texture(168, 136, 2)];
        JpegCompression last = JpegCompression.FromQuality(90, ChromaSubsampling.Samp444);
        var splice = new PrimarySplice(regions, i => donors[i], 160, 128, last);
        for (int y = 0; y < 128; y++)
        {
            for (int x = 0; x < 160; x++)
            {
                double dx = ((x + 0.5) / 160 - 0.25) / 0.3, dy = ((y + 0.5) / 128 - 0.5) / 0.3;
                Assert.Equal(dx * dx + dy * dy <= 1 ? "pasted" : "ground", splice.RegionAt(x, y).Name);
            }
        }
        ImageBuffer pasted = JpegRoundTrip.Apply(donors[1].View, JpegCompression.FromQuality(80, ChromaSubsampling.Samp444));
        Assert.Equal(pasted.Pixels.AsSpan((64 + 3) * pasted.Stride + 3 * (80 + 5), 3).ToArray(), splice.Pasted.Pixels.AsSpan(64 * splice.Pasted.Stride + 3 * 80, 3).ToArray());
        Assert.Equal(JpegRoundTrip.Apply(splice.Pasted.View, last).Pixels, splice.Picture.Pixels);
        Assert.Equal((0, 8 * 5 + 3), (regions[0].Phase, regions[1].Phase));
        Assert.Equal((0, -1), (splice.RegionOfWindow(96, 0), splice.RegionOfWindow(48, 32)));
    }

    [Fact]
    public void A_reader_that_is_right_in_the_ground_is_counted_so()
    {
        int[] ground = [.. QuantTable.StandardLuminance(75).ZigZagOrder().Take(15).Select(step => (int)step)];
        EvaluatedPrimaryModel[] models =
        [
            new("ground", "", () => new ConstantReader(ground, 8 * 3 + 7)), new("hash", "", () => new HashReader()), new("silent", "", () => new ConstantReader(ground)),
        ];
        PrimaryEvaluationOptions options = Options(models, (400, 270), (392, 264), (100, 400));
        PrimaryEvaluationReport report = PrimaryEvaluation.Run(options);
        PrimarySpliceEvaluation[] splices = [.. report.Models[0].Splices];
        Assert.Equal(["75-95-85", "75-65-95"], splices.Select(splice => splice.Name));
        Assert.All(splices, splice =>
        {
            Assert.Equal((1.0, 0.0, 1.0), (splice.Regions[0].Figures!.Accuracy, splice.Regions[0].Figures!.Mse, splice.Regions[0].Figures!.PhaseFound!.Value));
            Assert.All(splice.Regions.Skip(1), region =>
            {
                int[] truth = [.. QuantTable.StandardLuminance(region.First).ZigZagOrder().Take(15).Select(step => (int)step)];
                Assert.Equal(truth.Zip(ground, (t, g) => t == g ? 1.0 : 0).Average(), region.Figures!.Accuracy, 12);
                Assert.Equal(0, region.Figures!.PhaseFound);
            });
        });
        Assert.All(report.Models[2].Splices[0].Regions, region => Assert.Null(region.Figures!.PhaseFound));

        Assert.Equal(PrimaryEvaluationFiles.ToJson(report), PrimaryEvaluationFiles.ToJson(PrimaryEvaluation.Run(options with { Threads = 5 })));
        PrimaryEvaluationFiles.Write(report, folder.File("out"));
        Assert.Contains("| 75-65-95 | 90 | ground | left | 65 |", File.ReadAllText(Path.Combine(folder.File("out"), "evaluation.md")));
        // Three panels across, two down: picture, truth, and the first model on its ground of 75, all in one colour.
        ImageBuffer sheet = ImageFile.Read(Path.Combine(folder.File("out"), "splice-75-95-85.png"));
        Assert.Equal(3 * (384 + 16) + 16 + 14 + 60, sheet.Width);
        byte[] At(int x, int y) => sheet.Pixels.AsSpan(y * sheet.Stride + 3 * x, 3).ToArray();
        Assert.Equal(At(16 + 400 + 192, 30 + 10), At(16 + 2 * 400 + 192, 30 + 40));
        Assert.NotEqual(At(16 + 400 + 96, 30 + 115), At(16 + 2 * 400 + 96, 30 + 115));
    }

    [Fact]
    public void Small_pictures_make_no_splice()
    {
        PrimaryEvaluationReport report = PrimaryEvaluation.Run(Options([new("c", "", () => new ConstantReader(new int[15]))], (391, 300), (500, 263)));
        Assert.Empty(report.Models[0].Splices);
        Assert.DoesNotContain("Splices", PrimaryEvaluationFiles.ToMarkdown(report));
    }

    [Fact]
    public void The_nearest_quality_of_a_standard_table_is_its_own()
    {
        for (int quality = 50; quality <= 100; quality++)
        {
            int[] steps = [.. QuantTable.StandardLuminance(quality).ZigZagOrder().Take(15).Select(step => (int)step)];
            int nearest = PrimarySpliceSheet.NearestQuality(steps);
            Assert.Equal(steps, QuantTable.StandardLuminance(nearest).ZigZagOrder().Take(15).Select(step => (int)step));
            Assert.True(nearest >= quality);
        }
        // The first 15 steps of 50 are those of 51.
        Assert.Equal(51, PrimarySpliceSheet.NearestQuality([.. Enumerable.Repeat((int)ushort.MaxValue, 15)]));
    }

    PrimaryEvaluationOptions Options(EvaluatedPrimaryModel[] models, params (int Width, int Height)[] sizes) => new()
    {
        DataFolders = [TrainingScene.Folder(folder, sizes)],
        Models = models,
        Scenarios = [PrimaryScenario.Parse("single-90")],
        WindowsPerScenario = 1,
        Threads = 1,
    };
}
