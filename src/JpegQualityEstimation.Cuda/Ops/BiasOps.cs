using JpegQualityEstimation.Cuda.Runtime;

namespace JpegQualityEstimation.Cuda.Ops;

// Bias and ReLU (kernels/bias.cu) over feature maps or the rows of a linear layer ([n,c] is [n,c,1,1] channels-last).
// Order of sums: by sizes and strides alone.
sealed class BiasOps(OpContext context)
{
    const int PlaneRun = 2048;
    const int RowTerms = 32;

    readonly KernelFamily forward = new(context.Runtime, "bias", "bias");
    readonly KernelFamily gradient = new(context.Runtime, "bias", "bias_gradient");
    readonly KernelFunction merge = context.Runtime.Kernel("bias", "bias_gradient_merge");

    /// <summary>out = x + bias, then max(0, .) where asked; out may be x.</summary>
    public void Forward(in FeatureSpan x, DeviceSpan<float> bias, bool rectify, in FeatureSpan output)
    {
        const string Op = "bias";
        FeatureLayout layout = x.Layout;
        OpContext.RequireSizes(x, output, Op);
        OpContext.RequireType(x.Type, output.Type, Op);
        OpContext.RequireLength(bias.Length, layout.Channels, Op);
        int lanes = x.Type.Lanes();
        bool wide = x.IsWide(lanes) && output.IsWide(lanes);
        context.Stream.Launch(forward.For(x), context.Grid(layout.Values / (wide ? lanes : 1), 256), new Dim3(256), 0,
            x.Address, layout.PictureStride, layout.Stride, bias, output.Address, output.Layout.PictureStride, output.Layout.Stride,
            layout.Pictures, layout.Channels, layout.Pixels, rectify ? 1 : 0, wide ? 1 : 0);
    }

    /// <summary>The gradient through bias and ReLU.</summary>
    /// <param name="dOut">By the output.</param>
    /// <param name="gate">The output: the gradient passes where it is above 0; null: everywhere.</param>
    /// <param name="dX">Overwritten with the gated gradient, may be <paramref name="dOut"/>; null: not asked for.</param>
    /// <param name="dBias">[c]: its sums over n, y, x.</param>
    /// <param name="add">They are added to what is there.</param>
    public void Gradient(in FeatureSpan dOut, FeatureSpan? gate, FeatureSpan? dX, DeviceSpan<float> dBias, bool add = false)
    {
        const string Op = "bias gradient";
        FeatureLayout layout = dOut.Layout;
        int channels = layout.Channels, lanes = dOut.Type.Lanes();
        OpContext.RequireLength(dBias.Length, channels, Op);
        bool wide = dOut.IsWide(lanes);
        foreach (FeatureSpan? other in (ReadOnlySpan<FeatureSpan?>)[gate, dX])
        {
            if (other is not { } span)
                continue;
            OpContext.RequireSizes(dOut, span, Op);
            OpContext.RequireType(dOut.Type, span.Type, Op);
            wide &= span.IsWide(lanes);
        }
        FeatureLayout open = gate?.Layout ?? default, to = dX?.Layout ?? default;
        ulong gateAddress = gate?.Address ?? 0, toAddress = dX?.Address ?? 0;
        int runs;
        ulong partials;
        if (layout.IsPlanar)
        {
            int each = (layout.Pixels + PlaneRun - 1) / PlaneRun;
            runs = checked(layout.Pictures * each);
            partials = context.Scratch(8L * channels * runs);
            context.Stream.Launch(gradient.For(dOut), context.Grid((long)runs * channels, 1), new Dim3(128), 0,
                dOut.Address, layout.PictureStride, layout.Stride, gateAddress, open.PictureStride, open.Stride, toAddress, to.PictureStride, to.Stride,
                partials, layout.Pictures, channels, layout.Pixels, 1, wide ? 1 : 0);
        }
        else
        {
            int vector = wide ? lanes : 1, across = BatchNormOps.ChannelLanes((channels + vector - 1) / vector), run = 256 / across * RowTerms;
            runs = checked((int)(((long)layout.Pictures * layout.Pixels + run - 1) / run));
            partials = context.Scratch(8L * channels * runs);
            context.Stream.Launch(gradient.For(dOut), context.Grid((long)runs * ((channels + across * vector - 1) / (across * vector)), 1), new Dim3(256), 0,
                dOut.Address, layout.PictureStride, layout.Stride, gateAddress, open.PictureStride, open.Stride, toAddress, to.PictureStride, to.Stride,
                partials, layout.Pictures, channels, layout.Pixels, across, wide ? 1 : 0);
        }
        context.Stream.Launch(merge, context.Grid(channels, 4), new Dim3(128), 0, partials, channels, runs, dBias, add ? 1 : 0);
    }
}
