using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Tests.Engine.PhaseHistogram;

/// <summary>Luma planes for the phase histograms, and their DCT by definition.</summary>
static class PhaseScene
{
    /// <summary>Whole numbers 0..255: a slope with noise whose strength changes from left to right.</summary>
    public static float[] Samples(int width, int height, int seed)
    {
        var random = new Random(seed);
        var luma = new float[width * height];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                luma[y * width + x] = Math.Clamp(40 + 2 * x + y + random.Next(-2 - x, 3 + x), 0, 255);
        return luma;
    }

    /// <summary>8 times coefficient k (zig-zag) of the block at (x, y), in double, all 64 terms.</summary>
    public static double ScaledDct(float[] luma, int width, int x, int y, int k)
    {
        int u = ZigZag.ToNatural[k] % 8;
        int v = ZigZag.ToNatural[k] / 8;
        double sum = 0;
        for (int i = 0; i < 8; i++)
            for (int j = 0; j < 8; j++)
                sum += (luma[(y + i) * width + x + j] - 128) * Basis(v, i) * Basis(u, j);
        return sum;
    }

    /// <summary>Orthonormal basis times sqrt(8), exact where it is a whole number.</summary>
    public static double Basis(int frequency, int sample) => frequency switch
    {
        0 => 1,
        4 => sample % 4 is 0 or 3 ? 1 : -1,
        _ => Math.Sqrt(2) * Math.Cos((2 * sample + 1) * frequency * Math.PI / 16),
    };

    /// <summary>Evidence and overall features of a window.</summary>
    public static (float[] Evidence, float[] Overall) Outputs(PhaseEvidenceOptions options, int windows = 1) =>
        (new float[windows * options.EvidenceLength], new float[windows * options.OverallLength]);
}
