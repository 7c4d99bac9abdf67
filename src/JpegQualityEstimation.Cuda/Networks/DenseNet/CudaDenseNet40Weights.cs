using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks.DenseNet;

// CudaDenseNet40Weights: one network on a device for inference: the flat parameters (first convolution, bias), packed weights,
// folded batch norms. Laid out once, read by every lane; complete when the constructor returns.
sealed class CudaDenseNet40Weights : IDisposable
{
    readonly DeviceBuffer<float> parameters;

    public CudaDenseNet40Weights(CudaStream stream, DenseNet40Kernels kernels, DenseNet40Network network)
    {
        Architecture = network.Architecture;
        parameters = stream.Rent<float>(network.Parameters.Length);
        stream.Upload<float>(network.Parameters, parameters);
        Packs = new DenseNet40Packs(stream, kernels, Architecture, splits: true, training: false);
        Packs.Pack(stream, parameters);
        Norms = new DenseNet40FoldedNorms(stream, Architecture, network.Parameters);
        stream.Synchronize();
    }

    public DenseNet40Architecture Architecture { get; }

    public DenseNet40Packs Packs { get; }

    public DenseNet40FoldedNorms Norms { get; }

    /// <summary>First convolution [24,inputs,3,3].</summary>
    public ulong First => parameters.Span.Address;

    public ulong Bias => parameters.Span.Address + (ulong)Architecture.Bias * sizeof(float);

    public void Dispose()
    {
        parameters.Dispose();
        Packs.Dispose();
        Norms.Dispose();
    }
}
