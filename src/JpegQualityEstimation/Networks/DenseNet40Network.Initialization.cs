namespace JpegQualityEstimation.Networks;

/// <summary>How an untrained DenseNet-40 is filled.</summary>
public enum DenseNetInitialization
{
    /// <summary>He-normal filters everywhere (the default of the framework that the paper used is alike).</summary>
    He,
    /// <summary>
    /// The first 24 filters look past the picture at what compression leaves, a few grey levels: each of the eight cosine
    /// patterns of 3x3 pixels other than the mean, on luma, with both signs, six random filters without a mean and two with.
    /// The rest as <see cref="He"/>.
    /// </summary>
    HighPass,
}

public sealed partial class DenseNet40Network
{
    const int CosineFilters = 16;
    const int HighPassFilters = 22;
    const double HighPassGain = 16;

    /// <summary>An untrained network, the same for the same seed on every machine: He-normal filters, gamma 1, beta 0.</summary>
    /// <param name="seed">Any number.</param>
    /// <param name="input">What it looks at.</param>
    /// <param name="outputs">226 class scores, or 15 regressed steps.</param>
    /// <param name="initialization">What the first filters are.</param>
    public static DenseNet40Network CreateInitialized(ulong seed, PrimaryInput input = PrimaryInput.Rgb, int outputs = 226,
        DenseNetInitialization initialization = DenseNetInitialization.He)
    {
        var architecture = new DenseNet40Architecture(input, outputs);
        float[] parameters = new float[architecture.Count];
        ulong state = seed;
        foreach (TensorPlace place in Places(architecture))
        {
            Span<float> values = parameters.AsSpan(place.Offset, place.Length);
            if (place.Name.EndsWith(".gamma", StringComparison.Ordinal) || place.Name.EndsWith(".variance", StringComparison.Ordinal))
                values.Fill(1);
            if (!place.Name.EndsWith(".weight", StringComparison.Ordinal))
                continue;
            // The linear layer starts small: every class about equally likely.
            double gain = place.Name == "head.weight" ? 0.1 : 2;
            double deviation = Math.Sqrt(gain / (place.Length / place.Shape[0]));
            foreach (ref float w in values)
                w = (float)(SplitMix64.Normal(ref state) * deviation);
            if (place.Name == "first.weight" && initialization == DenseNetInitialization.HighPass)
                MakeHighPass(values, input);
        }
        return new DenseNet40Network(architecture, parameters, $"untrained-{seed}", new Dictionary<string, string>());
    }

    // Filters [24, channels, 3, 3].
    static void MakeHighPass(Span<float> filters, PrimaryInput input)
    {
        ReadOnlySpan<double> luma = input == PrimaryInput.Luma ? [1] : [0.299, 0.587, 0.114];
        int channels = luma.Length;
        for (int filter = 0; filter < HighPassFilters; filter++)
            for (int c = 0; c < channels; c++)
            {
                Span<float> plane = filters.Slice((filter * channels + c) * 9, 9);
                if (filter < CosineFilters)
                {
                    int pattern = filter / 2 + 1;
                    double gain = HighPassGain * luma[c] * (filter % 2 == 0 ? 1 : -1);
                    for (int i = 0; i < 9; i++)
                        plane[i] = (float)(gain * Cosine(pattern / 3, i / 3) * Cosine(pattern % 3, i % 3));
                    continue;
                }
                double mean = 0;
                foreach (float w in plane)
                    mean += w / 9.0;
                foreach (ref float w in plane)
                    w = (float)((w - mean) * HighPassGain);
            }
    }

    // Orthonormal: cos((2 at + 1) frequency pi / 6).
    static double Cosine(int frequency, int at) => frequency switch
    {
        0 => Math.Sqrt(1 / 3.0),
        1 => (1 - at) * Math.Sqrt(0.5),
        _ => (at == 1 ? -2 : 1) * Math.Sqrt(1 / 6.0),
    };
}
