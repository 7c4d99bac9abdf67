using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Training.Evaluation;
using Xunit;

namespace JpegQualityEstimation.Tests.Training.Evaluation;

public sealed class PrimaryWindowsTests
{
    const int Bytes = PrimaryWindows.WindowBytes;

    // Found by trying all shifts: the window that comes out is one of the double-compressed picture, and only of the shift that its phase says.
    [Theory]
    [InlineData("nonaligned-90")]
    [InlineData("mixed-90")]
    [InlineData("aligned-90")]
    public void Windows_are_those_of_the_whole_picture_at_the_phase_told(string name)
    {
        ImageBuffer picture = TrainingScene.Texture(101, 90, 4);
        PrimaryScenario scenario = PrimaryScenario.Parse(name);
        PrimaryFirst first = PrimaryFirst.Standard(70, ChromaSubsampling.Samp420);
        JpegCompression second = JpegCompression.FromQuality(90);
        byte[] windows = new byte[2 * Bytes];
        for (int chain = 0; chain < 3; chain++)
        {
            int phase = new PrimaryWindows().Fill(picture, scenario, first, second, 5, chain, 2, windows);
            for (int row = 0; row < 8; row++)
            {
                for (int column = 0; column < 8; column++)
                {
                    // The first grid begins where row + y and column + x are multiples of 8.
                    bool right = (phase / 8 + row) % 8 == 0 && (phase % 8 + column) % 8 == 0;
                    ImageBuffer twice = JpegRoundTrip.Apply(picture.View, [new JpegRound(first.Compression!), new JpegRound(second, row, column)]);
                    Assert.Equal(right, Contains(twice, windows.AsSpan(0, Bytes)));
                    Assert.Equal(right, Contains(twice, windows.AsSpan(Bytes)));
                }
            }
            Assert.True(scenario.Alignment == GridAlignment.Mixed || scenario.Alignment == GridAlignment.Aligned == (phase == 0));
        }
    }

    [Fact]
    public void A_single_compression_has_no_first_grid_and_no_shift()
    {
        ImageBuffer picture = TrainingScene.Texture(90, 101, 4);
        byte[] windows = new byte[Bytes];
        JpegCompression second = JpegCompression.FromQuality(80);
        new PrimaryWindows().Fill(picture, PrimaryScenario.Parse("single-80"), PrimaryFirst.None, second, 5, 0, 1, windows);
        Assert.True(Contains(JpegRoundTrip.Apply(picture.View, second), windows));
    }

    [Fact]
    public void A_half_size_picture_is_the_mean_of_four_pixels()
    {
        ImageBuffer picture = TrainingScene.Texture(2 * 75 + 1, 2 * 71, 9), half = new(75, 71, PixelFormat.Rgb24);
        byte[] windows = new byte[Bytes];
        JpegCompression second = JpegCompression.FromQuality(100, ChromaSubsampling.Samp444);
        new PrimaryWindows().Fill(picture, PrimaryScenario.Parse("half-single-100"), PrimaryFirst.None, second, 5, 0, 1, windows);
        // The odd column may fall away at either side.
        bool found = false;
        for (int left = 0; left < 2; left++)
        {
            for (int i = 0; i < half.Pixels.Length; i++)
            {
                (int y, int x, int c) = (i / 3 / 75, i / 3 % 75, i % 3);
                int At(int dy, int dx) => picture.Pixels[(2 * y + dy) * picture.Stride + 3 * (2 * x + left + dx) + c];
                half.Pixels[i] = (byte)((At(0, 0) + At(0, 1) + At(1, 0) + At(1, 1) + 2) / 4);
            }
            found |= Contains(JpegRoundTrip.Apply(half.View, second), windows);
        }
        Assert.True(found);
    }

    [Fact]
    public void The_smallest_picture_has_a_window_at_every_shift()
    {
        ImageBuffer picture = TrainingScene.Texture(PrimaryWindows.LeastSide, PrimaryWindows.LeastSide, 9);
        var maker = new PrimaryWindows();
        byte[] windows = new byte[Bytes];
        PrimaryFirst first = PrimaryFirst.Standard(70, ChromaSubsampling.Samp420);
        PrimaryScenario scenario = PrimaryScenario.Parse("nonaligned-90");
        JpegCompression second = JpegCompression.FromQuality(90);
        var phases = new HashSet<int>();
        for (int chain = 0; chain < 600; chain++)
            phases.Add(maker.Fill(picture, scenario, first, second, 1, chain, 1, windows));
        Assert.Equal(Enumerable.Range(1, 63), phases.Order());
    }

    static bool Contains(ImageBuffer picture, ReadOnlySpan<byte> window)
    {
        for (int y = 0; y + 64 <= picture.Height; y += 8)
        {
            for (int x = 0; x + 64 <= picture.Width; x += 8)
            {
                int row = 0;
                while (row < 64 && picture.Pixels.AsSpan((y + row) * picture.Stride + 3 * x, 192).SequenceEqual(window.Slice(192 * row, 192)))
                    row++;
                if (row == 64)
                    return true;
            }
        }
        return false;
    }
}
