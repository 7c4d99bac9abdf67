namespace JpegQualityEstimation.Networks;

// The seven-layer dilated network of Uchida, Tanaka, Okutomi 2019 (Figure 1): 3x3 convolutions of dilation
// 1,2,3,4,3,2,1, zero padding = dilation, 64 channels, ReLU after all but the last, 2 outputs. 187,586 parameters.
// Flat parameter vector: for each layer the weight [k,c,3,3] (OIHW), then the bias [k].
static class QualityArchitecture
{
    public const string Id = "uchida2019";
    public const int Layers = 7;
    public const int Width = 64;
    public const int Inputs = 3;
    public const int Outputs = 2;

    /// <summary>Pixels on each side that one output looks at: the sum of the dilations.</summary>
    public const int Halo = 16;

    public const int ParameterCount = 187_586;

    public static ReadOnlySpan<int> Dilations => [1, 2, 3, 4, 3, 2, 1];

    public static int InputChannels(int layer) => layer == 0 ? Inputs : Width;

    public static int OutputChannels(int layer) => layer == Layers - 1 ? Outputs : Width;

    public static int WeightCount(int layer) => OutputChannels(layer) * InputChannels(layer) * 9;

    public static int WeightOffset(int layer)
    {
        int offset = 0;
        for (int l = 0; l < layer; l++)
            offset += WeightCount(l) + OutputChannels(l);
        return offset;
    }

    public static int BiasOffset(int layer) => WeightOffset(layer) + WeightCount(layer);

    public static ReadOnlySpan<float> Weight(ReadOnlySpan<float> parameters, int layer) =>
        parameters.Slice(WeightOffset(layer), WeightCount(layer));

    public static ReadOnlySpan<float> Bias(ReadOnlySpan<float> parameters, int layer) =>
        parameters.Slice(BiasOffset(layer), OutputChannels(layer));
}
