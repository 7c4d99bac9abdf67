using System.Text.Json;
using System.Xml.Linq;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Tests.Maps;
using JpegQualityEstimation.Tool.Report;
using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

public sealed class ReportVerbTests : IDisposable
{
    static readonly string[] AllFiles =
    [
        "photo.jpg.compressed.png", "photo.jpg.confidence.png", "photo.jpg.html", "photo.jpg.json", "photo.jpg.primary.png",
        "photo.jpg.quality.png", "photo.jpg.regions.png", "photo.jpg.shift.png",
    ];

    readonly ReportScene scene = new();

    public void Dispose() => scene.Dispose();

    [Fact]
    public void PageDataAndMapsAreWritten()
    {
        string picture = scene.AddJpeg("photo.jpg");
        ToolRun run = scene.Report(picture, "--out", scene["out"], "--json");
        Assert.Equal(0, run.Status);
        Assert.Equal(AllFiles, scene.Folder.FilesBelow("out"));
        XElement page = ReportScene.Page(scene["out/photo.jpg.html"]);
        Assert.Equal(
            ["In short", "Picture", "Regions", "Maps", "Compression before the last", "Last compression", "File", "Limits", "How this report was made"],
            page.Descendants("h2").Select(h => h.Value));
        string text = page.Value;
        string hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(picture)));
        foreach (string said in (string[])[hash, "2026-01-02 03:04:05 UTC", "libjpeg, quality 85", "4:2:0", "SOF0, baseline", "jqe report ", "--stride 8"])
            Assert.Contains(said, text, StringComparison.Ordinal);

        JsonElement line = Assert.Single(run.Json), file = JsonDocument.Parse(File.ReadAllText(scene["out/photo.jpg.json"])).RootElement;
        Assert.Equal((picture, hash, "JPEG"), (line.GetProperty("file").GetString(), line.GetProperty("sha256").GetString(), line.GetProperty("format").GetString()));
        Assert.All(line.EnumerateObject(), member => Assert.True(JsonElement.DeepEquals(member.Value, file.GetProperty(member.Name)), member.Name));
        Assert.Equal("libjpeg, quality 85", file.GetProperty("jpeg").GetProperty("tables").GetString());
        Assert.Equal(85, file.GetProperty("jpeg").GetProperty("quantization")[0].GetProperty("nearestQuality").GetInt32());
        Assert.Equal(["regions", "quality", "compressed", "primary", "confidence", "shift"], file.GetProperty("maps").EnumerateArray().Select(m => m.GetString()));
        foreach (string map in AllFiles.Where(name => name.EndsWith(".png", StringComparison.Ordinal)))
            AssertNothingIsCutOff(ImageFile.Read(scene["out/" + map]));
    }

    // The margin at the right and at the bottom is empty.
    static void AssertNothingIsCutOff(ImageBuffer plate)
    {
        byte paper = plate.Pixels[0];
        for (int y = 0; y < plate.Height; y++)
            for (int x = y < plate.Height - 4 ? plate.Width - 8 : 0; x < plate.Width; x++)
                Assert.Equal((x, y, paper), (x, y, plate.Pixels[y * plate.Stride + 3 * x]));
    }

    [Fact]
    public void TheSameInputGivesTheSameFiles()
    {
        string picture = scene.AddJpeg("photo.jpg");
        Assert.Equal(0, scene.Report(picture, "--out", scene["out"]).Status);
        byte[][] before = [.. AllFiles.Select(name => File.ReadAllBytes(scene["out/" + name]))];
        Assert.Equal(0, scene.Report(picture, "--out", scene["out"]).Status);
        Assert.All(AllFiles.Zip(before), file => Assert.Equal(file.Second, File.ReadAllBytes(scene["out/" + file.First])));
    }

    [Fact]
    public void HostileNamesAndFieldsStayText()
    {
        const string Name = "<img src=x onerror=alert(1)>'\"&\u202Egpj.jpg", Evil = "</td></table><script>alert(2)</script><img src='http://example.invalid/x' onload='alert(3)'>";
        byte[] evil = System.Text.Encoding.UTF8.GetBytes(Evil);
        string picture = scene.AddJpeg(Name, 96, 80, 85,
            ReportScene.Exif((0x010E, Evil), (0x0131, "\" onmouseover=\"alert(4)\u0001\uFFFE")), ReportScene.Segment(0xFE, evil), ReportScene.Segment(0xE5, evil),
            ReportScene.Segment(0xE1, [.. "http://ns.adobe.com/xap/1.0/\0"u8, .. "<x xmp:CreatorTool=\"&lt;script&gt;alert(5)&lt;/script&gt;\"/>"u8]));
        ToolRun run = scene.Report(picture, "--out", scene["out"], "--json");
        Assert.Equal(0, run.Status);
        string path = Directory.GetFiles(scene["out"], "*.html").Single();
        XElement page = ReportScene.Page(path);
        XElement script = Assert.Single(page.Descendants("script"));
        Assert.Equal(PageParts.Script, script.Value);
        Assert.All(page.Descendants("img"), img => Assert.StartsWith("data:image/", img.Attribute("src")!.Value, StringComparison.Ordinal));
        Assert.All(page.Descendants("a"), a => Assert.StartsWith("#", a.Attribute("href")!.Value, StringComparison.Ordinal));
        Assert.All(page.Descendants().Attributes(), a => Assert.False(a.Name.LocalName.StartsWith("on", StringComparison.Ordinal)));
        Assert.DoesNotContain(page.Descendants(), e => e.Name.LocalName is "iframe" or "object" or "embed" or "link" or "base" or "form");
        Assert.Contains(Evil, page.Value, StringComparison.Ordinal);
        Assert.Contains("<script>alert(5)</script>", page.Value, StringComparison.Ordinal);
        Assert.Contains("<img src=x onerror=alert(1)>'\"&{U+202E}gpj.jpg", page.Value, StringComparison.Ordinal);
        Assert.Contains("\" onmouseover=\"alert(4){U+0001}{U+FFFE}", page.Value, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202E', File.ReadAllText(path));
        Assert.Equal(picture, Assert.Single(run.Json).GetProperty("file").GetString());
    }

    [Fact]
    public void WhatCannotBeAnalysedIsSaidAndTheRestIsThere()
    {
        string small = scene.AddJpeg("small.jpg", 40, 30), drawn = scene.Folder.AddPicture("drawn.png", 80, 80);
        ToolRun run = scene.Report(small, drawn, "--out", scene["out"], "--json");
        Assert.Equal(0, run.Status);
        Assert.Equal(["too-small", "no-second-table"], run.Json.Select(r => r.GetProperty("notMade").GetProperty("code").GetString()));
        Assert.All(run.Json, r => Assert.Equal(JsonValueKind.Null, r.GetProperty("primary").ValueKind));
        foreach (string name in (string[])["small.jpg", "drawn.png"])
        {
            XElement page = ReportScene.Page(scene[$"out/{name}.html"]);
            Assert.Contains("Not analysed", page.Value, StringComparison.Ordinal);
            Assert.True(File.Exists(scene[$"out/{name}.quality.png"]));
            Assert.False(File.Exists(scene[$"out/{name}.primary.png"]));
        }
        Assert.Contains("no trace of a JPEG compression", ReportScene.Page(scene["out/drawn.png.html"]).Value, StringComparison.Ordinal);
    }

    [Fact]
    public void APictureSavedLosslesslySinceTellsItsLastCompression()
    {
        ImageBuffer once = JpegRoundTrip.Apply(SyntheticPicture.Create(200, 160, 2).View, JpegCompression.FromQuality(88));
        using (FileStream stream = File.Create(scene["later.png"]))
            PngWriter.Write(stream, once.View.Crop(5, 3, 190, 150));
        Assert.Equal(0, scene.Report(scene["later.png"], "--out", scene["out"]).Status);
        string text = ReportScene.Page(scene["out/later.png.html"]).Value;
        Assert.Contains("the standard table of quality 88", text, StringComparison.Ordinal);
        Assert.Contains("row 5, column 3", text, StringComparison.Ordinal);
        Assert.Contains("estimated from the pixels (standard, quality 88)", text, StringComparison.Ordinal);
    }

    [Fact]
    public void ABatchGoesOnResumesAndLeavesNothingHalfWritten()
    {
        scene.AddJpeg("in/a.jpg");
        scene.AddJpeg("in/below/b.jpg");
        File.WriteAllBytes(scene["in/broken.jpg"], [0xFF, 0xD8, 0xFF]);
        ToolRun run = scene.Report(scene["in"], scene["absent.jpg"], "--recursive", "--out", scene["out"], "--json");
        Assert.Equal(1, run.Status);
        Assert.Equal([null, null, "truncated", "not-found"], run.Json.Select(r => r.TryGetProperty("error", out JsonElement e) ? e.GetProperty("code").GetString() : null));
        Assert.Equal(16, scene.Folder.FilesBelow("out").Length);
        Assert.All(scene.Folder.FilesBelow("out"), name => Assert.Matches(@"^in/(below/b|a)\.jpg\.(html|json|[a-z]+\.png)$", name));

        File.Delete(scene["out/in/a.jpg.html"]);
        ToolRun again = scene.ReportFrom(scene["in/a.jpg"] + "\n" + scene["in/below/b.jpg"] + "\n", "-", "--out", scene["out/in"], "--resume", "--json");
        Assert.Equal(0, again.Status);
        Assert.Equal(scene["in/a.jpg"], Assert.Single(again.Json).GetProperty("file").GetString());
        Assert.Contains("skipped", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ALaterRunLeavesNoMapOfAnEarlierOne()
    {
        string picture = scene.AddJpeg("photo.jpg");
        Assert.Equal(0, scene.Report(picture, "--out", scene["out"]).Status);
        scene.AddJpeg("photo.jpg", 40, 40);
        Assert.Equal(0, scene.Report(picture, "--out", scene["out"]).Status);
        Assert.Equal(["photo.jpg.compressed.png", "photo.jpg.html", "photo.jpg.json", "photo.jpg.quality.png"], scene.Folder.FilesBelow("out"));
    }

    [Fact]
    public void TheCommandOnThePageMakesThePageAgain()
    {
        string picture = scene.AddJpeg("it's a photo.jpg");
        Assert.Equal(0, scene.Report(picture, "--out", scene["out"], "--second", "77", "--stride", "16").Status);
        string command = JsonDocument.Parse(File.ReadAllText(scene["out/it's a photo.jpg.json"])).RootElement.GetProperty("command").GetString()!;
        Assert.Equal($"jqe report '{picture.Replace("'", "'\\''", StringComparison.Ordinal)}' --out {scene["out"]} --second 77 --model {scene.Folder.Model} --device cpu --stride 16", command);
    }

    [Theory]
    [InlineData(64, 64, 8)]
    [InlineData(8000, 8000, 8)]
    [InlineData(12000, 8000, 16)]
    [InlineData(40000, 25000, 32)]
    public void HugePicturesGetAWiderStride(int width, int height, int stride) => Assert.Equal(stride, ReportAnalysis.StrideFor(width, height));

    [Fact]
    public void TheWorstPageStaysBelowItsBound()
    {
        byte[] noise = new byte[3 * ReportPictures.PictureSide * ReportPictures.PictureSide];
        new Random(1).NextBytes(noise);
        var picture = new ImageBuffer(ReportPictures.PictureSide, ReportPictures.PictureSide, PixelFormat.Rgb24);
        noise.CopyTo(picture.Pixels, 0);
        Assert.True(ReportPictures.Picture(picture).Length < ReportPictures.PictureSide * ReportPictures.PictureSide);
        using var map = new MemoryStream();
        PngWriter.Write(map, picture.View.Crop(0, 0, ReportPictures.MapSide, ReportPictures.MapSide));
        Assert.True(map.Length < 3 * (ReportPictures.MapSide + 1) * ReportPictures.MapSide);

        // Texts: as many fields and markers as a file can hold, of characters that take the most room.
        byte[] text = [.. Enumerable.Repeat((byte)1, 2000)];
        string full = scene.AddJpeg("full.jpg", 64, 64, 85,
            [.. Enumerable.Range(0, 2000).Select(_ => ReportScene.Segment(0xFE, [(byte)'x', .. text])),
            .. Enumerable.Range(0, 50).Select(_ => ReportScene.Exif([.. Enumerable.Range(0, 60).Select(_ => (0x010E, new string('\u0001', 900)))]))]);
        Assert.Equal(0, scene.Report(full, "--out", scene["out"]).Status);
        string plain = scene.AddJpeg("plain.jpg", 64, 64, 85);
        Assert.Equal(0, scene.Report(plain, "--out", scene["out"]).Status);
        long texts = new FileInfo(scene["out/full.jpg.html"]).Length - new FileInfo(scene["out/plain.jpg.html"]).Length;
        Assert.InRange(texts, 100_000, 1_900_000);
    }

    [Fact]
    public void PicturesLargerThanThePageAreShownSmaller()
    {
        Assert.Equal((2000, 1), ReportPictures.Shown(2000, 1));
        Assert.Equal((2000, 1000), ReportPictures.Shown(8000, 4000));
        ImageBuffer shown = ImageFile.Read(ReportPictures.Picture(TestScenes.Waves(2100, 30, 3)), "shown");
        Assert.Equal((2000, 29), (shown.Width, shown.Height));
    }
}
