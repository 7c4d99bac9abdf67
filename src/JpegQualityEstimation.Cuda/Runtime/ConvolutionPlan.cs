using System.Globalization;
using System.Runtime.CompilerServices;
using JpegQualityEstimation.Cuda.Handles;
using JpegQualityEstimation.Cuda.Native;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Cuda.Runtime;

/// <summary>What cuDNN can be asked to do with a geometry.</summary>
enum ConvolutionPass
{
    Forward,
    InputGradient,
    WeightGradient,
}

// ConvolutionPlan: descriptors and algorithms of one geometry.
//   Forward          y = conv(x, w)                       ForwardBiasRelu  y = max(0, conv(x, w) + bias)
//   InputGradient    dx = adjoint(dy, w) [+ dx]           WeightGradient   dw = adjoint(x, dy) [+ dw]
// x, dx [n,h,w,c] and y, dy [n,h',w',k] with the geometry's strides, w, dw [k,r,s,c] and bias [k] dense; all of the stored type.
// Algorithms: the first of the library's own ranking that is deterministic, sums products without transforms (implicit
// products of matrices: no Fourier, no Winograd, so that errors are bounded by the number of terms) and needs no more than
// CudnnContext.WorkspaceLimit. The ranking depends on library, device and geometry alone: every process chooses alike.
// Where there is none, Supports is false and the caller's own kernel serves. The ReLU turns NaN into 0, unlike our kernels'.
sealed unsafe class ConvolutionPlan : IDisposable
{
    readonly CudnnContext owner;
    readonly ConvolutionGeometry geometry;
    readonly CudnnDescriptor input, output, filter, bias, relu;
    readonly ConvolutionChoice forward, inputGradient, weightGradient;
    bool withoutFusion;

    internal ConvolutionPlan(CudnnContext owner, in ConvolutionGeometry geometry)
    {
        this.owner = owner;
        this.geometry = geometry;
        CudnnDataType type = geometry.Precision switch
        {
            ComputePrecision.Float16 => CudnnDataType.Half,
            ComputePrecision.BFloat16 => CudnnDataType.BFloat16,
            _ => CudnnDataType.Float,
        };
        input = Tensor(type, geometry.Inputs, geometry.Height, geometry.Width, geometry.InputStrides);
        output = Tensor(type, geometry.Outputs, geometry.OutputHeight, geometry.OutputWidth, geometry.OutputStrides);
        filter = CudnnDescriptor.Filter(type, geometry.Outputs, geometry.Inputs, geometry.Side);
        bias = CudnnDescriptor.Tensor(type, 1, geometry.Outputs, 1, 1, geometry.Outputs, geometry.Outputs, geometry.Outputs);
        relu = CudnnDescriptor.Relu();
        nint handle = owner.Handle.Pointer;
        forward = ConvolutionChoice.Forward(handle, geometry, input, filter, output);
        inputGradient = ConvolutionChoice.InputGradient(handle, geometry, filter, output, input);
        weightGradient = ConvolutionChoice.WeightGradient(handle, geometry, input, output, filter);
    }

    public ConvolutionGeometry Geometry => geometry;

    /// <summary>Whether bias and ReLU come with the convolution; false once cuDNN has declined that.</summary>
    internal bool IsFused => !withoutFusion;

    internal long WorkspaceBytes => Math.Max(forward.WorkspaceBytes, Math.Max(inputGradient.WorkspaceBytes, weightGradient.WorkspaceBytes));

    public bool Supports(ConvolutionPass pass) => Choice(pass).Algorithm >= 0;

    /// <summary>"ImplicitPrecomputedGemm", say; null where the pass is not supported.</summary>
    public string? AlgorithmName(ConvolutionPass pass) => !Supports(pass) ? null : pass switch
    {
        ConvolutionPass.Forward => $"{(CudnnForwardAlgorithm)forward.Algorithm}",
        ConvolutionPass.InputGradient => $"{(CudnnBackwardDataAlgorithm)inputGradient.Algorithm}",
        _ => $"{(CudnnBackwardFilterAlgorithm)weightGradient.Algorithm}",
    };

    /// <param name="x">Input.</param>
    /// <param name="w">Filter.</param>
    /// <param name="y">Output.</param>
    /// <param name="add">Whether to add to the output in place of overwriting it.</param>
    public void Forward<T>(DeviceSpan<T> x, DeviceSpan<T> w, DeviceSpan<T> y, bool add = false)
        where T : unmanaged
    {
        Require(ConvolutionPass.Forward, x, w, y);
        float one = 1, beta = add ? 1 : 0;
        Check.Ok(Cudnn.cudnnConvolutionForward(Enter(), &one, input.Pointer, x.Address, filter.Pointer, w.Address, forward.Convolution.Pointer,
            (CudnnForwardAlgorithm)forward.Algorithm, owner.Workspace.Address, (nuint)owner.Workspace.Length, &beta, output.Pointer, y.Address), geometry.ToString());
    }

    public void ForwardBiasRelu<T>(DeviceSpan<T> x, DeviceSpan<T> w, DeviceSpan<T> b, DeviceSpan<T> y)
        where T : unmanaged
    {
        Require(ConvolutionPass.Forward, x, w, y);
        Require("bias", b.Length, geometry.Outputs);
        float one = 1, zero = 0;
        nint handle = Enter();
        if (!withoutFusion)
        {
            CudnnStatus status = Cudnn.cudnnConvolutionBiasActivationForward(handle, &one, input.Pointer, x.Address, filter.Pointer, w.Address,
                forward.Convolution.Pointer, (CudnnForwardAlgorithm)forward.Algorithm, owner.Workspace.Address, (nuint)owner.Workspace.Length,
                &zero, output.Pointer, y.Address, bias.Pointer, b.Address, relu.Pointer, output.Pointer, y.Address);
            withoutFusion = (int)status is >= 3000 and < 4000;
            if (!withoutFusion)
            {
                Check.Ok(status, geometry.ToString(), nameof(Cudnn.cudnnConvolutionBiasActivationForward));
                return;
            }
        }
        Forward(x, w, y);
        Check.Ok(Cudnn.cudnnAddTensor(handle, &one, bias.Pointer, b.Address, &one, output.Pointer, y.Address), geometry.ToString());
        Check.Ok(Cudnn.cudnnActivationForward(handle, relu.Pointer, &one, output.Pointer, y.Address, &zero, output.Pointer, y.Address), geometry.ToString());
    }

    /// <param name="dy">Gradient of the output.</param>
    /// <param name="w">Filter.</param>
    /// <param name="dx">Gradient of the input.</param>
    /// <param name="add">Whether to add to it in place of overwriting it.</param>
    public void InputGradient<T>(DeviceSpan<T> dy, DeviceSpan<T> w, DeviceSpan<T> dx, bool add = false)
        where T : unmanaged
    {
        Require(ConvolutionPass.InputGradient, dx, w, dy);
        float one = 1, beta = add ? 1 : 0;
        Check.Ok(Cudnn.cudnnConvolutionBackwardData(Enter(), &one, filter.Pointer, w.Address, output.Pointer, dy.Address, inputGradient.Convolution.Pointer,
            (CudnnBackwardDataAlgorithm)inputGradient.Algorithm, owner.Workspace.Address, (nuint)owner.Workspace.Length, &beta, input.Pointer, dx.Address), geometry.ToString());
    }

    /// <param name="x">Input.</param>
    /// <param name="dy">Gradient of the output.</param>
    /// <param name="dw">Gradient of the filter.</param>
    /// <param name="add">Whether to add to it in place of overwriting it.</param>
    public void WeightGradient<T>(DeviceSpan<T> x, DeviceSpan<T> dy, DeviceSpan<T> dw, bool add = false)
        where T : unmanaged
    {
        Require(ConvolutionPass.WeightGradient, x, dw, dy);
        float one = 1, beta = add ? 1 : 0;
        Check.Ok(Cudnn.cudnnConvolutionBackwardFilter(Enter(), &one, input.Pointer, x.Address, output.Pointer, dy.Address, weightGradient.Convolution.Pointer,
            (CudnnBackwardFilterAlgorithm)weightGradient.Algorithm, owner.Workspace.Address, (nuint)owner.Workspace.Length, &beta, filter.Pointer, dw.Address), geometry.ToString());
    }

    public void Dispose()
    {
        foreach (CudnnDescriptor descriptor in (CudnnDescriptor[])[input, output, filter, bias, relu, forward.Convolution, inputGradient.Convolution, weightGradient.Convolution])
            descriptor.Dispose();
    }

    CudnnDescriptor Tensor(CudnnDataType type, int channels, int height, int width, TensorStrides strides) =>
        CudnnDescriptor.Tensor(type, geometry.Count, channels, height, width, checked((int)strides.Picture), checked((int)strides.Row), (int)strides.Pixel);

    ConvolutionChoice Choice(ConvolutionPass pass) => pass switch
    {
        ConvolutionPass.Forward => forward,
        ConvolutionPass.InputGradient => inputGradient,
        _ => weightGradient,
    };

    nint Enter()
    {
        nint handle = owner.Handle.Pointer;
        owner.Handle.Context.MakeCurrent();
        return handle;
    }

    void Require<T>(ConvolutionPass pass, DeviceSpan<T> x, DeviceSpan<T> w, DeviceSpan<T> y)
        where T : unmanaged
    {
        if (!Supports(pass))
            throw new NotSupportedException($"cuDNN has no deterministic algorithm for the pass {pass} of {geometry}");
        if (Unsafe.SizeOf<T>() != geometry.ElementBytes)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"numbers of {Unsafe.SizeOf<T>()} bytes for {geometry}"));
        Require("input", x.Length, geometry.InputStrides.Length(geometry.Count, geometry.Height, geometry.Width, geometry.Inputs));
        Require("filter", w.Length, geometry.FilterLength);
        Require("output", y.Length, geometry.OutputStrides.Length(geometry.Count, geometry.OutputHeight, geometry.OutputWidth, geometry.Outputs));
    }

    void Require(string what, long given, long needed)
    {
        if (given < needed)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{what} of {given} elements, {needed} are needed for {geometry}"));
    }
}
