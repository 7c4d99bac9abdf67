using System.Text.Json;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Training;
using Xunit;

namespace JpegQualityEstimation.Tests.Training;

/// <summary>Against tests/golden/training.json: PyTorch's AdamW and Pillow's resize (make_training_golden.py).</summary>
public sealed class TrainingGoldenTests
{
    static readonly JsonElement Golden = JsonDocument.Parse(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "golden", "training.json"))).RootElement;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Adam_follows_PyTorch(int index)
    {
        JsonElement golden = Golden.GetProperty("adam")[index];
        var settings = new AdamOptimizer.Settings(
            Number("learningRate"), Number("beta1"), Number("beta2"), Number("epsilon"), Number("weightDecay"));
        float[] parameters = Floats(golden.GetProperty("start"));
        float[] first = new float[parameters.Length], second = new float[parameters.Length];
        for (int step = 0; step < golden.GetProperty("gradients").GetArrayLength(); step++)
        {
            float[] before = (float[])parameters.Clone();
            AdamOptimizer.Update(parameters, Floats(golden.GetProperty("gradients")[step]), first, second, step + 1, settings);
            float[] expected = Floats(golden.GetProperty("after")[step]);
            for (int i = 0; i < parameters.Length; i++)
            {
                // Some ten roundings of an update that is at most a few learning rates, and two of the sum.
                double tolerance = (step + 1) * (16 * settings.LearningRate + 4 * Math.Abs(before[i])) * 1.2e-7;
                Assert.InRange(parameters[i], expected[i] - tolerance, expected[i] + tolerance);
            }
        }

        double Number(string key) => golden.GetProperty(key).GetDouble();
    }

    [Theory]
    [MemberData(nameof(ScaledCases))]
    public void Scaled_crops_follow_Pillow(int index)
    {
        JsonElement golden = Golden.GetProperty("scaled")[index];
        int size = golden.GetProperty("size").GetInt32(), target = golden.GetProperty("target").GetInt32();
        var picture = new ImageBuffer(size, size, PixelFormat.Rgb24);
        Bytes(golden.GetProperty("picture")).CopyTo(picture.Pixels, 0);
        byte[] expected = Bytes(golden.GetProperty("expected"));
        ResampleKernel kernel = golden.GetProperty("kernel").GetString() switch
        {
            "BOX" => ResampleKernel.Box,
            "BILINEAR" => ResampleKernel.Triangle,
            _ => ResampleKernel.Cubic,
        };
        double scale = (double)target / size;
        var crop = new PatchCrop(target);
        crop.CutScaled(picture, 0, 0, scale, kernel);
        byte[] actual = new byte[3 * target * target];
        crop.Store(actual);
        // Pillow leaves taps beyond the border out, we repeat the edge: only the inside is compared. It rounds between
        // the two passes, so one grey level may differ.
        int border = (int)Math.Ceiling(2 * Math.Max(1, scale)) + 1;
        for (int y = border; y < target - border; y++)
            for (int x = 3 * border; x < 3 * (target - border); x++)
                Assert.InRange(actual[3 * target * y + x], expected[3 * target * y + x] - 1, expected[3 * target * y + x] + 1);
    }

    public static TheoryData<int> ScaledCases => [.. Enumerable.Range(0, 8)];

    static float[] Floats(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetSingle())];

    static byte[] Bytes(JsonElement array) => Convert.FromHexString(array.GetString()!);
}
