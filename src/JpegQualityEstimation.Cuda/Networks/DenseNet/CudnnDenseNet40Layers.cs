using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks.DenseNet;

// CudnnDenseNet40Layers: a layer by cuDNN, where JQE_CUDA_CONVOLUTIONS asks for it: batch norm and ReLU of all channels before it
// into dense activations, and a convolution from there to its twelve channels in the concatenation buffer. The activations are
// written and read once more than by our own kernels, and twelve filters are a poor fit for the library's; that is why these are
// the default. Layers for which cuDNN has no deterministic algorithm are left to our own.
sealed class CudnnDenseNet40Layers : IDisposable
{
    readonly CudnnDenseNet40Filters filters;
    readonly CudaDenseNet40Weights weights;
    readonly OpContext context;
    readonly BatchNormOps norms;
    readonly CudnnContext cudnn;
    readonly DeviceBuffer<byte> activations;
    readonly StorageType type;

    CudnnDenseNet40Layers(CudaStream stream, CudnnContext cudnn, CudnnDenseNet40Filters filters, CudaDenseNet40Weights weights, int group)
    {
        (this.filters, this.weights, this.cudnn) = (filters, weights, cudnn);
        context = new OpContext(stream);
        norms = new BatchNormOps(context);
        type = StorageTypes.Of(filters.Precision);
        activations = stream.Rent<byte>(group * BytesPerWindow(filters.Precision));
    }

    /// <summary>On a stream; null where cuDNN is not there.</summary>
    public static CudnnDenseNet40Layers? Open(CudaStream stream, CudnnDenseNet40Filters? filters, CudaDenseNet40Weights weights, int group) =>
        filters is not null && stream.Runtime.CreateCudnn(stream) is { } cudnn ? new(stream, cudnn, filters, weights, group) : null;

    /// <summary>Of activations.</summary>
    public static long BytesPerWindow(ComputePrecision precision) =>
        (long)DenseNet40Architecture.WindowSize * DenseNet40Architecture.WindowSize * DenseNet40Architecture.LayerInputs(0, DenseNet40Architecture.Layers - 1) * StorageTypes.Of(precision).Bytes();

    /// <summary>The layer's twelve channels; false: cuDNN declines.</summary>
    public bool Layer(in DenseCanvas canvas, int block, int layer)
    {
        int channels = DenseNet40Architecture.LayerInputs(block, layer);
        ConvolutionPlan plan = cudnn.Convolution(new ConvolutionGeometry(canvas.Images, canvas.Height, canvas.Width, channels, DenseNet40Architecture.Growth)
        {
            OutputPitch = canvas.Pitch,
            Precision = filters.Precision,
        });
        if (!plan.Supports(ConvolutionPass.Forward))
            return false;
        var from = new FeatureSpan(new DeviceValues(canvas.Address, canvas.Images * canvas.ImageStride, type), FeatureLayout.ChannelsLast(canvas.Images, channels, canvas.Height, canvas.Width, canvas.Pitch));
        var to = new FeatureSpan(DeviceValues.Of(activations, type), FeatureLayout.ChannelsLast(canvas.Images, channels, canvas.Height, canvas.Width));
        norms.Activate(from, BatchNorm.Folded(new(weights.Norms.Scale(block, layer), channels), new(weights.Norms.Shift(block, layer), channels)), to);
        var bytes = new DeviceSpan<byte>(canvas.Address, canvas.Images * canvas.ImageStride * type.Bytes());
        DeviceSpan<byte> output = bytes.Slice((long)channels * type.Bytes());
        if (type == StorageType.Float32)
            plan.Forward(activations.Span.As<float>(), filters.Of(block, layer).As<float>(), output.As<float>());
        else
            plan.Forward(activations.Span.As<ushort>(), filters.Of(block, layer).As<ushort>(), output.As<ushort>());
        return true;
    }

    public void Dispose()
    {
        cudnn.Dispose();
        activations.Dispose();
        context.Dispose();
    }
}
