using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// The filters in training, where they change with every step: WinogradFilters.Pack in single precision and vectors of (channel, output).
static unsafe partial class WinogradTwelve<TVector, TSimd>
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    /// <summary>packed [36][channels][12] from weights [12,channels,3,3], turned by half a turn if wanted; 12 times channels are whole vectors.</summary>
    /// <param name="weights">[12,channels,3,3].</param>
    /// <param name="channels">A multiple of 12.</param>
    /// <param name="turned">Whether by half a turn.</param>
    /// <param name="taps">Scratch [9][channels][12].</param>
    /// <param name="packed">Overwritten.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackFilters(float* weights, int channels, bool turned, float* taps, float* packed)
    {
        int all = channels * Outputs;
        for (int k = 0; k < Outputs; k++)
            for (int c = 0; c < channels; c++, weights += 9)
                for (int t = 0; t < 9; t++)
                    taps[(turned ? 8 - t : t) * all + c * Outputs + k] = weights[t];
        float* columns = stackalloc float[18 * TSimd.Count];
        for (int x = 0; x < all; x += TSimd.Count)
        {
            float* from = taps + x;
            for (int s = 0; s < 3; s++, from += all)
            {
                TVector g0 = TSimd.Load(from), g1 = TSimd.Load(from + 3 * all), g2 = TSimd.Load(from + 6 * all);
                Winograd4x4<TVector, TSimd>.Weight(ref g0, ref g1, ref g2, out TVector g3, out TVector g4, out TVector g5);
                Store(columns + s * TSimd.Count, 3 * TSimd.Count, g0, g1, g2, g3, g4, g5);
            }
            float* to = packed + x;
            for (int i = 0; i < 6; i++, to += 6 * all)
            {
                float* row = columns + 3 * i * TSimd.Count;
                TVector g0 = TSimd.Load(row), g1 = TSimd.Load(row + TSimd.Count), g2 = TSimd.Load(row + 2 * TSimd.Count);
                Winograd4x4<TVector, TSimd>.Weight(ref g0, ref g1, ref g2, out TVector g3, out TVector g4, out TVector g5);
                Store(to, all, g0, g1, g2, g3, g4, g5);
            }
        }
    }

    /// <summary>weights [12,channels,3,3] += Gt sums G, sums [channels][36][12] and sixteen more that are read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddWeightGradients(float* sums, int channels, float* weights)
    {
        float* columns = stackalloc float[18 * TSimd.Count];
        float* taps = stackalloc float[9 * TSimd.Count];
        for (int c = 0; c < channels; c++, sums += Frequencies * Outputs)
            for (int k = 0; k < Outputs; k += TSimd.Count)
            {
                float* from = sums + k;
                for (int j = 0; j < 6; j++, from += Outputs)
                {
                    TVector u0 = TSimd.Load(from), u1 = TSimd.Load(from + 6 * Outputs), u2 = TSimd.Load(from + 12 * Outputs);
                    Winograd4x4<TVector, TSimd>.WeightAdjoint(ref u0, ref u1, ref u2, TSimd.Load(from + 18 * Outputs), TSimd.Load(from + 24 * Outputs), TSimd.Load(from + 30 * Outputs));
                    TSimd.Store(columns + j * TSimd.Count, u0);
                    TSimd.Store(columns + (6 + j) * TSimd.Count, u1);
                    TSimd.Store(columns + (12 + j) * TSimd.Count, u2);
                }
                for (int i = 0; i < 3; i++)
                {
                    float* row = columns + 6 * i * TSimd.Count;
                    TVector u0 = TSimd.Load(row), u1 = TSimd.Load(row + TSimd.Count), u2 = TSimd.Load(row + 2 * TSimd.Count);
                    Winograd4x4<TVector, TSimd>.WeightAdjoint(ref u0, ref u1, ref u2, TSimd.Load(row + 3 * TSimd.Count), TSimd.Load(row + 4 * TSimd.Count), TSimd.Load(row + 5 * TSimd.Count));
                    TSimd.Store(taps + 3 * i * TSimd.Count, u0);
                    TSimd.Store(taps + (3 * i + 1) * TSimd.Count, u1);
                    TSimd.Store(taps + (3 * i + 2) * TSimd.Count, u2);
                }
                for (int i = 0; i < Math.Min(TSimd.Count, Outputs - k); i++)
                    for (int t = 0; t < 9; t++)
                        weights[((k + i) * channels + c) * 9 + t] += taps[t * TSimd.Count + i];
            }
    }
}
