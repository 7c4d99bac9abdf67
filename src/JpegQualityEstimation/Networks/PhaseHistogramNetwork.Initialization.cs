namespace JpegQualityEstimation.Networks;

public sealed partial class PhaseHistogramNetwork
{
    // Shares of the He variance: sums over coefficients or of several terms stay near one, the layers that end in a
    // softmax start small so that nothing is preferred.
    const double LastGain = 0.1;

    /// <summary>An untrained network, the same for the same seed and shape on every machine.</summary>
    /// <exception cref="ArgumentException">The shape cannot be.</exception>
    public static PhaseHistogramNetwork CreateInitialized(ulong seed, PhaseHistogramOptions? options = null)
    {
        options ??= new PhaseHistogramOptions();
        var a = new PhaseHistogramArchitecture(options);
        float[] parameters = new float[a.ParameterCount];
        ulong state = seed;
        double terms = options.SecondTable ? 3 : 2;
        Fill(a.Evidence, options.Features, 2 / terms);
        Fill(a.Overall, options.Features, 2 / terms);
        if (options.SecondTable)
            Fill(a.Second, 2, 1 / terms);
        Fill(a.Phase, options.Hidden * options.Coefficients, 2);
        Fill(a.PhaseBias, 1, 0.01);
        Fill(a.Pooled, options.PhaseWidth, 2);
        Fill(a.Attention, options.PooledWidth, LastGain);
        Fill(a.Trunk, options.TrunkInputs, 2);
        Fill(a.Coefficient, options.Hidden, 1);
        Fill(a.CoefficientTrunk, options.Trunk, 1);
        Fill(a.Output, options.Trunk, LastGain);
        Fill(a.OutputBlocks, options.CoefficientWidth, LastGain);
        return new PhaseHistogramNetwork(options, parameters, $"untrained-{seed}", new Dictionary<string, string>());

        void Fill(PhaseHistogramTensor tensor, int fanIn, double gain)
        {
            double deviation = Math.Sqrt(gain / fanIn);
            foreach (ref float w in parameters.AsSpan(tensor.Offset, tensor.Length))
                w = (float)(SplitMix64.Normal(ref state) * deviation);
        }
    }
}
