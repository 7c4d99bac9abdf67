using System.Runtime.InteropServices;
using JpegQualityEstimation.Cuda.Native;

namespace JpegQualityEstimation.Cuda.Handles;

// Descriptors of cuDNN: host memory, bound to no context.
sealed unsafe class CudnnDescriptor : SafeHandle
{
    readonly Kind kind;

    enum Kind
    {
        Tensor,
        Filter,
        Convolution,
        Activation,
    }

    CudnnDescriptor(Kind kind)
        : base(0, ownsHandle: true)
    {
        this.kind = kind;
        nint created;
        Check.Ok(kind switch
        {
            Kind.Tensor => Cudnn.cudnnCreateTensorDescriptor(&created),
            Kind.Filter => Cudnn.cudnnCreateFilterDescriptor(&created),
            Kind.Convolution => Cudnn.cudnnCreateConvolutionDescriptor(&created),
            _ => Cudnn.cudnnCreateActivationDescriptor(&created),
        }, call: $"cudnnCreate{kind}Descriptor");
        SetHandle(created);
    }

    public override bool IsInvalid => handle == 0;

    public nint Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return handle;
        }
    }

    /// <summary>[n,h,w,c] with strides in elements.</summary>
    public static CudnnDescriptor Tensor(CudnnDataType type, int n, int c, int h, int w, int nStride, int hStride, int wStride)
    {
        var tensor = new CudnnDescriptor(Kind.Tensor);
        Check.Ok(Cudnn.cudnnSetTensor4dDescriptorEx(tensor.handle, type, n, c, h, w, nStride, 1, hStride, wStride),
            $"[{n},{h},{w},{c}] {type}, strides {nStride}, {hStride}, {wStride}, 1");
        return tensor;
    }

    /// <summary>[k,r,s,c].</summary>
    public static CudnnDescriptor Filter(CudnnDataType type, int k, int c, int side)
    {
        var filter = new CudnnDescriptor(Kind.Filter);
        Check.Ok(Cudnn.cudnnSetFilter4dDescriptor(filter.handle, type, CudnnTensorFormat.Nhwc, k, c, side, side), $"[{k},{side},{side},{c}] {type}");
        return filter;
    }

    /// <summary>Stride 1, sums in 32 bits.</summary>
    public static CudnnDescriptor Convolution(int padding, int dilation, CudnnMathType math)
    {
        var convolution = new CudnnDescriptor(Kind.Convolution);
        Check.Ok(Cudnn.cudnnSetConvolution2dDescriptor(convolution.handle, padding, padding, 1, 1, dilation, dilation,
            CudnnConvolutionMode.CrossCorrelation, CudnnDataType.Float), $"padding {padding}, dilation {dilation}");
        convolution.SetMath(math);
        return convolution;
    }

    /// <summary>NaN becomes 0: with the other choice cuDNN declines to do bias and ReLU in one with a convolution.</summary>
    public static CudnnDescriptor Relu()
    {
        var activation = new CudnnDescriptor(Kind.Activation);
        Check.Ok(Cudnn.cudnnSetActivationDescriptor(activation.handle, CudnnActivationMode.Relu, CudnnNanPropagation.NotPropagate, 0));
        return activation;
    }

    public void SetMath(CudnnMathType math) => Check.Ok(Cudnn.cudnnSetConvolutionMathType(Pointer, math), $"{math}");

    protected override bool ReleaseHandle() => (kind switch
    {
        Kind.Tensor => Cudnn.cudnnDestroyTensorDescriptor(handle),
        Kind.Filter => Cudnn.cudnnDestroyFilterDescriptor(handle),
        Kind.Convolution => Cudnn.cudnnDestroyConvolutionDescriptor(handle),
        _ => Cudnn.cudnnDestroyActivationDescriptor(handle),
    }) == CudnnStatus.Success;
}
