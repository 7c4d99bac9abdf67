using System.Security.Cryptography;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using Xunit;

namespace JpegQualityEstimation.Tests.Jpeg.Codec;

// Golden vectors of cjpeg, jpegtran and djpeg (tests/golden/make_codec_golden.py, certificate in jpeg_codec.json).
public sealed class CodecGoldenTests
{
    public static TheoryData<string> Files => [.. GoldenJpeg.All.Keys];

    public static TheoryData<string> Encodings =>
        [.. File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "golden", "jpeg_encode.txt"))];

    [Theory]
    [MemberData(nameof(Files))]
    public void Pixels_equal_djpeg(string name)
    {
        GoldenJpeg golden = GoldenJpeg.All[name];
        ImageBuffer picture = JpegDecoder.Decode(golden.File, name);
        Assert.Equal((golden.Width, golden.Height), (picture.Width, picture.Height));
        Assert.Equal(golden.Channels == 1 ? PixelFormat.Gray8 : PixelFormat.Rgb24, picture.Format);
        Assert.Equal(golden.Hash, Hash(picture.Pixels));
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Files_equal_cjpeg(string line)
    {
        string[] words = line.Split(' ');
        PixelFormat format = words[2] == "gray" ? PixelFormat.Gray8 : PixelFormat.Rgb24;
        ChromaSubsampling sampling = words[3] == "gray" ? ChromaSubsampling.Gray : Enum.Parse<ChromaSubsampling>("Samp" + words[3]);
        int tables = int.Parse(words[4][1..]);
        JpegCompression compression = words[4][0] == 'q'
            ? JpegCompression.FromQuality(tables, sampling)
            : GoldenPicture.Tables(tables, sampling);
        var options = new JpegEncodeOptions
        {
            OptimizeHuffman = words[6].Contains("optimize"),
            RestartInterval = words[6].Contains("restart=") ? int.Parse(words[6].Split('=')[1]) : 0,
        };
        var file = new MemoryStream();
        JpegEncoder.Encode(
            file, GoldenPicture.Create(int.Parse(words[0]), int.Parse(words[1]), format, int.Parse(words[5])).View, compression, options);
        Assert.Equal(words[7], Hash(file.ToArray()));
    }

    // A lossless transcoding keeps the coefficients.
    [Fact]
    public void Coefficients_survive_jpegtran()
    {
        JpegCoefficients plain = JpegCoefficients.Read(GoldenJpeg.All["no-jfif"].File, "plain");
        foreach (string name in (string[])["jpegtran-progressive", "jpegtran-restart"])
        {
            JpegCoefficients other = JpegCoefficients.Read(GoldenJpeg.All[name].File, name);
            for (int i = 0; i < 3; i++)
            {
                // jpegtran does not keep the blocks that only fill a unit.
                int wide = plain.Frame.Components[i].WidthInBlocks, across = plain.Frame.Components[i].BlocksAcross;
                for (int row = 0; row < plain.Frame.Components[i].HeightInBlocks; row++)
                    Assert.True(plain.Component(i).Slice(row * across * 64, wide * 64)
                        .SequenceEqual(other.Component(i).Slice(row * across * 64, wide * 64)));
            }
        }
    }

    static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes))[..24];
}
