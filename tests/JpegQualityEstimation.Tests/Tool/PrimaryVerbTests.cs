using System.Text;
using System.Text.Json;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tests.Images;
using JpegQualityEstimation.Tests.Maps;
using JpegQualityEstimation.Tool;
using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

public sealed class PrimaryVerbTests : IDisposable
{
    readonly ToolFolder folder = new();
    readonly FakePrimaryEngine engine = new();

    public void Dispose() => folder.Dispose();

    ToolRun Primary(params string[] arguments) => folder.RunPrimary(engine, ["primary", "--threads", "1", .. arguments]);

    string AddJpeg(string relative, int width, int height, int quality)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder[relative])!);
        using FileStream stream = File.Create(folder[relative]);
        JpegEncoder.Encode(stream, TestScenes.Waves(width, height, 1).View, JpegCompression.FromQuality(quality));
        return folder[relative];
    }

    static string? Code(JsonElement result) =>
        result.TryGetProperty("error", out JsonElement error) ? error.GetProperty("code").GetString() : null;

    [Fact]
    public void JsonHasTheContractsMembersAndTheLibrarysNumbers()
    {
        string picture = AddJpeg("photo.jpg", 100, 80, 85);
        ToolRun run = Primary(picture, "--json");
        Assert.Equal(0, run.Status);
        JsonElement result = Assert.Single(run.Json);
        Assert.Equal(
            ["file", "width", "height", "second", "primary", "determined", "model", "device", "milliseconds"],
            result.EnumerateObject().Select(m => m.Name));
        JsonElement second = result.GetProperty("second"), primary = result.GetProperty("primary");
        Assert.Equal(["source", "qualityFactor", "steps"], second.EnumerateObject().Select(m => m.Name));
        Assert.Equal(
            ["steps", "confidence", "qualityFactor", "overallConfidence", "gridShift"], primary.EnumerateObject().Select(m => m.Name));
        Assert.Equal(("file", 85), (second.GetProperty("source").GetString(), second.GetProperty("qualityFactor").GetInt32()));
        Assert.Equal(QuantTable.StandardLuminance(85).ZigZagOrder(), second.GetProperty("steps").EnumerateArray().Select(s => s.GetUInt16()));

        using IPrimaryQuantEstimator estimator = PrimaryQuantEstimator.Create(new() { Network = engine.Network });
        PrimaryQuantEstimate expected = estimator.EstimateMap(ImageFile.Read(picture).View, QuantTable.StandardLuminance(85)).Pooled;
        Assert.Equal(expected.Steps.ToArray(), primary.GetProperty("steps").EnumerateArray().Select(s => s.GetInt16()));
        Assert.Equal(
            expected.StepConfidence.ToArray().Select(c => Math.Round(c, 5)), primary.GetProperty("confidence").EnumerateArray().Select(c => c.GetDouble()));
        Assert.Equal(expected.QualityFactor, primary.GetProperty("qualityFactor").GetInt32());
        JsonElement shift = primary.GetProperty("gridShift");
        Assert.Equal(
            (expected.GridShift!.Value.Row, expected.GridShift.Value.Column, expected.GridShift.Value.IsAligned),
            (shift.GetProperty("row").GetInt32(), shift.GetProperty("column").GetInt32(), shift.GetProperty("aligned").GetBoolean()));
        Assert.Equal((picture, 100, 80), (result.GetProperty("file").GetString(), result.GetProperty("width").GetInt32(), result.GetProperty("height").GetInt32()));
        Assert.Equal((1, "fake", "cpu"), (result.GetProperty("determined").GetDouble(), result.GetProperty("model").GetString(), result.GetProperty("device").GetString()));
    }

    [Fact]
    public void TheSecondTableComesFromWhereItIsSaidTo()
    {
        string jpeg = AddJpeg("a.jpg", 64, 64, 77), png = folder.AddPicture("b.png", 64, 64), table = folder["table.txt"];
        ushort[] steps = QuantTable.StandardLuminance(60).NaturalOrder.ToArray();
        steps[1] += 3;
        File.WriteAllText(table, new QuantTable(steps).ToString());
        Assert.Equal(("file", 77), Second(Primary(jpeg, "--json")));
        Assert.Equal(("quality-factor", 90), Second(Primary(jpeg, "--json", "--second", "90")));
        Assert.Equal(("quality-factor", 90), Second(Primary(png, "--json", "--second", "90")));
        Assert.Equal(("table", null), Second(Primary(png, "--json", "--second", table)));
        JsonElement own = Primary(png, "--json", "--second", table).Json[0].GetProperty("second").GetProperty("steps");
        Assert.Equal(new QuantTable(steps).ZigZagOrder(), own.EnumerateArray().Select(s => s.GetUInt16()));

        static (string?, int?) Second(ToolRun run)
        {
            JsonElement second = Assert.Single(run.Json).GetProperty("second"), quality = second.GetProperty("qualityFactor");
            return (second.GetProperty("source").GetString(), quality.ValueKind == JsonValueKind.Null ? null : quality.GetInt32());
        }
    }

    [Fact]
    public void APictureSavedLosslesslySinceTellsTableAndGridItself()
    {
        ImageBuffer once = JpegRoundTrip.Apply(SyntheticPicture.Create(200, 160, 2).View, JpegCompression.FromQuality(88));
        string png = folder["later.png"];
        using (FileStream stream = File.Create(png))
            PngWriter.Write(stream, once.View.Crop(5, 3, 190, 150));
        ToolRun run = Primary(png, "--json", "--maps", folder["maps"]);
        Assert.Equal(0, run.Status);
        JsonElement second = Assert.Single(run.Json).GetProperty("second"), estimate = second.GetProperty("estimate");
        Assert.Equal(("estimated", 88), (second.GetProperty("source").GetString(), second.GetProperty("qualityFactor").GetInt32()));
        Assert.Equal(QuantTable.StandardLuminance(88).ZigZagOrder(), second.GetProperty("steps").EnumerateArray().Select(s => s.GetUInt16()));
        Assert.Equal((5, 3), (estimate.GetProperty("gridRow").GetInt32(), estimate.GetProperty("gridColumn").GetInt32()));
        Assert.Equal("standard", estimate.GetProperty("table").GetString());
        Assert.Equal(64, estimate.GetProperty("steps").GetArrayLength());
        Assert.True(estimate.GetProperty("logFalseAlarms").GetDouble() < -2);
        NpyArray steps = NpyArray.Read(File.ReadAllBytes(folder["maps/later.png.q1.npy"]), "q1");
        Assert.Equal([15, (145 - 64) / 8 + 1, (187 - 64) / 8 + 1], steps.Shape);
        Assert.Contains("~88", Primary(png).Output, StringComparison.Ordinal);

        using (FileStream stream = File.Create(folder["narrow.png"]))
            PngWriter.Write(stream, once.View.Crop(5, 3, 66, 150));
        using (FileStream stream = File.Create(folder["patch.png"]))
            PngWriter.Write(stream, once.View.Crop(5, 3, 64, 64));
        Assert.Equal("too-small", Code(Assert.Single(Primary(folder["narrow.png"], "--json").Json)));
        Assert.Equal("not-a-patch", Code(Assert.Single(Primary(folder["patch.png"], "--json", "--patch").Json)));
    }

    [Fact]
    public void WhatCannotBeAnsweredIsReportedAndTheBatchGoesOn()
    {
        folder.AddPicture("in/a.png", 70, 70);
        AddJpeg("in/b.jpg", 63, 200, 90);
        folder.AddBytes("in/c.jpg", 0xFF, 0xD8, 0xFF);
        folder.AddBytes("in/d.png");
        AddJpeg("in/e.jpg", 64, 64, 90);
        ToolRun run = Primary(folder["in"], folder["absent.jpg"], "--json");
        Assert.Equal(1, run.Status);
        Assert.Equal(["no-second-table", "too-small", "truncated", "truncated", null, "not-found"], run.Json.Select(Code));
        Assert.Contains("--second", run.Json[0].GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Output + run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AJpegFileWithoutLuminanceHasNoLuminanceTable()
    {
        string jpeg = AddJpeg("rgb.jpg", 64, 64, 90);
        byte[] bytes = File.ReadAllBytes(jpeg);
        // An Adobe segment of transform 0 in the place of the JFIF one makes the three components red, green, blue.
        byte[] adobe = [0xFF, 0xEE, 0, 14, .. "Adobe"u8, 0, 100, 0, 0, 0, 0, 0];
        int jfif = 4 + bytes[4] * 256 + bytes[5];
        File.WriteAllBytes(jpeg, [0xFF, 0xD8, .. adobe, .. bytes[jfif..]]);
        Assert.Equal(JpegColorModel.Rgb, JpegHeader.Read(File.ReadAllBytes(jpeg), jpeg).ColorModel);
        Assert.Equal("no-second-table", Code(Assert.Single(Primary(jpeg, "--json").Json)));
        Assert.Null(Code(Assert.Single(Primary(jpeg, "--json", "--second", "90").Json)));
    }

    [Fact]
    public void MapsAreWrittenWithTheirShapesAndValues()
    {
        string picture = AddJpeg("photo.jpg", 100, 80, 85);
        Assert.Equal(0, Primary(picture, "--maps", folder["deep/maps"], "--stride", "4").Status);
        Assert.Equal(["photo.jpg.map.png", "photo.jpg.q1.npy", "photo.jpg.q1conf.npy", "photo.jpg.regions.npy", "photo.jpg.regions.png"], folder.FilesBelow("deep/maps"));
        ImageBuffer image = ImageFile.Read(picture);
        using IPrimaryQuantEstimator estimator = PrimaryQuantEstimator.Create(new() { Network = engine.Network });
        PrimaryQuantMap map = estimator.EstimateMap(image.View, QuantTable.StandardLuminance(85), new() { Stride = 4 });
        byte[] steps = Npy("deep/maps/photo.jpg.q1.npy", "<i2", "(15, 5, 10)"), confidence = Npy("deep/maps/photo.jpg.q1conf.npy", "<f4", "(15, 5, 10)");
        Assert.Equal(map.Steps.ToArray(), Enumerable.Range(0, 750).Select(i => BitConverter.ToInt16(steps, 2 * i)));
        Assert.Equal(map.StepConfidence.ToArray(), Enumerable.Range(0, 750).Select(i => BitConverter.ToSingle(confidence, 4 * i)));
        Assert.Equal(PrimaryQuantMapPicture.Render(map, image.View).Pixels, ImageFile.Read(folder["deep/maps/photo.jpg.map.png"]).Pixels);
        Assert.All(Npy("deep/maps/photo.jpg.regions.npy", "<i2", "(5, 10)"), b => Assert.Equal(0, b));
        Assert.Equal(PixelFormat.Rgb24, ImageFile.Read(folder["deep/maps/photo.jpg.regions.png"]).Format);
    }

    byte[] Npy(string relative, string type, string shape)
    {
        byte[] bytes = File.ReadAllBytes(folder[relative]);
        int length = BitConverter.ToUInt16(bytes, 8);
        string header = Encoding.ASCII.GetString(bytes, 10, length);
        Assert.Contains($"'{type}'", header, StringComparison.Ordinal);
        Assert.Contains(shape, header, StringComparison.Ordinal);
        return bytes[(10 + length)..];
    }

    [Fact]
    public void AFlatPictureIsUndeterminedInZeros()
    {
        var flat = new ImageBuffer(80, 64, PixelFormat.Rgb24);
        flat.Pixels.AsSpan().Fill(90);
        OutputFile.Write(folder["flat.png"], stream => PngWriter.Write(stream, flat.View));
        ToolRun run = Primary(folder["flat.png"], "--second", "90", "--json", "--maps", folder["maps"]);
        Assert.Equal(0, run.Status);
        JsonElement primary = Assert.Single(run.Json).GetProperty("primary");
        Assert.Equal(new int[15], primary.GetProperty("steps").EnumerateArray().Select(s => s.GetInt32()));
        Assert.Equal(0, primary.GetProperty("qualityFactor").GetInt32());
        Assert.Equal(JsonValueKind.Null, primary.GetProperty("gridShift").ValueKind);
        Assert.Equal(0, run.Json[0].GetProperty("determined").GetDouble());
        Assert.All(Npy("maps/flat.png.q1.npy", "<i2", "(15, 1, 3)"), b => Assert.Equal(0, b));
        Assert.Contains("undetermined", Primary(folder["flat.png"], "--second", "90").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void PatchesAreOneWindowEach()
    {
        folder.AddPicture("in/a.png", 64, 64, 1);
        folder.AddPicture("in/b.png", 65, 64, 2);
        folder.AddPicture("in/c.png", 64, 64, 3);
        ToolRun run = Primary(folder["in"], "--patch", "--second", "90", "--json");
        Assert.Equal(1, run.Status);
        Assert.Equal([null, "not-a-patch", null], run.Json.Select(Code));
        using IPrimaryQuantEstimator estimator = PrimaryQuantEstimator.Create(new() { Network = engine.Network });
        PrimaryQuantEstimate expected = estimator.EstimatePatch(TestScenes.Waves(64, 64, 3).View, QuantTable.StandardLuminance(90));
        Assert.Equal(
            expected.Steps.ToArray(), run.Json[2].GetProperty("primary").GetProperty("steps").EnumerateArray().Select(s => s.GetInt16()));
    }

    [Fact]
    public void ResumeSkipsWhatIsWhole()
    {
        AddJpeg("in/a.jpg", 64, 64, 90);
        AddJpeg("in/deep/b.jpg", 64, 64, 80);
        string[] command = [folder["in"], "--recursive", "--maps", folder["in/maps"], "--json", "--resume"];
        Assert.Equal(2, Primary(command).Json.Length);
        Assert.Empty(Primary(command).Lines);
        File.Delete(folder["in/maps/deep/b.jpg.q1conf.npy"]);
        Assert.EndsWith("b.jpg", Assert.Single(Primary(command).Json).GetProperty("file").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void TheTableHasOneHeadingAndARowAPicture()
    {
        AddJpeg("in/a.jpg", 64, 64, 90);
        AddJpeg("in/b.jpg", 64, 72, 90);
        ToolRun run = Primary(folder["in"]);
        Assert.Equal(3, run.Lines.Length);
        Assert.StartsWith("qf1", run.Lines[0], StringComparison.Ordinal);
        Assert.EndsWith("b.jpg", run.Lines[2], StringComparison.Ordinal);
        Assert.Equal(run.Lines[0].IndexOf("file", StringComparison.Ordinal), run.Lines[1].IndexOf(folder["in"], StringComparison.Ordinal));
    }

    [Fact]
    public void NamesComeFromStandardInput()
    {
        string a = AddJpeg("a.jpg", 64, 64, 90);
        ToolRun run = folder.RunWith(
            $"{a}\n", default, ["primary", "-", "--json"], _ => PrimaryQuantEstimator.Create(new() { Network = engine.Network }));
        Assert.Equal(a, Assert.Single(run.Json).GetProperty("file").GetString());
    }

    [Fact]
    public void InterruptionLeavesNothingHalfWritten()
    {
        string a = AddJpeg("a.jpg", 64, 64, 90);
        ToolRun run = folder.RunWith(
            "", new CancellationToken(canceled: true), ["primary", a, "--maps", folder["maps"]],
            _ => PrimaryQuantEstimator.Create(new() { Network = engine.Network }));
        Assert.Equal(130, run.Status);
        Assert.False(Directory.Exists(folder["maps"]));
    }

    [SkippableFact]
    public void ABuildWithoutModelsSaysSo()
    {
        Skip.If(PrimaryNetworks.BundledNames.Count > 0, "this build carries models for primary quantization");
        ToolRun run = folder.Run("primary", AddJpeg("a.jpg", 64, 64, 90));
        Assert.Equal(2, run.Status);
        Assert.Contains("carries no weights for primary quantization", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AModelOfTheOtherKindIsRefused()
    {
        ToolRun run = folder.Run("primary", AddJpeg("a.jpg", 64, 64, 90), "--model", folder.Model);
        Assert.Equal(2, run.Status);
        Assert.Contains("architecture 'uchida2019'", run.Error, StringComparison.Ordinal);
    }

    // A name is taken where there is no file of that name; tests of one process share its working directory, so a path stands for the file.
    [Fact]
    public void SpecialisedModelsAreKnownByNameAndFilesByTheirPaths()
    {
        string picture = AddJpeg("a.jpg", 64, 64, 90);
        ToolRun run = folder.Run("primary", picture, "--model", "primary-90", "--json", "--threads", "1", "--device", "cpu");
        Assert.Equal("primary-90", Assert.Single(run.Json).GetProperty("model").GetString());
        using (FileStream stream = File.Create(folder["primary-90"]))
            PhaseHistogramNetwork.CreateInitialized(1).Save(stream, new Dictionary<string, string> { ["name"] = "mine" });
        run = folder.Run("primary", picture, "--model", folder["primary-90"], "--json", "--threads", "1", "--device", "cpu");
        Assert.Equal("mine", Assert.Single(run.Json).GetProperty("model").GetString());
        Assert.Equal(2, folder.Run("primary", picture, "--model", "primary-70").Status);
    }
}
