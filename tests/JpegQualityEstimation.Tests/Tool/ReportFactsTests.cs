using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Tests.Maps;
using JpegQualityEstimation.Tool.Report;
using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

public sealed class ReportFactsTests : IDisposable
{
    readonly ReportScene scene = new();

    public void Dispose() => scene.Dispose();

    static byte[] Jpeg(JpegCompression compression, JpegEncodeOptions? options = null)
    {
        using var stream = new MemoryStream();
        JpegEncoder.Encode(stream, TestScenes.Waves(48, 40, 1).View, compression, options);
        return stream.ToArray();
    }

    static FileFacts Facts(byte[] file) => FileFacts.Read(file, "x");

    [Fact]
    public void TablesAreHeldToTheFamiliesThatAreKnown()
    {
        Assert.Equal("libjpeg, quality 93", Facts(Jpeg(JpegCompression.FromQuality(93))).Jpeg!.Family.Name);
        Assert.Equal("libjpeg, quality 40", Facts(Jpeg(JpegCompression.FromQuality(40, ChromaSubsampling.Gray))).Jpeg!.Family.Name);
        foreach (int level in PhotoshopTables.Levels)
        {
            var compression = new JpegCompression(PhotoshopTables.Luminance(level), PhotoshopTables.Chrominance(level), ChromaSubsampling.Samp444);
            Assert.Equal(FormattableString.Invariant($"Adobe Photoshop, level {level}"), Facts(Jpeg(compression)).Jpeg!.Family.Name);
        }
        var apart = new JpegCompression(QuantTable.StandardLuminance(90), QuantTable.StandardChrominance(70), ChromaSubsampling.Samp444);
        Assert.Equal("libjpeg, luminance 90, chrominance 70", Facts(Jpeg(apart)).Jpeg!.Family.Name);
        ushort[] own = QuantTable.StandardLuminance(90).NaturalOrder.ToArray();
        own[5]++;
        JpegFacts odd = Facts(Jpeg(new JpegCompression(new QuantTable(own), QuantTable.StandardChrominance(70), ChromaSubsampling.Samp422))).Jpeg!;
        Assert.Equal("none known here", odd.Family.Name);
        Assert.StartsWith("not a standard table; nearest is quality 90", odd.Tables[0].Standard, StringComparison.Ordinal);
        Assert.Equal("standard chrominance table of quality 70", odd.Tables[1].Standard);
        Assert.Equal(["luminance (Y)", "Cb, Cr"], odd.Tables.Select(table => table.Use));
    }

    [Fact]
    public void MarkersRestartsHuffmanTablesAndWhatFollowsAreTold()
    {
        byte[] plain = Jpeg(JpegCompression.FromQuality(90));
        JpegMarkerWalk walk = Facts(plain).Jpeg!.Markers;
        Assert.Equal(["SOI", "APP0", "DQT", "DQT", "SOF0", "DHT", "DHT", "DHT", "DHT", "SOS", "EOI"], walk.Markers.Select(m => m.Name));
        Assert.Equal((1, 0, false, true, plain.Length), (walk.Scans, walk.Restarts, walk.HasOwnHuffmanTables, walk.HasEnd, walk.End));
        Assert.Null(Facts(plain).Trailing);

        FileFacts other = Facts([.. Jpeg(JpegCompression.FromQuality(90), new() { OptimizeHuffman = true, RestartInterval = 2 }), 0xFF, 0xD8, 0xFF, 0xE1]);
        Assert.True(other.Jpeg!.Markers.HasOwnHuffmanTables);
        Assert.True(other.Jpeg.Markers.Restarts > 0);
        Assert.Equal((4L, "begins as a JPEG file does (a second picture, as cameras append)"), (other.Trailing!.Bytes, other.Trailing.Kind));
        Assert.Equal(other.Bytes - 4, other.Trailing.Offset);
    }

    [Fact]
    public void ExifFieldsAndItsThumbnailAreRead()
    {
        byte[] thumbnail = Jpeg(JpegCompression.FromQuality(50));
        byte[] tiff = ReportScene.Tiff((0x010F, "Maker"), (0x0110, "Model 1"), (0x0131, "Editor 2.0"));
        // A second directory behind the first: where the thumbnail is, and how long.
        int second = tiff.Length, at = second + 2 + 24 + 4;
        byte[] directory =
        [
            0, 2, 2, 1, 0, 4, 0, 0, 0, 1, .. BigEndian(at), 2, 2, 0, 4, 0, 0, 0, 1, .. BigEndian(thumbnail.Length), 0, 0, 0, 0,
        ];
        BigEndian(second).CopyTo(tiff, 8 + 2 + 36);
        string file = scene.AddJpeg("photo.jpg", 64, 64, 85, ReportScene.Segment(0xE1, [.. "Exif\0\0"u8, .. tiff, .. directory, .. thumbnail]));
        FileFacts facts = Facts(File.ReadAllBytes(file));
        MetadataGroup exif = facts.Metadata.First(group => group.Name == "EXIF");
        Assert.Equal([new("Camera make", "Maker"), new("Camera model", "Model 1"), new("Software", "Editor 2.0")], exif.Entries);
        Assert.Equal(new EmbeddedThumbnail("EXIF second directory", thumbnail.Length, 48, 40), Assert.Single(facts.Thumbnails));

        static byte[] BigEndian(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
    }

    [Fact]
    public void XmpIsSearchedAsText()
    {
        IReadOnlyList<MetadataEntry> entries = XmpText.Read(
            "<rdf xmp:CreatorTool=\"Tool &amp; more\" x:y=\"no\"><stEvt:softwareAgent>Agent 1</stEvt:softwareAgent><xmp:ModifyDate>2020</xmp:ModifyDate>"u8);
        Assert.Equal([new("xmp:CreatorTool", "Tool & more"), new("stEvt:softwareAgent", "Agent 1"), new("xmp:ModifyDate", "2020")], entries);
    }

    [Fact]
    public void PngTextsAreReadAndCompressedOnesOnlyNamed()
    {
        using var stream = new MemoryStream();
        PngWriter.Write(stream, TestScenes.Waves(20, 10, 1).View);
        byte[] png = stream.ToArray();
        byte[] file = [.. png[..33], .. Chunk("tEXt", "Software\0Tool 1"u8), .. Chunk("zTXt", "Secret\0\0xxxxx"u8), .. Chunk("iTXt", "Title\0\0\0en\0Titel\0text"u8), .. png[33..], 1, 2];
        FileFacts facts = Facts(file);
        Assert.Equal([new("Software", "Tool 1"), new("Secret", "[13 bytes, compressed]"), new("Title", "text")], Assert.Single(facts.Metadata).Entries);
        Assert.Equal(2, facts.Trailing!.Bytes);

        static byte[] Chunk(string kind, ReadOnlySpan<byte> content) =>
            [0, 0, 0, (byte)content.Length, .. System.Text.Encoding.ASCII.GetBytes(kind), .. content, 0, 0, 0, 0];
    }

    // What decodes must also be told of; what does not must not end the process either.
    [Fact]
    public void DamagedFieldsGiveFewerOnesNeverAnError()
    {
        string file = scene.AddJpeg("photo.jpg", 64, 64, 85,
            ReportScene.Exif((0x010F, "Maker"), (0x0131, "Editor")), ReportScene.Segment(0xFE, [.. "comment"u8]), ReportScene.Segment(0xEE, [.. "Adobe"u8, 0, 100, 0, 0, 0, 0, 1]));
        byte[] jpeg = File.ReadAllBytes(file), tiff = ReportScene.Tiff((0x010F, "Maker"), (0x8769, "x"), (0x0131, "Editor"));
        using var stream = new MemoryStream();
        PngWriter.Write(stream, TestScenes.Waves(20, 10, 1).View);
        byte[] png = stream.ToArray();
        var random = new Random(7);
        for (int n = 0; n < 3000; n++)
        {
            ExifReader.Read(Damaged(tiff), "EXIF");
            PngFacts.AddTo(new FileFacts("x", 0, "", "PNG"), Damaged(png));
            byte[] damaged = Damaged(jpeg);
            damaged[0] = 0xFF;
            damaged[1] = 0xD8;
            GC.KeepAlive(new JpegMarkerWalk(damaged, "x").Markers);
        }

        byte[] Damaged(byte[] bytes)
        {
            byte[] copy = bytes[..random.Next(Math.Min(10, bytes.Length), bytes.Length + 1)];
            for (int changes = random.Next(1, 6); changes > 0; changes--)
                copy[random.Next(Math.Min(copy.Length, 400))] = (byte)(random.Next(3) == 0 ? 0xFF : random.Next(256));
            return copy;
        }
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a\u202Eb\u0000c", "a{U+202E}b{U+0000}c")]
    [InlineData(null, "")]
    public void WhatPrintsNothingBecomesVisible(string? text, string visible) => Assert.Equal(visible, VisibleText.Of(text));

    [Fact]
    public void CharactersAreNotHalved()
    {
        Assert.Equal("\uFFFDx", VisibleText.Of("\uD800x"));
        Assert.Equal("ab", VisibleText.Cut("ab", 2));
        Assert.Equal("a [3 more characters]", VisibleText.Cut("a\U0001F600b", 2));
    }
}
