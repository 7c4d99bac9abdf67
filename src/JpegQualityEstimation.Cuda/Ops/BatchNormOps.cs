using JpegQualityEstimation.Cuda.Runtime;

namespace JpegQualityEstimation.Cuda.Ops;

/// <summary>Batch norm of some channels; all [c] in device memory.</summary>
/// <param name="Gamma">Scale.</param>
/// <param name="Beta">Shift.</param>
/// <param name="Mean">Of the batch, or the running one; empty: gamma and beta are scale and shift themselves.</param>
/// <param name="InverseDeviation">1 / sqrt(variance + epsilon); empty with the mean.</param>
readonly record struct BatchNorm(DeviceSpan<float> Gamma, DeviceSpan<float> Beta, DeviceSpan<float> Mean, DeviceSpan<float> InverseDeviation)
{
    /// <summary>out = max(0, scale x + shift).</summary>
    public static BatchNorm Folded(DeviceSpan<float> scale, DeviceSpan<float> shift) => new(scale, shift, default, default);
}

/// <summary>Statistics of channels; running numbers are moved in training.</summary>
/// <param name="Mean">[c], overwritten.</param>
/// <param name="InverseDeviation">[c], overwritten.</param>
/// <param name="RunningMean">[c]; empty: left alone.</param>
/// <param name="RunningVariance">[c], unbiased.</param>
readonly record struct BatchStatistics(DeviceSpan<float> Mean, DeviceSpan<float> InverseDeviation, DeviceSpan<float> RunningMean, DeviceSpan<float> RunningVariance);

/// <summary>What the readers of channels add up: A = gamma mean(d), B = gamma mean(d xhat); [c] each.</summary>
readonly record struct ReaderSums(DeviceSpan<double> Means, DeviceSpan<double> Products);

// Batch norm and ReLU (kernels/batch_norm.cu, batch_norm_gradient.cu), the math and the rounding of DenseNet40Gradient and DenseNet40State of the
// processor, in any layout and as part of a concatenation buffer. A training step of a dense block is
//   Statistics of the channels a convolution made -> Activate for each reader ... Gradient of each reader, from the last
//   -> InputGradient of channels whose readers are all done.
// Order of sums: by sizes and strides alone.
sealed class BatchNormOps(OpContext context)
{
    const int PlaneRun = 2048;
    const int RowTerms = 32;
    const int StatisticsBytes = 32;
    const int PairBytes = 16;

    readonly KernelFamily activate = new(context.Runtime, "batch_norm", "norm_activate");
    readonly KernelFamily statistics = new(context.Runtime, "batch_norm", "norm_statistics");
    readonly KernelFamily gradient = new(context.Runtime, "batch_norm_gradient", "norm_gradient");
    readonly KernelFamily averageGradient = new(context.Runtime, "batch_norm_gradient", "norm_gradient_average");
    readonly KernelFamily input = new(context.Runtime, "batch_norm_gradient", "norm_input");
    readonly KernelFunction mergeStatistics = context.Runtime.Kernel("batch_norm", "norm_statistics_merge");
    readonly KernelFunction mergeGradient = context.Runtime.Kernel("batch_norm_gradient", "norm_gradient_merge");

    /// <summary>Mean and deviation over n, y, x of each channel; before that x is multiplied by a dropout mask, in place.</summary>
    /// <param name="x">Channels of one convolution.</param>
    /// <param name="to">Where the statistics go.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="momentum">Share of this batch in the running numbers.</param>
    /// <param name="dropout">Of the convolution.</param>
    public void Statistics(in FeatureSpan x, in BatchStatistics to, double epsilon, double momentum, in DropoutLayer dropout = default)
    {
        FeatureLayout layout = x.Layout;
        int channels = layout.Channels;
        OpContext.RequireLength(to.Mean.Length, channels, "batch norm statistics");
        OpContext.RequireLength(to.InverseDeviation.Length, channels, "batch norm statistics");
        (int runs, int lanes, Dim3 grid, Dim3 block) = Runs(layout, x.IsWide(x.Type.Lanes()) ? x.Type.Lanes() : 1);
        ulong partials = context.Scratch((long)channels * runs * StatisticsBytes);
        context.Stream.Launch(statistics.For(x), grid, block, 0, x.Address, layout.PictureStride, layout.Stride,
            dropout.StepKey.Address, dropout.Layer, dropout.Threshold, dropout.Keep, partials, layout.Pictures, channels, layout.Pixels, layout.Width, lanes);
        context.Stream.Launch(mergeStatistics, context.Grid(channels, 4), new Dim3(128), 0, partials, channels, runs, (double)layout.Pictures * layout.Pixels,
            epsilon, momentum, to.Mean.Address, to.InverseDeviation.Address, to.RunningMean.Address, to.RunningVariance.Address);
    }

    /// <summary>out = max(0, batch norm of x).</summary>
    public void Activate(in FeatureSpan x, in BatchNorm norm, in FeatureSpan output)
    {
        const string Op = "batch norm activation";
        FeatureLayout layout = x.Layout;
        OpContext.RequireSizes(x, output, Op);
        OpContext.RequireType(x.Type, output.Type, Op);
        Require(norm, layout.Channels, Op);
        bool wide = x.IsWide(x.Type.Lanes()) && output.IsWide(x.Type.Lanes());
        int lanes = wide ? x.Type.Lanes() : 1;
        context.Stream.Launch(activate.For(x), context.Grid(layout.Values / lanes, 256), new Dim3(256), 0,
            x.Address, layout.PictureStride, layout.Stride, norm.Gamma.Address, norm.Beta.Address, norm.Mean.Address, norm.InverseDeviation.Address,
            output.Address, output.Layout.PictureStride, output.Layout.Stride, layout.Pictures, layout.Channels, layout.Pixels, lanes);
    }

    /// <summary>The gradient through ReLU and batch norm of one reader, but for what the batch's statistics add.</summary>
    /// <param name="dOut">By the activated values.</param>
    /// <param name="x">Values before the batch norm.</param>
    /// <param name="norm">As it was activated, with the batch's statistics.</param>
    /// <param name="g">Float: gamma d, added where <paramref name="add"/> says so, else put.</param>
    /// <param name="dGamma">[c], overwritten.</param>
    /// <param name="dBeta">[c], overwritten.</param>
    /// <param name="sums">Added to where <paramref name="add"/> says so, else overwritten.</param>
    /// <param name="add">There are readers before this one.</param>
    public void Gradient(in FeatureSpan dOut, in FeatureSpan x, in BatchNorm norm, in FeatureSpan g, DeviceSpan<float> dGamma, DeviceSpan<float> dBeta,
        in ReaderSums sums, bool add)
    {
        const string Op = "batch norm gradient";
        FeatureLayout layout = x.Layout;
        Require(dOut, x, Op);
        (int runs, int lanes, Dim3 grid, Dim3 block) = Require(x, norm, g, dGamma, dBeta, sums, Op, dOut.IsWide(x.Type.Lanes()));
        ulong partials = context.Scratch((long)layout.Channels * runs * PairBytes);
        context.Stream.Launch(gradient.For(x), grid, block, 0, dOut.Address, dOut.Layout.PictureStride, dOut.Layout.Stride,
            x.Address, layout.PictureStride, layout.Stride, g.Address, g.Layout.PictureStride, g.Layout.Stride,
            norm.Gamma.Address, norm.Beta.Address, norm.Mean.Address, norm.InverseDeviation.Address, partials,
            layout.Pictures, layout.Channels, layout.Pixels, add ? 1 : 0, lanes);
        Merge(partials, runs, layout, norm, dGamma, dBeta, sums, add);
    }

    /// <summary>As <see cref="Gradient"/>, where a global average follows: dFeatures [n,c] is the gradient by the averages.</summary>
    public void AverageGradient(DeviceSpan<float> dFeatures, in FeatureSpan x, in BatchNorm norm, in FeatureSpan g, DeviceSpan<float> dGamma,
        DeviceSpan<float> dBeta, in ReaderSums sums, bool add)
    {
        const string Op = "batch norm gradient";
        FeatureLayout layout = x.Layout;
        OpContext.RequireLength(dFeatures.Length, (long)layout.Pictures * layout.Channels, Op);
        (int runs, int lanes, Dim3 grid, Dim3 block) = Require(x, norm, g, dGamma, dBeta, sums, Op, wide: true);
        ulong partials = context.Scratch((long)layout.Channels * runs * PairBytes);
        context.Stream.Launch(averageGradient.For(x), grid, block, 0, dFeatures.Address,
            x.Address, layout.PictureStride, layout.Stride, g.Address, g.Layout.PictureStride, g.Layout.Stride,
            norm.Gamma.Address, norm.Beta.Address, norm.Mean.Address, norm.InverseDeviation.Address, partials,
            layout.Pictures, layout.Channels, layout.Pixels, add ? 1 : 0, lanes);
        Merge(partials, runs, layout, norm, dGamma, dBeta, sums, add);
    }

    /// <summary>dX = inverse (G - A - xhat B) of channels whose readers are all done, times the dropout mask of the convolution that made them.</summary>
    /// <param name="g">Float.</param>
    /// <param name="x">Values before the batch norm.</param>
    /// <param name="mean">[c].</param>
    /// <param name="inverseDeviation">[c].</param>
    /// <param name="sums">Of all readers.</param>
    /// <param name="dX">Of the type of <paramref name="x"/>, which it may be.</param>
    /// <param name="dropout">Of the convolution.</param>
    public void InputGradient(in FeatureSpan g, in FeatureSpan x, DeviceSpan<float> mean, DeviceSpan<float> inverseDeviation, in ReaderSums sums,
        in FeatureSpan dX, in DropoutLayer dropout = default)
    {
        const string Op = "batch norm input gradient";
        FeatureLayout layout = x.Layout;
        Require(dX, x, Op);
        OpContext.RequireSizes(g, x, Op);
        OpContext.RequireType(g.Type, StorageType.Float32, Op);
        int channels = layout.Channels, all = x.Type.Lanes();
        OpContext.RequireLength(mean.Length, channels, Op);
        OpContext.RequireLength(inverseDeviation.Length, channels, Op);
        OpContext.RequireLength(sums.Means.Length, channels, Op);
        OpContext.RequireLength(sums.Products.Length, channels, Op);
        int lanes = x.IsWide(all) && dX.IsWide(all) && g.IsWide(all) ? all : 1;
        context.Stream.Launch(input.For(x), context.Grid(layout.Values / lanes, 256), new Dim3(256), 0,
            g.Address, g.Layout.PictureStride, g.Layout.Stride, x.Address, layout.PictureStride, layout.Stride, mean.Address, inverseDeviation.Address,
            sums.Means.Address, sums.Products.Address, dropout.StepKey.Address, dropout.Layer, dropout.Threshold, dropout.Keep,
            dX.Address, dX.Layout.PictureStride, dX.Layout.Stride, layout.Pictures, channels, layout.Pixels, layout.Width, lanes);
    }

    void Merge(ulong partials, int runs, in FeatureLayout layout, in BatchNorm norm, DeviceSpan<float> dGamma, DeviceSpan<float> dBeta, in ReaderSums sums, bool add) =>
        context.Stream.Launch(mergeGradient, context.Grid(layout.Channels, 4), new Dim3(128), 0, partials, layout.Channels, runs,
            (double)layout.Pictures * layout.Pixels, norm.Gamma.Address, norm.InverseDeviation.Address, dGamma.Address, dBeta.Address,
            sums.Means.Address, sums.Products.Address, add ? 1 : 0);

    // Partial sums a channel, lanes as kernels/batch_norm.cuh has them, and the launch; given are the values a thread may take.
    (int Runs, int Lanes, Dim3 Grid, Dim3 Block) Runs(in FeatureLayout layout, int lanes)
    {
        if (layout.IsPlanar)
        {
            int each = (layout.Pixels + PlaneRun - 1) / PlaneRun, planes = checked(layout.Pictures * each);
            return (planes, lanes, context.Grid((long)planes * layout.Channels, 1), new Dim3(128));
        }
        lanes = ChannelLanes(layout.Channels);
        int run = 256 / lanes * RowTerms;
        int runs = checked((int)(((long)layout.Pictures * layout.Pixels + run - 1) / run));
        return (runs, lanes, context.Grid((long)runs * ((layout.Channels + lanes - 1) / lanes), 1), new Dim3(256));
    }

    /// <summary>Threads across the channels: a power of two from 4 to 32.</summary>
    public static int ChannelLanes(int channels) => Math.Clamp((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)channels), 4, 32);

    (int Runs, int Lanes, Dim3 Grid, Dim3 Block) Require(in FeatureSpan x, in BatchNorm norm, in FeatureSpan g, DeviceSpan<float> dGamma, DeviceSpan<float> dBeta,
        in ReaderSums sums, string op, bool wide)
    {
        int channels = x.Layout.Channels, lanes = x.Type.Lanes();
        Require(norm, channels, op);
        OpContext.RequireLength(norm.Mean.Length, channels, op);
        OpContext.RequireSizes(g, x, op);
        OpContext.RequireType(g.Type, StorageType.Float32, op);
        OpContext.RequireLength(dGamma.Length, channels, op);
        OpContext.RequireLength(dBeta.Length, channels, op);
        OpContext.RequireLength(sums.Means.Length, channels, op);
        OpContext.RequireLength(sums.Products.Length, channels, op);
        return Runs(x.Layout, wide && x.IsWide(lanes) && g.IsWide(lanes) ? lanes : 1);
    }

    static void Require(in FeatureSpan one, in FeatureSpan other, string op)
    {
        OpContext.RequireSizes(one, other, op);
        OpContext.RequireType(one.Type, other.Type, op);
    }

    static void Require(in BatchNorm norm, int channels, string op)
    {
        OpContext.RequireLength(norm.Gamma.Length, channels, op);
        OpContext.RequireLength(norm.Beta.Length, channels, op);
        if (norm.Mean.Address == 0)
            return;
        OpContext.RequireLength(norm.Mean.Length, channels, op);
        OpContext.RequireLength(norm.InverseDeviation.Length, channels, op);
    }
}
