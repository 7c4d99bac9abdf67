using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tests.Images;
using JpegQualityEstimation.Training;
using Xunit;

namespace JpegQualityEstimation.Tests.Training;

public sealed class DoubleJpegGeneratorTests : IDisposable
{
    const string Rich = """
        "phase":"any","shiftPeriod":16,"secondQuality":[60,98],"firstQualityFloor":[60,50,98,60],"customFirstShare":0.3,"customSecondShare":0.3,
        "photoshopFirstShare":0.2,"singleShare":0.1,"otherSamplingShare":0.5,"alignedShare":0.2,"weight422":1,"weight440":1,"weight444":1,
        "weightGray":1,"flips":true,"scaleShare":0.3,"blurShare":0.2,"sharpenShare":0.2,"noiseShare":0.2,"toneShare":0.2,"exposureShare":0.2
        """;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("\"phase\":\"second\"")]
    [InlineData("\"phase\":\"any\"")]
    [InlineData("\"phase\":\"second\",\"shiftPeriod\":16,\"alignedShare\":0.3,\"weight422\":1,\"weight440\":1,\"weight444\":1,\"otherSamplingShare\":0.5")]
    [InlineData("\"phase\":\"any\",\"shiftPeriod\":16,\"alignedShare\":0.3,\"weight422\":1,\"weight440\":1,\"weight444\":1,\"otherSamplingShare\":0.5,\"customFirstShare\":0.5,\"photoshopFirstShare\":0.2")]
    public void A_window_is_a_piece_of_two_compressions_of_the_whole_picture(string keys)
    {
        TrainingPictures pictures = TrainingScene.Pictures(folder, (160, 150));
        ImageBuffer picture = pictures.Pictures[0].Pixels;
        DoubleJpegGenerator generator = Create($"{{{keys}}}", pictures);
        for (int step = 0; step < 24; step++)
        {
            var batch = new PrimaryBatch(1);
            WindowHistory history = generator.FillWindow(step, 0, batch);
            Assert.True(FoundIn(picture, history, batch.Windows), $"window {step} of {history}");
            Assert.Equal(Steps(history.First!.Luminance), batch.Steps);
            Assert.Equal(history.Second.Luminance.ZigZagOrder(), batch.Second);
        }
    }

    // Where the crop was cut is not told: every place of the picture is tried. The picture is compressed whole, on the
    // first grid of each of its 256 places, so that the borders of the generator's crop cannot agree by being the same.
    static bool FoundIn(ImageBuffer picture, WindowHistory history, byte[] window)
    {
        for (int gridRow = 0; gridRow < 16; gridRow++)
        {
            for (int gridColumn = 0; gridColumn < 16; gridColumn++)
            {
                PixelView cropped = picture.View.Crop(gridColumn, gridRow, picture.Width - gridColumn, picture.Height - gridRow);
                ImageBuffer once = JpegRoundTrip.Apply(cropped, history.First!);
                int row = history.StartRow % 16, column = history.StartColumn % 16;
                PixelView shifted = once.View.Crop(column, row, once.Width - column, once.Height - row);
                ImageBuffer twice = JpegRoundTrip.Apply(shifted, history.Second);
                for (int y = history.WindowRow % 16; y + 64 <= twice.Height; y += 16)
                {
                    for (int x = history.WindowColumn % 16; x + 64 <= twice.Width; x += 16)
                    {
                        if (Same(twice, x, y, window))
                            return true;
                    }
                }
            }
        }
        return false;
    }

    static bool Same(ImageBuffer picture, int x, int y, byte[] window)
    {
        for (int row = 0; row < 64; row++)
        {
            if (!picture.View.Row(y + row).Slice(3 * x, 192).SequenceEqual(window.AsSpan(192 * row, 192)))
                return false;
        }
        return true;
    }

    [Fact]
    public void At_its_phase_a_window_has_coefficients_near_multiples_of_the_first_steps()
    {
        TrainingPictures pictures = TrainingScene.Pictures(folder, (200, 180), (190, 210));
        DoubleJpegGenerator generator = Create("""{"firstQuality":[55,65],"secondQuality":[96,98],"weight420":0,"weightGray":1,"alignedShare":0}""", pictures);
        for (int step = 0; step < 12; step++)
        {
            var batch = new PrimaryBatch(1);
            generator.FillWindow(step, 0, batch);
            double[] distances = [.. Enumerable.Range(0, 64).Select(phase => Distance(batch, phase))];
            Assert.Equal(distances.Min(), distances[batch.Phases[0]]);
        }
    }

    // Mean distance of the luma coefficients 1..14 from a multiple of their first step, as a share of the step.
    static double Distance(PrimaryBatch batch, int phase)
    {
        double sum = 0;
        int count = 0;
        for (int y = phase / 8; y + 8 <= 64; y += 8)
        {
            for (int x = phase % 8; x + 8 <= 64; x += 8)
            {
                for (int k = 1; k < PrimaryBlocks.Count; k++)
                {
                    int u = ZigZag.ToNatural[k] % 8, v = ZigZag.ToNatural[k] / 8;
                    double coefficient = 0;
                    for (int j = 0; j < 8; j++)
                        for (int i = 0; i < 8; i++)
                            coefficient += (u == 0 ? Math.Sqrt(0.125) : 0.5) * (v == 0 ? Math.Sqrt(0.125) : 0.5) * batch.Windows[3 * (64 * (y + j) + x + i)]
                                * Math.Cos((2 * i + 1) * u * Math.PI / 16) * Math.Cos((2 * j + 1) * v * Math.PI / 16);
                    double share = coefficient / batch.Steps[k];
                    sum += Math.Abs(share - Math.Round(share));
                    count++;
                }
            }
        }
        return sum / count;
    }

    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    public void Shifts_and_phases_are_those_of_the_paper(int period)
    {
        TrainingPictures pictures = TrainingScene.Pictures(folder, (130, 140));
        DoubleJpegGenerator generator = Create($$"""{"shiftPeriod":{{period}}}""", pictures);
        int[] shifts = new int[64], chroma = new int[4];
        const int Draws = 2000;
        var batch = new PrimaryBatch(1);
        for (int i = 0; i < Draws; i++)
        {
            WindowHistory history = generator.FillWindow(i, 0, batch);
            int r = history.StartRow % 8, c = history.StartColumn % 8;
            shifts[8 * r + c]++;
            chroma[history.StartRow / 8 % 2 * 2 + history.StartColumn / 8 % 2]++;
            Assert.Equal((8 - r) % 8 * 8 + (8 - c) % 8, batch.Phases[0]);
            Assert.Equal((0, 0), (history.WindowRow % 8, history.WindowColumn % 8));
        }
        // 63 degrees of freedom: 103.4 is exceeded once in a thousand.
        Assert.InRange(shifts.Sum(n => (n - Draws / 64.0) * (n - Draws / 64.0) / (Draws / 64.0)), 0, 103.4);
        Assert.Equal(period == 8 ? 1 : 4, chroma.Count(n => n > 0));
    }

    [Fact]
    public void Windows_depend_on_seed_step_and_index_alone()
    {
        TrainingPictures pictures = TrainingScene.Pictures(folder, (160, 150), (200, 170));
        string json = $"{{\"batchSize\":24,{Rich}}}";
        PrimaryBatch one = new(24), many = new(24), alone = new(24), other = new(24);
        Create(json, pictures).Fill(5, one);
        Create(json, pictures).Fill(5, many, threads: 4);
        DoubleJpegGenerator generator = Create(json, pictures);
        for (int k = 23; k >= 0; k--)
            generator.FillWindow(5, k, alone);
        foreach (PrimaryBatch batch in new[] { many, alone })
        {
            Assert.Equal(one.Windows, batch.Windows);
            Assert.Equal(one.Steps, batch.Steps);
            Assert.Equal(one.Second, batch.Second);
            Assert.Equal(one.Phases, batch.Phases);
        }
        new DoubleJpegGenerator(PrimaryRecipe.Parse(json, "test.json"), pictures, 4).Fill(5, other);
        Assert.NotEqual(one.Windows, other.Windows);
        generator.Fill(6, other);
        Assert.NotEqual(one.Windows, other.Windows);
    }

    [Fact]
    public void Labels_are_within_what_the_outputs_can_name()
    {
        TrainingPictures pictures = TrainingScene.Pictures(folder, (160, 150));
        DoubleJpegGenerator generator = Create($"{{{Rich},\"customSpread\":[0,1.5]}}", pictures);
        int singles = 0;
        for (int step = 0; step < 300; step++)
        {
            var batch = new PrimaryBatch(1);
            WindowHistory history = generator.FillWindow(step, 0, batch);
            for (int k = 0; k < PrimaryBlocks.Count; k++)
                Assert.InRange(batch.Steps[k], 1, PrimaryBlocks.Sizes[k]);
            if (history.First is null)
            {
                singles++;
                Assert.Equal(DoubleJpegGenerator.NoPhase, batch.Phases[0]);
                Assert.All(batch.Steps, value => Assert.Equal(1, value));
            }
            else
            {
                // No label had to be clamped: the window really has the steps that it is said to have.
                Assert.Equal(history.First.Luminance.ZigZagOrder()[..PrimaryBlocks.Count].Select(s => (int)s), batch.Steps.Select(s => (int)s));
                Assert.InRange(batch.Phases[0], 0, 63);
            }
        }
        Assert.InRange(singles, 12, 54);
    }

    [Fact]
    public void The_first_quality_stays_above_its_floor()
    {
        TrainingPictures pictures = TrainingScene.Pictures(folder, (130, 140));
        DoubleJpegGenerator generator = Create("""{"firstQuality":[50,98],"firstQualityFloor":[87,55,88,60],"secondQualities":[75,88]}""", pictures);
        var least = new Dictionary<int, int>();
        var batch = new PrimaryBatch(1);
        for (int step = 0; step < 600; step++)
        {
            WindowHistory history = generator.FillWindow(step, 0, batch);
            int first = history.First!.Luminance.StandardLuminanceQuality()!.Value, second = history.Second.Luminance.StandardLuminanceQuality()!.Value;
            least[second] = Math.Min(least.GetValueOrDefault(second, 100), first);
        }
        Assert.Equal(new Dictionary<int, int> { [75] = 55, [88] = 60 }, least);
    }

    // The pixels of a picture, both qualities, the shift; out come the pixels of the second decoding.
    const string OpenCv = """
        import sys, cv2, numpy as np
        path, first, second, r, c = sys.argv[1], *map(int, sys.argv[2:6])
        p = cv2.imread(path)
        once = cv2.imdecode(cv2.imencode('.jpg', p, [cv2.IMWRITE_JPEG_QUALITY, first])[1], cv2.IMREAD_COLOR)[r:, c:]
        twice = cv2.imdecode(cv2.imencode('.jpg', np.ascontiguousarray(once), [cv2.IMWRITE_JPEG_QUALITY, second])[1], cv2.IMREAD_COLOR)
        print(twice[:, :, ::-1].tobytes().hex())
        """;

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_window_equals_two_compressions_by_OpenCV(ulong seed)
    {
        TrainingPictures pictures = TrainingScene.Pictures(folder, (128, 128));
        var batch = new PrimaryBatch(1);
        var generator = new DoubleJpegGenerator(
            PrimaryRecipe.Parse("""{"alignedShare":0,"secondQuality":[70,95]}""", "test.json"), pictures, seed);
        // A crop of 96 pixels may lie anywhere; one of 112 or 128 would not be more certain.
        WindowHistory history = generator.FillWindow(0, 0, batch);
        bool found = false;
        for (int y = 0; y <= 32 && !found; y++)
        {
            for (int x = 0; x <= 32 && !found; x++)
            {
                if (!FoundAt(pictures.Pictures[0].Pixels, history, batch.Windows, x, y))
                    continue;
                string path = folder.File("crop.png");
                PixelView crop = pictures.Pictures[0].Pixels.View.Crop(x, y, 128 - x, 128 - y);
                OutputFile.Write(path, stream => PngWriter.Write(stream, pictures.Pictures[0].Pixels.View.Crop(x, y, 128 - x, 128 - y)));
                string hex = PillowScript.Require(OpenCv, path, $"{history.First!.Luminance.StandardLuminanceQuality()}",
                    $"{history.Second.Luminance.StandardLuminanceQuality()}", $"{history.StartRow}", $"{history.StartColumn}").Trim();
                int width = crop.Width - history.StartColumn, height = crop.Height - history.StartRow;
                var twice = new ImageBuffer(width, height, PixelFormat.Rgb24);
                Convert.FromHexString(hex).CopyTo(twice.Pixels, 0);
                found = Same(twice, history.WindowColumn, history.WindowRow, batch.Windows);
                Assert.True(found);
            }
        }
        Assert.True(found);
    }

    static bool FoundAt(ImageBuffer picture, WindowHistory history, byte[] window, int x, int y)
    {
        ImageBuffer once = JpegRoundTrip.Apply(picture.View.Crop(x, y, picture.Width - x, picture.Height - y), history.First!);
        if (once.Width < history.StartColumn + history.WindowColumn + 64 || once.Height < history.StartRow + history.WindowRow + 64)
            return false;
        ImageBuffer twice = JpegRoundTrip.Apply(
            once.View.Crop(history.StartColumn, history.StartRow, once.Width - history.StartColumn, once.Height - history.StartRow), history.Second);
        return Same(twice, history.WindowColumn, history.WindowRow, window);
    }

    static byte[] Steps(QuantTable table) =>
        [.. table.ZigZagOrder().Take(PrimaryBlocks.Count).Select((step, k) => (byte)Math.Min(step, PrimaryBlocks.Sizes[k]))];

    static DoubleJpegGenerator Create(string json, TrainingPictures pictures) => new(PrimaryRecipe.Parse(json, "test.json"), pictures, 3);
}
