using System.Security.Cryptography;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using Xunit;

namespace JpegQualityEstimation.Tests.Jpeg;

// Golden vectors of libjpeg-turbo: tests/golden/jpeg_round_trip.txt, certificate beside it.
public sealed class JpegRoundTripGoldenTests
{
    static readonly string[] Lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "golden", "jpeg_round_trip.txt"));

    public static TheoryData<string> Groups() => ["444", "422", "420", "440", "gray"];

    [Theory]
    [MemberData(nameof(Groups))]
    public void EveryQualityEqualsTheOracle(string sampling) => CheckAll(sampling, "q", 148);

    [Theory]
    [MemberData(nameof(Groups))]
    public void CustomTablesEqualTheOracle(string sampling) => CheckAll(sampling, "c", 15);

    [Theory]
    [MemberData(nameof(Groups))]
    public void RawSamplesEqualTheOracle(string sampling)
    {
        string[] line = Lines.Select(l => l.Split(' ')).Single(l => l[0] == "raw" && l[5] == sampling);
        Assert.Equal(line[8], Convert.ToHexStringLower(Decoded(line[1..8])));
    }

    static void CheckAll(string sampling, string tables, int expected)
    {
        string[][] cases = [.. Lines.Select(l => l.Split(' ')).Where(l => l[0] != "raw" && l[4] == sampling && l[5].StartsWith(tables))];
        Assert.Equal(expected, cases.Length);
        foreach (string[] line in cases)
        {
            string hash = Convert.ToHexStringLower(SHA256.HashData(Decoded(line[..7])))[..24];
            Assert.True(line[7] == hash, string.Join(' ', line) + ": ours hashes to " + hash);
        }
    }

    static byte[] Decoded(string[] line)
    {
        PixelFormat format = line[3] == "gray" ? PixelFormat.Gray8 : PixelFormat.Rgb24;
        int seed = int.Parse(line[6]), tables = int.Parse(line[5][1..]);
        ChromaSubsampling sampling = line[4] == "gray" ? ChromaSubsampling.Gray : Enum.Parse<ChromaSubsampling>("Samp" + line[4]);
        JpegCompression compression = line[5][0] == 'q'
            ? JpegCompression.FromQuality(tables, sampling)
            : GoldenPicture.Tables(tables, sampling);
        ImageBuffer picture = GoldenPicture.Create(int.Parse(line[1]), int.Parse(line[2]), format, seed);
        return JpegRoundTrip.Apply(picture.View, compression).Pixels;
    }
}
