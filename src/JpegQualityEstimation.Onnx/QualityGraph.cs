using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Onnx;

// QualityGraph: the seven dilated convolutions of QualityArchitecture over a picture of any size.
//   image [n,3,height,width] -> maps [n,2,height,width]
static class QualityGraph
{
    public const string InputMeaning = "red, green, blue, each divided by 255";
    public const string OutputMeaning = "channel 0: 1 - quality/100; channel 1: 1 = compressed, 0 = never; neither is clipped to 0..1";

    public static OnnxGraph Of(ReadOnlySpan<float> parameters)
    {
        var graph = new OnnxGraph("quality", "JPEG quality factor and compression flag of every pixel (Uchida, Tanaka, Okutomi 2019)");
        string current = graph.Input("image", InputMeaning, "n", QualityArchitecture.Inputs, "height", "width");
        for (int l = 0; l < QualityArchitecture.Layers; l++)
        {
            int c = QualityArchitecture.InputChannels(l), k = QualityArchitecture.OutputChannels(l), d = QualityArchitecture.Dilations[l];
            bool isLast = l == QualityArchitecture.Layers - 1;
            string weight = graph.Constant($"conv{l + 1}.weight", [k, c, 3, 3], QualityArchitecture.Weight(parameters, l));
            string bias = graph.Constant($"conv{l + 1}.bias", [k], QualityArchitecture.Bias(parameters, l));
            current = graph.Node("Conv", isLast ? "maps" : $"conv{l + 1}", [current, weight, bias],
                OnnxGraph.Wholes("kernel_shape", 3, 3), OnnxGraph.Wholes("dilations", d, d), OnnxGraph.Wholes("pads", d, d, d, d));
            if (!isLast)
                current = graph.Node("Relu", $"relu{l + 1}", [current]);
        }
        graph.Output(current, OutputMeaning, "n", QualityArchitecture.Outputs, "height", "width");
        return graph;
    }
}
