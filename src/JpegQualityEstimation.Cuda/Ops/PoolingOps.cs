using JpegQualityEstimation.Cuda.Runtime;

namespace JpegQualityEstimation.Cuda.Ops;

// Average pooling (kernels/pooling.cu): 2x2, with the dropout mask of the convolution before it, and over whole pictures,
// with batch norm and ReLU before it where asked. Order of sums: by sizes alone.
sealed class PoolingOps(OpContext context)
{
    readonly KernelFamily forward = new(context.Runtime, "pooling", "pool_forward");
    readonly KernelFamily gradient = new(context.Runtime, "pooling", "pool_gradient");
    readonly KernelFamily average = new(context.Runtime, "pooling", "average");
    readonly KernelFamily averageGradient = new(context.Runtime, "pooling", "average_gradient");

    /// <summary>out[y,x] = mean of the four of in [2y..2y+1, 2x..2x+1], each times its dropout factor.</summary>
    public void Forward(in FeatureSpan input, in FeatureSpan output, in DropoutLayer dropout = default)
    {
        Require(input, output);
        Launch(forward, input, output, input.Layout, output.Layout.Values, dropout);
    }

    /// <summary>dIn[y,x] = dOut[y/2,x/2] / 4, times the same dropout factor.</summary>
    public void Gradient(in FeatureSpan dOutput, in FeatureSpan dInput, in DropoutLayer dropout = default)
    {
        Require(dInput, dOutput);
        Launch(gradient, dOutput, dInput, dInput.Layout, dInput.Layout.Values, dropout);
    }

    /// <summary>features[n,c] = mean over pixels of in, or of max(0, batch norm of in).</summary>
    public void Average(in FeatureSpan input, in BatchNorm? norm, DeviceSpan<float> features)
    {
        const string Op = "global average";
        FeatureLayout layout = input.Layout;
        OpContext.RequireLength(features.Length, (long)layout.Pictures * layout.Channels, Op);
        BatchNorm scale = norm ?? default;
        if (norm is not null)
            OpContext.RequireLength(Math.Min(scale.Gamma.Length, scale.Beta.Length), layout.Channels, Op);
        Dim3 grid = layout.IsPlanar ? context.Grid((long)layout.Pictures * layout.Channels, 4) : context.Grid((long)layout.Pictures * ((layout.Channels + 31) / 32), 1);
        context.Stream.Launch(average.For(input), grid, new Dim3(layout.IsPlanar ? 128 : 256), 0, input.Address, layout.PictureStride, layout.Stride,
            scale.Gamma, scale.Beta, scale.Mean, scale.InverseDeviation, features, layout.Pictures, layout.Channels, layout.Pixels);
    }

    /// <summary>dIn = dFeatures[n,c] / pixels.</summary>
    public void AverageGradient(DeviceSpan<float> dFeatures, in FeatureSpan dInput)
    {
        FeatureLayout layout = dInput.Layout;
        OpContext.RequireLength(dFeatures.Length, (long)layout.Pictures * layout.Channels, "global average gradient");
        context.Stream.Launch(averageGradient.For(dInput), context.Grid(layout.Values, 256), new Dim3(256), 0, dFeatures,
            dInput.Address, layout.PictureStride, layout.Stride, layout.Pictures, layout.Channels, layout.Pixels);
    }

    void Launch(KernelFamily kernels, in FeatureSpan from, in FeatureSpan to, in FeatureLayout large, long values, in DropoutLayer dropout) =>
        context.Stream.Launch(kernels.For(from), context.Grid(values, 256), new Dim3(256), 0,
            from.Address, from.Layout.PictureStride, from.Layout.Stride, to.Address, to.Layout.PictureStride, to.Layout.Stride,
            dropout.StepKey, dropout.Layer, dropout.Threshold, dropout.Keep, large.Pictures, large.Channels, large.Height, large.Width);

    static void Require(in FeatureSpan large, in FeatureSpan small)
    {
        const string Op = "average pooling";
        FeatureLayout l = large.Layout, s = small.Layout;
        OpContext.Require(l.Pictures == s.Pictures && l.Channels == s.Channels && l.IsPlanar == s.IsPlanar && l.Height == 2 * s.Height && l.Width == 2 * s.Width,
            Op, $"features {l} and {s}");
        OpContext.RequireType(large.Type, small.Type, Op);
    }
}
