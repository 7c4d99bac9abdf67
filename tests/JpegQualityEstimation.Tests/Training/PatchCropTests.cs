using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Training;
using Xunit;

namespace JpegQualityEstimation.Tests.Training;

// Everything that is done to a crop, against plain loops over pixels: the same bits, at sides with and without a rest.
public sealed class PatchCropTests
{
    public static TheoryData<int> Sides => [1, 5, 16, 23];

    [Theory]
    [MemberData(nameof(Sides))]
    public void Turns_follow_their_definition(int side)
    {
        ImageBuffer picture = Texture(side + 3, side + 2);
        for (int which = 0; which < 8; which++)
        {
            PatchCrop crop = Cut(picture, side);
            float[] before = crop.Pixels.ToArray();
            crop.Turn(which);
            byte[] bytes = new byte[3 * side * side];
            PatchTurn.Cut(picture, 3, 2, side, which, bytes);
            for (int y = 0; y < side; y++)
                for (int x = 0; x < side; x++)
                {
                    (int u, int v) = ((which & 1) != 0 ? side - 1 - x : x, (which & 2) != 0 ? side - 1 - y : y);
                    if ((which & 4) != 0)
                        (u, v) = (v, u);
                    for (int c = 0; c < 3; c++)
                    {
                        Assert.Equal(before[3 * (v * side + u) + c], crop.Pixels[3 * (y * side + x) + c]);
                        Assert.Equal(crop.Pixels[3 * (y * side + x) + c], bytes[3 * (y * side + x) + c]);
                    }
                }
        }
    }

    [Theory]
    [MemberData(nameof(Sides))]
    public void Blur_and_unsharp_mask_equal_plain_loops(int side)
    {
        foreach (double sigma in new[] { 0.4, 1, 2.9 })
        {
            PatchCrop crop = Cut(Texture(side + 3, side + 2), side);
            float[] expected = Blurred(crop.Pixels.ToArray(), side, sigma);
            crop.Blur(sigma);
            Assert.Equal(expected, crop.Pixels.ToArray());
            float[] blurred = Blurred(expected, side, 1);
            for (int i = 0; i < expected.Length; i++)
                expected[i] = Math.Clamp(expected[i] + 0.7f * (expected[i] - blurred[i]), 0, 255);
            crop.Sharpen(0.7);
            Assert.Equal(expected, crop.Pixels.ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Sides))]
    public void Tone_and_noise_equal_plain_loops(int side)
    {
        foreach (bool same in new[] { false, true })
        {
            PatchCrop crop = Cut(Texture(side + 3, side + 2), side);
            float[] expected = crop.Pixels.ToArray();
            crop.AddNoise(new CounterRandom(1, 2, 3), 2.5f, same);
            var random = new CounterRandom(1, 2, 3);
            float noise = 0;
            for (int i = 0; i < expected.Length; i++)
            {
                noise = same && i % 3 != 0 ? noise : random.NextNormal();
                expected[i] = Math.Clamp(expected[i] + 2.5f * noise, 0, 255);
            }
            Assert.Equal(expected, crop.Pixels.ToArray());
            crop.Tone(1.2f, -30, 0.8f, 1.3f);
            for (int i = 0; i < expected.Length; i += 3)
            {
                float luma = 0.299f * expected[i] + 0.587f * expected[i + 1] + 0.114f * expected[i + 2];
                for (int c = 0; c < 3; c++)
                {
                    float value = 1.2f * (luma + 0.8f * (expected[i + c] - luma) - 127.5f) + 127.5f + -30;
                    expected[i + c] = 255 * GammaCurve.Power(Math.Clamp(value, 0, 255) / 255, 1.3f);
                }
            }
            Assert.Equal(expected, crop.Pixels.ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Sides))]
    public void Resampling_equals_plain_loops(int side)
    {
        ImageBuffer picture = Texture(61, 53);
        foreach (ResampleKernel shape in Enum.GetValues<ResampleKernel>())
            foreach ((double x, double y, double scale) in new[] { (0, 0, 0.6), (61 - side / 0.77, 1.25, 0.77), (3.7, 53 - side / 1.3, 1.3) })
            {
                var crop = new PatchCrop(side);
                crop.CutScaled(picture, x, y, scale, shape);
                Assert.Equal(Resampled(picture, side, x, y, scale, shape), crop.Pixels.ToArray());
            }
    }

    [Fact]
    public void Powers_of_many_are_powers_of_each()
    {
        float[] values = [.. Enumerable.Range(0, 4099).Select(i => i / 4098f), float.Epsilon, 1e-30f, 0.70710677f, 0.70710683f];
        foreach (float gamma in new[] { 0.5f, 0.9f, 1f, 2.2f, 20f })
        {
            float[] powers = (float[])values.Clone();
            GammaCurve.Power(powers, gamma);
            Assert.Equal(values.Select(value => GammaCurve.Power(value, gamma)), powers);
        }
    }

    static PatchCrop Cut(ImageBuffer picture, int side)
    {
        var crop = new PatchCrop(side);
        crop.Cut(picture, 3, 2);
        return crop;
    }

    static ImageBuffer Texture(int width, int height)
    {
        var picture = new ImageBuffer(width, height, PixelFormat.Rgb24);
        new Random(width).NextBytes(picture.Pixels);
        return picture;
    }

    static float[] Blurred(float[] pixels, int side, double sigma)
    {
        float[] kernel = new float[BlurWeights.MaxRadius + 1], across = new float[pixels.Length], down = new float[pixels.Length];
        int radius = BlurWeights.Fill(sigma, kernel);
        for (int i = 0; i < pixels.Length; i++)
            for (int k = -radius; k <= radius; k++)
                across[i] += kernel[Math.Abs(k)] * pixels[3 * (i / 3 / side * side + Math.Clamp(i / 3 % side + k, 0, side - 1)) + i % 3];
        for (int i = 0; i < pixels.Length; i++)
            for (int k = -radius; k <= radius; k++)
                down[i] += kernel[Math.Abs(k)] * across[3 * (Math.Clamp(i / 3 / side + k, 0, side - 1) * side + i / 3 % side) + i % 3];
        return down;
    }

    static float[] Resampled(ImageBuffer picture, int side, double x, double y, double scale, ResampleKernel shape)
    {
        var columns = new ResampleTaps(side);
        var rows = new ResampleTaps(side);
        columns.Set(x, scale, picture.Width, shape);
        rows.Set(y, scale, picture.Height, shape);
        float[] pixels = new float[3 * side * side];
        for (int i = 0; i < pixels.Length; i++)
        {
            (int row, int column, int c) = (i / 3 / side, i / 3 % side, i % 3);
            for (int v = 0; v < rows.Weights(row).Length; v++)
            {
                float sum = 0;
                for (int u = 0; u < columns.Weights(column).Length; u++)
                    sum += columns.Weights(column)[u] * picture.Pixels[(rows.First(row) + v) * picture.Stride + 3 * (columns.First(column) + u) + c];
                pixels[i] += rows.Weights(row)[v] * sum;
            }
            pixels[i] = Math.Clamp(pixels[i], 0, 255);
        }
        return pixels;
    }
}
