using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using Xunit;

namespace JpegQualityEstimation.Tests.Jpeg.Codec;

public sealed class JpegHeaderTests
{
    static JpegHeader Read(string golden) => JpegHeader.Read(GoldenJpeg.All[golden].File, golden);

    public static TheoryData<string> Files => [.. GoldenJpeg.All.Keys];

    [Theory]
    [MemberData(nameof(Files))]
    public void Size_is_that_of_the_picture(string name)
    {
        JpegHeader header = Read(name);
        Assert.Equal((GoldenJpeg.All[name].Width, GoldenJpeg.All[name].Height), (header.Width, header.Height));
        Assert.Equal(name.Contains("progressive") || name.StartsWith("spectral") || name.StartsWith("many-bits"), header.Progressive);
        Assert.Equal(GoldenJpeg.All[name].Channels == 1, header.Components.Count == 1);
    }

    [Theory]
    [InlineData("no-jfif", JpegColorModel.YCbCr)]
    [InlineData("adobe-rgb", JpegColorModel.Rgb)]
    [InlineData("jfif-and-adobe-rgb", JpegColorModel.YCbCr)]
    [InlineData("rgb-baseline", JpegColorModel.Rgb)]
    [InlineData("gray-baseline", JpegColorModel.Gray)]
    [InlineData("cmyk", JpegColorModel.Cmyk)]
    [InlineData("ycck", JpegColorModel.Ycck)]
    public void Color_model_follows_libjpeg(string name, JpegColorModel expected) => Assert.Equal(expected, Read(name).ColorModel);

    [Theory]
    [InlineData(ChromaSubsampling.Samp444, 93)]
    [InlineData(ChromaSubsampling.Samp422, 50)]
    [InlineData(ChromaSubsampling.Samp420, 75)]
    [InlineData(ChromaSubsampling.Samp440, 31)]
    [InlineData(ChromaSubsampling.Gray, 88)]
    public void What_was_encoded_is_read_back(ChromaSubsampling sampling, int quality)
    {
        var file = new MemoryStream();
        JpegCompression compression = JpegCompression.FromQuality(quality, sampling);
        JpegEncoder.Encode(file, GoldenPicture.Create(33, 17, PixelFormat.Rgb24, 1).View, compression, new() { RestartInterval = 5 });
        JpegHeader header = JpegHeader.Read(file.ToArray(), "test");
        Assert.Equal(sampling, header.Subsampling);
        Assert.Equal(compression.Luminance, header.Compression!.Luminance);
        Assert.Equal(5, header.RestartInterval);
        Assert.Equal(new StandardQualityMatch(quality, 0), header.LuminanceQuality);
        Assert.Equal(sampling == ChromaSubsampling.Gray ? null : quality, header.ChrominanceQuality?.QualityFactor);
    }

    [Theory]
    [InlineData("4x1-baseline", 4, 1)]
    [InlineData("1x3-progressive", 1, 3)]
    [InlineData("2x2,2x1,1x2-baseline", 2, 2)]
    public void Other_samplings_have_factors_but_no_name(string kind, int horizontal, int vertical)
    {
        JpegHeader header = Read(GoldenJpeg.All.Keys.First(name => name.StartsWith(kind)));
        Assert.Equal((horizontal, vertical), (header.Components[0].HorizontalSampling, header.Components[0].VerticalSampling));
        Assert.Null(header.Subsampling);
        Assert.Null(header.Compression);
    }

    [Fact]
    public void Tables_between_scans_are_found_by_component()
    {
        JpegHeader header = Read("tables-between-scans");
        Assert.Equal(QuantTable.StandardLuminance(75), header.Components[0].Table);
        Assert.Equal(QuantTable.StandardChrominance(75), header.Components[1].Table);
        Assert.Equal(QuantTable.StandardChrominance(75), header.Components[2].Table);
    }

    // The header needs no entropy-coded data.
    [Fact]
    public void A_file_cut_behind_its_first_scan_header_still_has_a_header()
    {
        byte[] file = GoldenJpeg.All["no-jfif"].File;
        int scan = file.AsSpan().IndexOf([(byte)0xFF, (byte)0xDA]);
        Assert.Equal(37, JpegHeader.Read(file.AsSpan(0, scan + 14), "test").Width);
        var error = Assert.Throws<ImageFormatException>(() => JpegHeader.Read(file.AsSpan(0, scan), "test"));
        Assert.Equal(ImageErrorCode.Truncated, error.Code);
    }
}
