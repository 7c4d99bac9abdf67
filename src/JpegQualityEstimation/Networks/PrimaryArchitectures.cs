using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Tensors;

namespace JpegQualityEstimation.Networks;

// The networks for primary quantization that can be run: from the architecture named in a weight file to what makes its
// engine. Reading checks and lays out the weights once; every engine made of them shares them.
static class PrimaryArchitectures
{
    public static SortedDictionary<string, Func<SafetensorsContent, Func<IPrimaryEngine>>> Known { get; } = new(StringComparer.Ordinal)
    {
        [PhaseHistogramArchitecture.Id] = content => PhaseHistogram(PhaseHistogramNetwork.FromContent(content)),
    };

    static Func<IPrimaryEngine> PhaseHistogram(PhaseHistogramNetwork network) => () => new PhaseHistogramEngine(network);
}
