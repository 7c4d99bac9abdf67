using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks;

// QualityConvolutions: the layers of the quality network by our own kernels (Conv3x3Kernels), with their weights.
// Several streams may use it once its weights are laid; laying and using are ordered by the caller.
sealed class QualityConvolutions : IDisposable
{
    const int Last = QualityArchitecture.Layers - 1;

    readonly Conv3x3Kernels kernels;
    readonly QualityDeviceWeights weights;

    /// <param name="stream">Where weights are laid first.</param>
    /// <param name="precision">Of the convolutions.</param>
    /// <param name="gradients">Whether there will be gradients.</param>
    public QualityConvolutions(CudaStream stream, ComputePrecision precision, bool gradients)
    {
        kernels = new Conv3x3Kernels(stream.Runtime, precision);
        weights = new QualityDeviceWeights(stream, kernels.Storage,
            kernels.UsesTensorCores ? bank => Conv3x3Layout.Tensor(bank, kernels.Storage.Bytes) : Conv3x3Layout.Simple, gradients);
    }

    public ActivationStorage Storage => kernels.Storage;

    public Conv3x3Kernels Kernels => kernels;

    public void Lay(CudaStream stream, DeviceSpan<float> parameters) => weights.Lay(stream, parameters);

    /// <summary>Layers 0 to 5.</summary>
    public void Forward(CudaStream stream, int layer, DeviceSpan<byte> input, DeviceSpan<byte> output, DeviceSpan<int> bounds, in ConvolutionPlanes planes) =>
        kernels.Forward(stream, layer == 0 ? 4 : 64, input, weights.Forward(layer), weights.Bias(layer), output, bounds, planes,
            QualityArchitecture.Dilations[layer]);

    /// <summary>Layer 6.</summary>
    public void Pair(CudaStream stream, DeviceSpan<byte> input, DeviceSpan<float> output, DeviceSpan<int> bounds, in ConvolutionPlanes planes,
        int pixelStride, long planeStride) =>
        kernels.Pair(stream, input, weights.Forward(Last), weights.Bias(Last), output, bounds, planes, QualityArchitecture.Dilations[Last],
            pixelStride, planeStride);

    /// <summary>Layers 1 to 6: the gradient of the layer's input, which is also the gate.</summary>
    public void InputGradient(CudaStream stream, int layer, DeviceSpan<byte> dOutput, DeviceSpan<byte> gate, DeviceSpan<byte> dInput, in ConvolutionPlanes planes) =>
        kernels.InputGradient(stream, layer == Last ? 4 : 64, dOutput, weights.Backward(layer), gate, dInput, planes, QualityArchitecture.Dilations[layer]);

    public void Dispose() => weights.Dispose();
}
