namespace JpegQualityEstimation.Networks;

/// <summary>How an untrained quality network is filled.</summary>
public enum QualityInitialization
{
    /// <summary>Glorot-uniform weights and zero biases in every layer (the default of the paper's framework).</summary>
    Glorot,
    /// <summary>
    /// He-normal weights; 56 of the 64 first filters are zero-mean and 16 times stronger, because what JPEG leaves
    /// is a few grey levels high; the last layer starts near the means of its targets.
    /// </summary>
    HighPass,
}

public sealed partial class QualityNetwork
{
    const int LowPassFilters = 8;
    const double HighPassGain = 16;

    /// <summary>An untrained network, the same for the same seed on every machine.</summary>
    public static QualityNetwork CreateInitialized(ulong seed, QualityInitialization initialization = QualityInitialization.HighPass)
    {
        float[] parameters = new float[QualityArchitecture.ParameterCount];
        ulong state = seed;
        for (int l = 0; l < QualityArchitecture.Layers; l++)
        {
            Span<float> weights = parameters.AsSpan(QualityArchitecture.WeightOffset(l), QualityArchitecture.WeightCount(l));
            int fanIn = 9 * QualityArchitecture.InputChannels(l);
            int fanOut = 9 * QualityArchitecture.OutputChannels(l);
            if (initialization == QualityInitialization.Glorot)
            {
                double limit = Math.Sqrt(6.0 / (fanIn + fanOut));
                foreach (ref float w in weights)
                    w = (float)((2 * SplitMix64.Uniform(ref state) - 1) * limit);
                continue;
            }
            double deviation = Math.Sqrt((l == QualityArchitecture.Layers - 1 ? 0.1 : 2.0) / fanIn);
            foreach (ref float w in weights)
                w = (float)(SplitMix64.Normal(ref state) * deviation);
            if (l == 0)
                MakeHighPass(weights);
        }
        if (initialization == QualityInitialization.HighPass)
        {
            int bias = QualityArchitecture.BiasOffset(QualityArchitecture.Layers - 1);
            parameters[bias] = 0.43f;
            parameters[bias + 1] = 0.9f;
        }
        return new QualityNetwork(parameters, $"untrained-{seed}", new Dictionary<string, string>());
    }

    static void MakeHighPass(Span<float> weights)
    {
        for (int at = LowPassFilters * 27; at < weights.Length; at += 9)
        {
            Span<float> plane = weights.Slice(at, 9);
            double mean = 0;
            foreach (float w in plane)
                mean += w / 9.0;
            foreach (ref float w in plane)
                w = (float)((w - mean) * HighPassGain);
        }
    }
}
