namespace JpegQualityEstimation.Networks;

public sealed partial class DenseNet40Network
{
    /// <summary>An untrained network, the same for the same seed on every machine: He-normal filters, gamma 1, beta 0.</summary>
    /// <param name="seed">Any number.</param>
    /// <param name="input">What it looks at.</param>
    /// <param name="outputs">226 class scores, or 15 regressed steps.</param>
    public static DenseNet40Network CreateInitialized(ulong seed, PrimaryInput input = PrimaryInput.Rgb, int outputs = 226)
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
        }
        return new DenseNet40Network(architecture, parameters, $"untrained-{seed}", new Dictionary<string, string>());
    }
}
