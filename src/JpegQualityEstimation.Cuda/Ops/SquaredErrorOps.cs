using JpegQualityEstimation.Cuda.Runtime;

namespace JpegQualityEstimation.Cuda.Ops;

// Mean squared errors of the quality network's two maps (kernels/squared_error.cu), as QualityTrainingStep has them: float
// differences, their squares summed in doubles in an order that depends on the number of pixels alone.
sealed class SquaredErrorOps(OpContext context)
{
    /// <summary>Of the quality map and of the flag map, unweighted.</summary>
    public const int Values = 2;

    const int Run = 2048;

    readonly KernelFamily kernels = new(context.Runtime, "squared_error", "squared_error");
    readonly KernelFunction merge = context.Runtime.Kernel("squared_error", "squared_error_merge");

    /// <summary>Losses of a batch, and the gradient of their weighted sum.</summary>
    /// <param name="output">The network's outputs; the first two channels count.</param>
    /// <param name="targets">[n,h,w,2].</param>
    /// <param name="qualityWeight">Factor of the quality map's error in the sum.</param>
    /// <param name="flagWeight">Factor of the flag map's.</param>
    /// <param name="dOutput">Its first two channels are overwritten; null: no gradient.</param>
    /// <param name="values">[2], overwritten with the two unweighted means.</param>
    public void Apply(in FeatureSpan output, DeviceSpan<float> targets, double qualityWeight, double flagWeight, FeatureSpan? dOutput, DeviceSpan<double> values)
    {
        const string Op = "mean squared error";
        FeatureLayout layout = output.Layout;
        long pixels = (long)layout.Pictures * layout.Pixels;
        OpContext.Require(layout.Channels >= 2, Op, $"outputs {layout} have one channel");
        OpContext.RequireLength(targets.Length, 2 * pixels, Op);
        OpContext.RequireLength(values.Length, Values, Op);
        (long pixel, long channel) = Strides(layout, Op);
        (long dPixel, long dChannel) = (0, 0);
        if (dOutput is { } d)
        {
            OpContext.Require(d.Layout.Pictures == layout.Pictures && d.Layout.Pixels == layout.Pixels && d.Layout.Channels >= 2, Op, $"outputs {layout}, gradient {d.Layout}");
            OpContext.RequireType(d.Type, output.Type, Op);
            (dPixel, dChannel) = Strides(d.Layout, Op);
        }
        int runs = checked((int)((pixels + Run - 1) / Run));
        ulong partials = context.Scratch(16L * runs);
        context.Stream.Launch(kernels.For(output.Type), context.Grid(runs, 1), new Dim3(256), 0, output.Address, pixel, channel, targets,
            (float)(2 * qualityWeight / pixels), (float)(2 * flagWeight / pixels), dOutput?.Address ?? 0UL, dPixel, dChannel, partials, (uint)pixels);
        context.Stream.Launch(merge, new Dim3(1), new Dim3(256), 0, partials, runs, (double)pixels, values);
    }

    // Pixels of all pictures have to lie at one stride.
    static (long Pixel, long Channel) Strides(in FeatureLayout layout, string op)
    {
        bool even = layout.IsPlanar ? layout.Pictures == 1 : layout.Pictures == 1 || layout.PictureStride == layout.Pixels * layout.Stride;
        OpContext.Require(even, op, $"pictures of {layout} do not follow at the stride of pixels");
        return layout.IsPlanar ? (1, layout.Stride) : (layout.Stride, 1);
    }
}
