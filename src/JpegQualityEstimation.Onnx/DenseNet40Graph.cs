using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Onnx;

// DenseNet40Graph: DenseNet-40 (DenseNet40Architecture) with its running statistics, dropout left out.
//   windows [n,3,64,64] (luma: [n,1,64,64]) -> logits [n,226] and probabilities [n,226], a softmax for each of 15 blocks
//   regression head: windows -> steps [n,15]
sealed class DenseNet40Graph
{
    const string Name = "windows";

    readonly OnnxGraph graph = new("densenet40", "First 15 zig-zag steps of the primary quantization table of 64x64 windows (Tondi, Costanzo, Huang, Li 2021)");
    readonly DenseNet40Architecture architecture;
    readonly float[] parameters;

    DenseNet40Graph(DenseNet40Network network) => (architecture, parameters) = (network.Architecture, network.Parameters);

    public static string InputMeaning(DenseNet40Network network) => network.Input == PrimaryInput.Rgb
        ? "red, green, blue, each divided by 255; the top left pixel is a block corner of the second grid"
        : "JPEG's luma rounded to a byte, divided by 255; the top left pixel is a block corner of the second grid";

    public static string OutputMeaning(DenseNet40Network network) => network.Outputs == PrimaryBlocks.Outputs
        ? $"for each of the first 15 zig-zag coefficients a block of classes, class j = step j + 1; block sizes {string.Join(',', PrimaryBlocks.Sizes.ToArray())}"
        : "the first 15 zig-zag steps, regressed";

    public static OnnxGraph Of(DenseNet40Network network)
    {
        var made = new DenseNet40Graph(network);
        made.Make(InputMeaning(network), OutputMeaning(network));
        return made.graph;
    }

    void Make(string inputMeaning, string outputMeaning)
    {
        string current = graph.Input(Name, inputMeaning, "n", architecture.InputChannels, DenseNet40Architecture.WindowSize, DenseNet40Architecture.WindowSize);
        current = Convolution("first", 0, [DenseNet40Architecture.FirstFilters, architecture.InputChannels, 3, 3], current);
        for (int b = 0; b < DenseNet40Architecture.Blocks; b++)
        {
            for (int l = 0; l < DenseNet40Architecture.Layers; l++)
            {
                string layer = $"block{b + 1}.layer{l + 1}";
                string grown = Convolution(layer, architecture.Weight(b, l),
                    [DenseNet40Architecture.Growth, DenseNet40Architecture.LayerInputs(b, l), 3, 3], NormAndRelu(layer, b, l, current));
                current = graph.Node("Concat", layer + ".all", [current, grown], OnnxGraph.Whole("axis", 1));
            }
            if (b == DenseNet40Architecture.Blocks - 1)
                break;
            int c = DenseNet40Architecture.BlockOutputs(b);
            string transition = $"block{b + 1}.transition";
            current = Convolution(transition, architecture.Weight(b, DenseNet40Architecture.Layers), [c, c, 1, 1],
                NormAndRelu(transition, b, DenseNet40Architecture.Layers, current));
            current = graph.Node("AveragePool", transition + ".pool", [current], OnnxGraph.Wholes("kernel_shape", 2, 2), OnnxGraph.Wholes("strides", 2, 2));
        }
        Head(current, outputMeaning);
    }

    void Head(string current, string outputMeaning)
    {
        const int Last = DenseNet40Architecture.Blocks - 1;
        current = graph.Node("GlobalAveragePool", "head.average", [NormAndRelu("head", Last, DenseNet40Architecture.Layers, current)]);
        current = graph.Node("Flatten", "head.features", [current]);
        int outputs = architecture.Outputs;
        bool classes = outputs == PrimaryBlocks.Outputs;
        string weight = Tensor("head.weight", [outputs, DenseNet40Architecture.Features], architecture.Weight(Last, DenseNet40Architecture.Layers));
        string scores = graph.Node("Gemm", classes ? "logits" : "steps", [current, weight, Tensor("head.bias", [outputs], architecture.Bias)], OnnxGraph.Whole("transB", 1));
        graph.Output(scores, outputMeaning, "n", outputs);
        if (!classes)
            return;
        string[] blocks = [.. Enumerable.Range(1, PrimaryBlocks.Count).Select(c => $"logits.{c}")];
        graph.Node("Split", "blocks", [scores, graph.Constant("blocks.sizes", PrimaryBlocks.Sizes)], blocks, [OnnxGraph.Whole("axis", 1)]);
        string[] softmaxes = [.. blocks.Select((block, c) => graph.Node("Softmax", $"softmax.{c + 1}", [block], OnnxGraph.Whole("axis", 1)))];
        graph.Output(graph.Node("Concat", "probabilities", softmaxes, OnnxGraph.Whole("axis", 1)), "softmax of each block of the logits", "n", outputs);
    }

    // All norms of a block read the first of its channels' statistics.
    string NormAndRelu(string name, int block, int layer, string input)
    {
        int[] shape = [DenseNet40Architecture.LayerInputs(block, layer)];
        string normed = graph.Node("BatchNormalization", name + ".norm",
            [
                input,
                Tensor(name + ".gamma", shape, architecture.Gamma(block, layer)),
                Tensor(name + ".beta", shape, architecture.Beta(block, layer)),
                Tensor(name + ".mean", shape, architecture.Mean(block)),
                Tensor(name + ".variance", shape, architecture.Variance(block)),
            ],
            OnnxGraph.Real("epsilon", (float)DenseNet40Gradient.Epsilon));
        return graph.Node("Relu", name + ".relu", [normed]);
    }

    string Convolution(string name, int offset, int[] shape, string input)
    {
        int side = shape[2], pad = side / 2;
        return graph.Node("Conv", name + ".conv", [input, Tensor(name + ".weight", shape, offset)],
            OnnxGraph.Wholes("kernel_shape", side, side), OnnxGraph.Wholes("pads", pad, pad, pad, pad));
    }

    string Tensor(string name, int[] shape, int offset) =>
        graph.Constant(name, shape, parameters.AsSpan(offset, shape.Aggregate(1, (product, extent) => product * extent)));
}
