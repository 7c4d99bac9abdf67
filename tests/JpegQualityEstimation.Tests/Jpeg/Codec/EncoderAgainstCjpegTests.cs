using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using Xunit;

namespace JpegQualityEstimation.Tests.Jpeg.Codec;

// The same picture, tables and sampling: our file is cjpeg's, byte by byte. Runs where cjpeg is installed.
public sealed class EncoderAgainstCjpegTests : IDisposable
{
    readonly string tables = Path.GetTempFileName();

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 40)];

    public void Dispose() => File.Delete(tables);

    [SkippableTheory]
    [MemberData(nameof(Seeds))]
    public void Files_equal_cjpeg(int seed)
    {
        JpegTools.SkipWithout("cjpeg");
        var random = new Random(seed);
        for (int i = 0; i < 8; i++)
        {
            int width = random.Next(1, 130), height = random.Next(1, 130);
            bool gray = random.Next(6) == 0;
            ImageBuffer picture = GoldenPicture.Create(
                width, height, gray ? PixelFormat.Gray8 : PixelFormat.Rgb24, random.Next(1000));
            var subsampling = (ChromaSubsampling)random.Next(4);
            JpegCompression compression;
            List<string> arguments = [];
            if (random.Next(2) == 0)
            {
                int quality = random.Next(1, 101);
                compression = JpegCompression.FromQuality(quality, subsampling);
                arguments.AddRange(["-baseline", "-quality", $"{quality}"]);
            }
            else
            {
                // Steps up to 1000 sometimes: an extended sequential file.
                compression = GoldenPicture.Tables(random.Next(1000), subsampling);
                File.WriteAllLines(tables, [Line(compression.Luminance), Line(compression.Chrominance)]);
                arguments.AddRange(["-qtables", tables, "-quality", "50"]);
            }
            if (!gray && random.Next(8) == 0)
            {
                arguments.Add("-grayscale");
                compression = compression with { Subsampling = ChromaSubsampling.Gray };
            }
            else if (!gray)
                arguments.AddRange(["-sample", subsampling switch
                {
                    ChromaSubsampling.Samp420 => "2x2",
                    ChromaSubsampling.Samp422 => "2x1",
                    ChromaSubsampling.Samp440 => "1x2",
                    _ => "1x1",
                }]);
            var options = new JpegEncodeOptions { OptimizeHuffman = random.Next(2) == 0, RestartInterval = random.Next(3) == 0 ? random.Next(1, 9) : 0 };
            if (options.OptimizeHuffman)
                arguments.Add("-optimize");
            if (options.RestartInterval > 0)
                arguments.AddRange(["-restart", $"{options.RestartInterval}B"]);

            byte[] expected = JpegTools.Compress(picture.View, [.. arguments]);
            var actual = new MemoryStream();
            JpegEncoder.Encode(actual, picture.View, compression, options);
            Assert.True(expected.AsSpan().SequenceEqual(actual.ToArray()), $"{width}x{height} gray {gray} {string.Join(' ', arguments)}");
        }

        // A text table lists its steps in natural order.
        static string Line(QuantTable table) => string.Join(' ', table.NaturalOrder.ToArray());
    }
}
