using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Cuda.Ops;

// Conv3x3Kernels: our own dilated 3x3 convolutions (kernels/conv3x3*.cu), 4 or 64 channels in, 64 out, and 64 to 2.
// Activations and weights are of the precision's storage, as bytes here; sums, biases and weight gradients are floats.
// Tensor cores serve all but Float32 from compute capability 8.0 on, where a block may take enough shared memory; weights are
// laid accordingly (Conv3x3Layout). Elsewhere TensorFloat32 is Float32.
// Every output is summed in one order, whatever the planes, the region and the bounds.
sealed class Conv3x3Kernels
{
    const int Side = 16;
    const int WidestDilation = 4;

    readonly CudaRuntime runtime;
    readonly string suffix;
    readonly string gradientSuffix;

    public Conv3x3Kernels(CudaRuntime runtime, ComputePrecision precision)
    {
        this.runtime = runtime;
        UsesTensorCores = precision != ComputePrecision.Float32 && runtime.ComputeMajor >= 8
            && runtime.MaxSharedPerBlock >= WideShared(WidestDilation);
        if (!UsesTensorCores && precision == ComputePrecision.TensorFloat32)
            precision = ComputePrecision.Float32;
        Storage = ActivationStorage.Of(precision);
        suffix = Storage.Suffix;
        gradientSuffix = precision == ComputePrecision.TensorFloat32 ? "f32" : suffix;
    }

    public bool UsesTensorCores { get; }

    public ActivationStorage Storage { get; }

    /// <summary>out[made,64] = max(0, bias + conv(in)), in [n,h,w,4 or 64].</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="channels">4 or 64.</param>
    /// <param name="input">[n,h,w,channels].</param>
    /// <param name="weights">As <see cref="Conv3x3Layout"/> lays them.</param>
    /// <param name="bias">[64].</param>
    /// <param name="output">[n,h,w,64]; only what is made is written.</param>
    /// <param name="bounds">The picture in the plane: left, top, right, bottom; empty: the whole plane.</param>
    /// <param name="planes">Sizes, and what is made.</param>
    /// <param name="dilation">1 or more; up to 4 on tensor cores.</param>
    public void Forward(CudaStream stream, int channels, DeviceSpan<byte> input, DeviceSpan<byte> weights, DeviceSpan<float> bias,
        DeviceSpan<byte> output, DeviceSpan<int> bounds, in ConvolutionPlanes planes, int dilation)
    {
        if (planes.MadePixels == 0)
            return;
        (KernelFunction kernel, Dim3 grid, int threads, int shared) = Plan("forward", channels, planes, dilation);
        stream.Launch(kernel, grid, new Dim3(threads), shared, input, weights, bias, output, bounds,
            planes.Count, planes.Width, planes.Height, dilation, planes.Left, planes.Top, planes.Right, planes.Bottom);
    }

    /// <summary>dIn[n,h,w,64] = conv(dOut) where gate is above 0, else 0; dOut [n,h,w,4 or 64].</summary>
    public void InputGradient(CudaStream stream, int channels, DeviceSpan<byte> dOutput, DeviceSpan<byte> weights, DeviceSpan<byte> gate,
        DeviceSpan<byte> dInput, in ConvolutionPlanes planes, int dilation)
    {
        (KernelFunction kernel, Dim3 grid, int threads, int shared) = Plan("gradient", channels, planes, dilation);
        stream.Launch(kernel, grid, new Dim3(threads), shared, dOutput, weights, gate, dInput, planes.Count, planes.Width, planes.Height, dilation);
    }

    /// <summary>out[i * pixelStride + k * planeStride] = bias[k] + conv(in), k below 2, i the number of the pixel made.</summary>
    public void Pair(CudaStream stream, DeviceSpan<byte> input, DeviceSpan<byte> weights, DeviceSpan<float> bias, DeviceSpan<float> output,
        DeviceSpan<int> bounds, in ConvolutionPlanes planes, int dilation, int pixelStride, long planeStride)
    {
        if (planes.MadePixels == 0)
            return;
        (KernelFunction kernel, Dim3 grid, int threads, int shared) = UsesTensorCores
            ? (runtime.Kernel($"conv3x3_{suffix}_sm80", $"conv3x3_mma_pair_{suffix}"), TensorGrid(planes), 128, 9 * 8 * 128 + Halo(dilation) * 128)
            : (runtime.Kernel("conv3x3_pair", $"conv3x3_pair_{suffix}"), new Dim3((planes.MadePixels + 127) / 128), 256, 0);
        stream.Launch(kernel, grid, new Dim3(threads), shared, input, weights, bias, output, bounds,
            planes.Count, planes.Width, planes.Height, dilation, planes.Left, planes.Top, planes.Right, planes.Bottom, pixelStride, planeStride);
    }

    /// <summary>part[chunk * stride ..] = dWeight[3,3,channels,64] of each chunk's pixels; in [n,h,w,channels], dOut [n,h,w,64].</summary>
    public void WeightGradient(CudaStream stream, int channels, DeviceSpan<byte> input, DeviceSpan<byte> dOutput, DeviceSpan<float> part,
        in ConvolutionPlanes planes, int dilation, in GradientChunks chunks)
    {
        if (UsesTensorCores && channels == 64)
        {
            int shared = 2 * 4 * (32 + 2 * dilation) * (Storage.Bytes == 2 ? 128 : 288);
            stream.Launch(runtime.Kernel("conv3x3_weight_sm80", $"conv3x3_mma_weight_{suffix}"), new Dim3(chunks.Count, 3), new Dim3(128), shared,
                input, dOutput, part, planes.Count, planes.Width, planes.Height, dilation, chunks.Runs(planes), chunks.Stride);
            return;
        }
        stream.Launch(runtime.Kernel("conv3x3_weight", $"conv3x3_weight_{gradientSuffix}_{channels}"),
            new Dim3(chunks.Count, channels == 4 ? 1 : 3), new Dim3(256), 0, input, dOutput, part,
            planes.Count, planes.Width, planes.Height, dilation, chunks.Pixels, chunks.Stride);
    }

    /// <summary>part[chunk * stride ..] = the sums of dOut[n,h,w,channels] over each chunk's pixels.</summary>
    public void BiasGradient(CudaStream stream, int channels, DeviceSpan<byte> dOutput, DeviceSpan<float> part,
        in ConvolutionPlanes planes, in GradientChunks chunks) =>
        stream.Launch(runtime.Kernel("conv3x3_weight", $"conv3x3_bias_{gradientSuffix}_{channels}"), new Dim3(chunks.Count), new Dim3(256), 0,
            dOutput, part, checked((int)planes.Pixels), chunks.Pixels, chunks.Stride);

    /// <summary>to[place[i]] = the chunks' part[i] added in order, where the place is not negative.</summary>
    public static void Sum(CudaStream stream, DeviceSpan<float> part, DeviceSpan<int> place, DeviceSpan<float> to, in GradientChunks chunks) =>
        stream.Launch(stream.Runtime.Kernel("conv3x3_weight", "conv3x3_sum"), new Dim3((int)((place.Length + 255) / 256)), new Dim3(256), 0,
            part, place, to, (int)place.Length, chunks.Count, chunks.Stride);

    (KernelFunction Kernel, Dim3 Grid, int Threads, int Shared) Plan(string kind, int channels, in ConvolutionPlanes planes, int dilation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dilation, 1);
        if (!UsesTensorCores)
            return (runtime.Kernel("conv3x3", $"conv3x3_{kind}_{suffix}_{channels}"), new Dim3((planes.MadePixels + 255) / 256), 256, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dilation, WidestDilation);
        int shared = channels == 4 ? Halo(dilation) * 4 * Storage.Bytes : WideShared(dilation);
        return (runtime.Kernel($"conv3x3_{suffix}_sm80", $"conv3x3_mma_{kind}_{suffix}_{channels}"), TensorGrid(planes), 128, shared);
    }

    static Dim3 TensorGrid(in ConvolutionPlanes planes) =>
        new((planes.Right - planes.Left + Side - 1) / Side, (planes.Bottom - planes.Top + Side - 1) / Side, planes.Count);

    static int Halo(int dilation) => (Side + 2 * dilation) * (Side + 2 * dilation);

    static int WideShared(int dilation) => Halo(dilation) * 128 + 3 * 8192;
}
