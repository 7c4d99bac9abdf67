using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Tensors;

namespace JpegQualityEstimation.Networks;

/// <summary>A network read from its file, and what makes its engine on the processor.</summary>
readonly record struct PrimaryWeights(object Network, Func<IPrimaryEngine> Open);

// The networks for primary quantization that can be run: from the architecture named in a weight file to what makes its
// engine. Reading checks and lays out the weights once; every engine made of them shares them.
static class PrimaryArchitectures
{
    public static SortedDictionary<string, Func<SafetensorsContent, PrimaryWeights>> Known { get; } = new(StringComparer.Ordinal)
    {
        [DenseNet40Architecture.Id] = content => DenseNet40(DenseNet40Network.FromContent(content), content.Name),
        [PhaseHistogramArchitecture.Id] = content => PhaseHistogram(PhaseHistogramNetwork.FromContent(content)),
    };

    static PrimaryWeights DenseNet40(DenseNet40Network network, string file)
    {
        if (network.Outputs != PrimaryBlocks.Outputs && network.Outputs != PrimaryBlocks.Count)
            throw new WeightsFormatException(file, -1, $"{network.Outputs} outputs are neither {PrimaryBlocks.Outputs} class scores nor {PrimaryBlocks.Count} steps");
        return new(network, () => new DenseNet40Engine(network));
    }

    static PrimaryWeights PhaseHistogram(PhaseHistogramNetwork network) => new(network, () => new PhaseHistogramEngine(network));
}
