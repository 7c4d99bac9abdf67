using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks;

// QualityConvolutions: the layers of the quality network by our own kernels (Conv3x3Kernels), and those with 64 channels on both
// sides by cuDNN where a plan is given, with their weights.
// Several streams may use it once its weights are laid; laying and using are ordered by the caller.
sealed class QualityConvolutions : IDisposable
{
    const int Last = QualityArchitecture.Layers - 1;

    readonly Conv3x3Kernels kernels;
    readonly QualityDeviceWeights weights;
    readonly QualityDeviceWeights? cudnnWeights;
    readonly ComputePrecision precision;

    /// <param name="stream">Where weights are laid first.</param>
    /// <param name="precision">Of the convolutions.</param>
    /// <param name="gradients">Whether there will be gradients.</param>
    /// <param name="cudnn">Whether cuDNN will make layers.</param>
    public QualityConvolutions(CudaStream stream, ComputePrecision precision, bool gradients, bool cudnn = false)
    {
        this.precision = precision;
        kernels = new Conv3x3Kernels(stream.Runtime, precision);
        weights = new QualityDeviceWeights(stream, kernels.Storage, ActivationStorage.Of(ComputePrecision.Float32),
            kernels.UsesTensorCores ? bank => Conv3x3Layout.Tensor(bank, kernels.Storage.Bytes) : Conv3x3Layout.Simple, gradients);
        if (cudnn)
            cudnnWeights = new QualityDeviceWeights(stream, kernels.Storage, kernels.Storage, Conv3x3Layout.Krsc, transposed: false);
    }

    public ActivationStorage Storage => kernels.Storage;

    public Conv3x3Kernels Kernels => kernels;

    public void Lay(CudaStream stream, DeviceSpan<float> parameters)
    {
        weights.Lay(stream, parameters);
        cudnnWeights?.Lay(stream, parameters);
    }

    /// <summary>The plan of a layer over whole planes; null where our own kernels make it.</summary>
    public ConvolutionPlan? Plan(CudnnContext? cudnn, int layer, in ConvolutionPlanes planes)
    {
        if (cudnn is null || cudnnWeights is null || layer is 0 or Last)
            return null;
        ConvolutionPlan plan = cudnn.Convolution(new ConvolutionGeometry(planes.Count, planes.Height, planes.Width, 64, 64)
        {
            Dilation = QualityArchitecture.Dilations[layer],
            Precision = precision,
        });
        return plan.Supports(ConvolutionPass.Forward) ? plan : null;
    }

    /// <summary>Layers 1 to 5 over whole planes by cuDNN, which knows no bounds: what is not picture in the input is cleared first.</summary>
    public void Forward(CudaStream stream, ConvolutionPlan plan, int layer, DeviceSpan<byte> input, DeviceSpan<byte> output, DeviceSpan<int> bounds,
        in ConvolutionPlanes planes)
    {
        stream.Launch(stream.Runtime.Kernel("quality", "quality_clear"), new Dim3((planes.Width * planes.Height + 255) / 256), new Dim3(256), 0,
            input, bounds, planes.Width, planes.Height, 64 * Storage.Bytes);
        if (Storage.Bytes == 2)
            plan.ForwardBiasRelu(input.As<Half>(), cudnnWeights!.Forward(layer).As<Half>(), cudnnWeights.Bias(layer).As<Half>(), output.As<Half>());
        else
            plan.ForwardBiasRelu(input.As<float>(), cudnnWeights!.Forward(layer).As<float>(), cudnnWeights.Bias(layer).As<float>(), output.As<float>());
    }

    /// <summary>Layers 0 to 5.</summary>
    public void Forward(CudaStream stream, int layer, DeviceSpan<byte> input, DeviceSpan<byte> output, DeviceSpan<int> bounds, in ConvolutionPlanes planes) =>
        kernels.Forward(stream, layer == 0 ? 4 : 64, input, weights.Forward(layer), weights.Bias(layer).As<float>(), output, bounds, planes,
            QualityArchitecture.Dilations[layer]);

    /// <summary>Layer 6.</summary>
    public void Pair(CudaStream stream, DeviceSpan<byte> input, DeviceSpan<float> output, DeviceSpan<int> bounds, in ConvolutionPlanes planes,
        int pixelStride, long planeStride) =>
        kernels.Pair(stream, input, weights.Forward(Last), weights.Bias(Last).As<float>(), output, bounds, planes, QualityArchitecture.Dilations[Last],
            pixelStride, planeStride);

    /// <summary>Layers 1 to 6: the gradient of the layer's input, which is also the gate.</summary>
    public void InputGradient(CudaStream stream, int layer, DeviceSpan<byte> dOutput, DeviceSpan<byte> gate, DeviceSpan<byte> dInput, in ConvolutionPlanes planes) =>
        kernels.InputGradient(stream, layer == Last ? 4 : 64, dOutput, weights.Backward(layer), gate, dInput, planes, QualityArchitecture.Dilations[layer]);

    public void Dispose()
    {
        weights.Dispose();
        cudnnWeights?.Dispose();
    }
}
