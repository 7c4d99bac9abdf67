using JpegQualityEstimation.Cuda.Runtime;

namespace JpegQualityEstimation.Cuda.Ops;

/// <summary>The dropout mask of one layer in one step; the default drops nothing.</summary>
/// <param name="StepKey">[1] in device memory: <see cref="DropoutOps.StepKey"/>.</param>
/// <param name="Layer">Number of the layer.</param>
/// <param name="Rate">Share that is dropped, 0 to below 1.</param>
readonly record struct DropoutLayer(DeviceSpan<ulong> StepKey, int Layer, double Rate)
{
    public uint Threshold => (uint)(Rate * 4294967296.0);

    /// <summary>Factor of what is kept.</summary>
    public float Keep => (float)(1 / (1 - Rate));
}

// Dropout (kernels/dropout.cu): in place, the mask of DropoutMask on the processor, bit for bit; element (c,y,x) of a picture
// is number (y c_all + c) w + x of its layer, c counted in the span.
sealed class DropoutOps(OpContext context)
{
    readonly KernelFamily kernels = new(context.Runtime, "dropout", "dropout");

    /// <summary>What a training step's masks are keyed with; goes to device memory once a step.</summary>
    public static ulong StepKey(ulong seed, ulong step) => Mix(Mix(seed + 0x9E3779B97F4A7C15) ^ step);

    public void Apply(in FeatureSpan x, in DropoutLayer dropout)
    {
        if (dropout.Threshold == 0)
            return;
        FeatureLayout layout = x.Layout;
        context.Stream.Launch(kernels.For(x), context.Grid(layout.Values, 256), new Dim3(256), 0, x.Address, layout.PictureStride, layout.Stride,
            dropout.StepKey.Address, dropout.Layer, dropout.Threshold, dropout.Keep, layout.Pictures, layout.Channels, layout.Pixels, layout.Width);
    }

    static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
