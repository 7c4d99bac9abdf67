using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// WinogradFilters: G g Gt of twelve filters, points 0, 1, -1, 2, -2, infinity, in double precision, rounded once.
static unsafe class WinogradFilters
{
    const int Outputs = 12;

    static readonly double[,] G =
    {
        { 1.0 / 4, 0, 0 }, { -1.0 / 6, -1.0 / 6, -1.0 / 6 }, { -1.0 / 6, 1.0 / 6, -1.0 / 6 },
        { 1.0 / 24, 1.0 / 12, 1.0 / 6 }, { 1.0 / 24, -1.0 / 12, 1.0 / 6 }, { 0, 0, 1 },
    };

    /// <summary>
    /// How much more a rounding weighs in an output of F(4x4, 3x3) than in one of nine plain products: an output is a sum over i of
    /// At[i] (G g)[i] (Bt d)[i], whose roundings have the variance sum of (At[i] |G[i]| |Bt[i]|)^2, those of three plain products 3;
    /// the mean over four outputs, squared for two dimensions, 116, and its root.
    /// </summary>
    public static double RoundingGrowth
    {
        get
        {
            double[] inputs = [42, 34, 34, 10, 10, 42];
            double[] outputs = [1, 1 + 1 + 1 + 1, 1 + 1 + 1 + 1, 1 + 4 + 16 + 64, 1 + 4 + 16 + 64, 1];
            double sum = 0;
            for (int i = 0; i < 6; i++)
                sum += (G[i, 0] * G[i, 0] + G[i, 1] * G[i, 1] + G[i, 2] * G[i, 2]) * inputs[i] * outputs[i];
            return sum / 4 / 3;
        }
    }

    /// <summary>Floats that <see cref="Pack"/> writes.</summary>
    public static int Count(int channels) => 36 * channels * Outputs;

    /// <summary>packed [36][channels][12] from weights [12,channels,3,3].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(ReadOnlySpan<float> weights, int channels, Span<float> packed)
    {
        Span<double> half = stackalloc double[18];
        for (int c = 0; c < channels; c++)
            for (int k = 0; k < Outputs; k++)
            {
                ReadOnlySpan<float> g = weights.Slice((k * channels + c) * 9, 9);
                for (int i = 0; i < 6; i++)
                    for (int s = 0; s < 3; s++)
                        half[3 * i + s] = G[i, 0] * g[s] + G[i, 1] * g[3 + s] + G[i, 2] * g[6 + s];
                for (int i = 0; i < 6; i++)
                    for (int j = 0; j < 6; j++)
                        packed[((6 * i + j) * channels + c) * Outputs + k] = (float)(half[3 * i] * G[j, 0] + half[3 * i + 1] * G[j, 1] + half[3 * i + 2] * G[j, 2]);
            }
    }
}
