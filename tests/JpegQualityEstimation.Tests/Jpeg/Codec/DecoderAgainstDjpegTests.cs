using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using Xunit;

namespace JpegQualityEstimation.Tests.Jpeg.Codec;

// Random files of cjpeg, decoded by us and by djpeg: every pixel equal. Runs where the tools are installed.
public sealed class DecoderAgainstDjpegTests : IDisposable
{
    static readonly string[] Samplings =
    [
        "1x1", "2x1", "1x2", "2x2", "4x1", "1x4", "3x1", "1x3", "4x2", "2x4", "2x2,2x1,2x1", "2x2,1x2,1x2",
        "2x2,2x1,1x2", "1x1,2x2,2x2", "1x1,2x1,2x1", "2x1,1x2,1x2", "1x2,2x1,1x1", "4x1,2x1,1x1", "1x1,1x1,4x2",
        "3x1,3x1,1x1", "1x1,1x4,1x2",
    ];

    // Too many blocks for one interleaved unit: only component by component.
    static readonly string[] LargeSamplings = ["3x3,1x1,1x1", "4x2,2x1,1x2", "2x2,2x2,2x2", "4x4,1x1,2x2"];

    static readonly string[] SequentialScripts = ["0; 1; 2;", "2; 0; 1;", "0 1; 2;", "1; 0 2;"];

    static readonly string[] ProgressiveScripts =
    [
        "0 1 2: 0-0, 0, 0; 0: 1-63, 0, 0; 1: 1-63, 0, 0; 2: 1-63, 0, 0;",
        "0: 0-0, 0, 1; 1: 0-0, 0, 2; 2: 0-0, 0, 1; 1: 0-0, 2, 1; 0 1 2: 0-0, 1, 0; 0: 1-1, 0, 3; 0: 2-63, 0, 0;"
            + "0: 1-1, 3, 2; 0: 1-1, 2, 1; 0: 1-1, 1, 0; 1: 1-63, 0, 1; 2: 1-63, 0, 4; 1: 1-63, 1, 0;"
            + "2: 1-63, 4, 3; 2: 1-63, 3, 2; 2: 1-63, 2, 1; 2: 1-63, 1, 0;",
    ];

    readonly string script = Path.GetTempFileName();

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 48)];

    public void Dispose() => File.Delete(script);

    [SkippableTheory]
    [MemberData(nameof(Seeds))]
    public void Pixels_equal_djpeg(int seed)
    {
        JpegTools.SkipWithout("cjpeg", "djpeg");
        var random = new Random(seed);
        for (int i = 0; i < 8; i++)
        {
            int width = random.Next(1, 100), height = random.Next(1, 100);
            bool gray = random.Next(6) == 0;
            ImageBuffer picture = GoldenPicture.Create(
                width, height, gray ? PixelFormat.Gray8 : PixelFormat.Rgb24, random.Next(1000));
            string[] options = [.. Options(random, gray)];
            byte[] file = JpegTools.Compress(picture.View, options);

            ImageBuffer expected = JpegTools.Decompress(file);
            string what = $"{width}x{height} {string.Join(' ', options)} {File.ReadAllText(script)}";
            ImageBuffer actual = JpegDecoder.Decode(file, what);
            Assert.True(expected.Format == actual.Format, what);
            Assert.True(expected.Pixels.AsSpan().SequenceEqual(actual.Pixels), what);
        }
    }

    List<string> Options(Random random, bool gray)
    {
        List<string> options = ["-quality", random.Next(1, 101).ToString()];
        if (random.Next(3) == 0)
            options.AddRange(["-restart", random.Next(2) == 0 ? "1" : $"{random.Next(1, 9)}B"]);
        if (gray)
        {
            options.Add(random.Next(2) == 0 ? "-progressive" : "-optimize");
            return options;
        }
        bool large = random.Next(6) == 0;
        string[] samplings = large ? LargeSamplings : Samplings;
        options.AddRange(["-sample", samplings[random.Next(samplings.Length)]]);
        if (random.Next(6) == 0)
            options.Add("-rgb");
        if (large)
            Script(SequentialScripts[random.Next(2)]);
        else
            switch (random.Next(6))
            {
                case 0 or 1:
                    options.Add("-progressive");
                    break;
                case 2:
                    options.Add("-optimize");
                    break;
                case 3:
                    Script(SequentialScripts[random.Next(SequentialScripts.Length)]);
                    break;
                case 4:
                    Script(ProgressiveScripts[random.Next(ProgressiveScripts.Length)]);
                    break;
            }
        return options;

        void Script(string text)
        {
            File.WriteAllText(script, text);
            options.AddRange(["-scans", script]);
        }
    }
}
