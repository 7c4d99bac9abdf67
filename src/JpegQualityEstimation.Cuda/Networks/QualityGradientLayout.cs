using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks;

// QualityGradientLayout: how the weight gradient kernels leave a chunk's sums of all layers: layer after layer the filters
// [3,3,c,64], c = 4 or 64, then the biases [64]; of the last layer, whose 2 outputs are taken for 4 inputs, [3,3,4,64 c] with the
// taps turned round, then [4]. Each part begins at a multiple of 64 floats.
static class QualityGradientLayout
{
    const int Last = QualityArchitecture.Layers - 1;

    public static int Length { get; } = BiasOffset(Last) + 64;

    public static int WeightOffset(int layer) => layer == 0 ? 0 : BiasOffset(layer - 1) + 64;

    public static int BiasOffset(int layer) => WeightOffset(layer) + 9 * Channels(layer) * 64;

    /// <summary>For every value its place in the flat parameter vector, -1 for none.</summary>
    public static int[] Places()
    {
        int[] places = new int[Length];
        Array.Fill(places, -1);
        for (int l = 0; l <= Last; l++)
        {
            int inputs = QualityArchitecture.InputChannels(l), outputs = QualityArchitecture.OutputChannels(l), channels = Channels(l);
            for (int tap = 0; tap < 9; tap++)
                for (int k = 0; k < outputs; k++)
                    for (int c = 0; c < inputs; c++)
                    {
                        int at = l < Last ? (tap * channels + c) * 64 + k : ((8 - tap) * 4 + k) * 64 + c;
                        places[WeightOffset(l) + at] = QualityArchitecture.WeightOffset(l) + (k * inputs + c) * 9 + tap;
                    }
            for (int k = 0; k < outputs; k++)
                places[BiasOffset(l) + k] = QualityArchitecture.BiasOffset(l) + k;
        }
        return places;
    }

    static int Channels(int layer) => layer is 0 or Last ? 4 : 64;
}
