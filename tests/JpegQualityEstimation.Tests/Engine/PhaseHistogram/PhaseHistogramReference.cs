using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Tests.Engine.PhaseHistogram;

// The phase-histogram network written as its definition, in double: no padding, no groups, no order of sums to keep.
sealed class PhaseHistogramReference(PhaseHistogramOptions options)
{
    readonly PhaseHistogramArchitecture layers = new(options);

    /// <summary>Logits [226] and the first head's attention [64] of one window.</summary>
    public (double[] Logits, double[] Alpha) Forward(double[] parameters, ReadOnlySpan<float> evidence, ReadOnlySpan<float> overall, ReadOnlySpan<ushort> second)
    {
        int k = options.Coefficients, f = options.Features, hs = options.Hidden, vs = options.PhaseWidth, ds = options.PooledWidth;
        int heads = options.Heads, g = options.Trunk, z = options.CoefficientWidth;
        double[] u = new double[2 * k];
        for (int c = 0; c < k && options.SecondTable; c++)
        {
            double s = Math.Clamp((int)second[c], 1, 64);
            u[2 * c] = s / 8;
            u[2 * c + 1] = 2 / s;
        }
        double[,,] h = new double[k, 64, hs];
        for (int c = 0; c < k; c++)
            for (int p = 0; p < 64; p++)
                for (int j = 0; j < hs; j++)
                {
                    double sum = P(layers.HiddenBias, c * hs + j) + (p == 0 ? P(layers.AlignedBias, c * hs + j) : 0);
                    for (int i = 0; i < f; i++)
                        sum += evidence[(c * 64 + p) * f + i] * P(layers.Evidence, (c * f + i) * hs + j) + overall[c * f + i] * P(layers.Overall, (c * f + i) * hs + j);
                    for (int i = 0; i < 2; i++)
                        sum += u[2 * c + i] * P(layers.Second, (c * 2 + i) * hs + j);
                    h[c, p, j] = Math.Max(0, sum);
                }
        double[,] w = new double[64, ds];
        double[,] alpha = new double[64, heads];
        for (int p = 0; p < 64; p++)
        {
            double[] v = new double[vs];
            for (int j = 0; j < vs; j++)
            {
                double sum = P(layers.PhaseBias, p * vs + j);
                for (int c = 0; c < k; c++)
                    for (int i = 0; i < hs; i++)
                        sum += h[c, p, i] * P(layers.Phase, (c * hs + i) * vs + j);
                v[j] = Math.Max(0, sum);
            }
            for (int j = 0; j < ds; j++)
            {
                double sum = P(layers.PooledBias, j);
                for (int i = 0; i < vs; i++)
                    sum += v[i] * P(layers.Pooled, i * ds + j);
                w[p, j] = Math.Max(0, sum);
            }
            for (int head = 0; head < heads; head++)
            {
                alpha[p, head] = P(layers.AttentionBias, p * heads + head);
                for (int j = 0; j < ds; j++)
                    alpha[p, head] += w[p, j] * P(layers.Attention, j * heads + head);
            }
        }
        for (int head = 0; head < heads; head++)
        {
            double sum = Enumerable.Range(0, 64).Sum(p => Math.Exp(alpha[p, head]));
            for (int p = 0; p < 64; p++)
                alpha[p, head] = Math.Exp(alpha[p, head]) / sum;
        }
        var x = new List<double>();
        for (int head = 0; head <= heads; head++)
            for (int j = 0; j < ds; j++)
                x.Add(Enumerable.Range(0, 64).Sum(p => (head < heads ? alpha[p, head] : 1.0 / 64) * w[p, j]));
        for (int c = 0; c < k; c++)
            for (int i = 0; i < options.Bins; i += 4)
                x.Add(((double)overall[c * f + i] + overall[c * f + i + 1] + overall[c * f + i + 2] + overall[c * f + i + 3]) / 4);
        x.AddRange(u);
        double[] trunk = new double[g];
        for (int j = 0; j < g; j++)
        {
            double sum = P(layers.TrunkBias, j);
            for (int i = 0; i < x.Count; i++)
                sum += x[i] * P(layers.Trunk, i * g + j);
            trunk[j] = Math.Max(0, sum);
        }
        double[] logits = new double[PrimaryBlocks.Outputs];
        for (int j = 0; j < logits.Length; j++)
        {
            logits[j] = P(layers.OutputBias, j);
            for (int i = 0; i < g; i++)
                logits[j] += trunk[i] * P(layers.Output, i * PrimaryBlocks.Outputs + j);
        }
        for (int c = 0; c < PrimaryBlocks.Count; c++)
        {
            double[] e = new double[hs];
            for (int j = 0; j < hs; j++)
                for (int p = 0; p < 64; p++)
                    e[j] += alpha[p, 0] * h[c, p, j];
            for (int i = 0; i < z; i++)
            {
                double sum = P(layers.CoefficientBias, c * z + i);
                for (int j = 0; j < hs; j++)
                    sum += e[j] * P(layers.Coefficient, (c * hs + j) * z + i);
                for (int j = 0; j < g; j++)
                    sum += trunk[j] * P(layers.CoefficientTrunk, j * PrimaryBlocks.Count * z + c * z + i);
                double t = Math.Max(0, sum);
                for (int o = PrimaryBlocks.Offsets[c]; o < PrimaryBlocks.Offsets[c] + PrimaryBlocks.Sizes[c]; o++)
                    logits[o] += t * P(layers.OutputBlocks, i * PrimaryBlocks.Outputs + o);
            }
        }
        return (logits, Enumerable.Range(0, 64).Select(p => alpha[p, 0]).ToArray());

        double P(PhaseHistogramTensor tensor, int index) => parameters[tensor.Offset + index];
    }

    /// <summary>Means of the block loss (cross-entropy) and of the attention's cross-entropy.</summary>
    public (double Block, double Attention) Loss(double[] parameters, PhaseHistogramCase batch)
    {
        double blocks = 0, attention = 0;
        for (int n = 0; n < batch.Count; n++)
        {
            (double[] logits, double[] alpha) = Forward(parameters, batch.EvidenceOf(n), batch.OverallOf(n), batch.Second.AsSpan(64 * n, 64));
            blocks += CrossEntropyLoss.Of(logits, batch.Steps.AsSpan(15 * n, 15));
            attention -= batch.Phases[n] < 64 ? Math.Log(alpha[batch.Phases[n]]) : 0;
        }
        return (blocks / batch.Count, attention / batch.Count);
    }
}
