using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Ops;

// Losses of primary quantization (kernels/primary_loss.cu): all that BlockLossTerms says, over n windows, with the gradient of
// their mean and the scores of PrimaryScores. Doubles inside; a true step outside of its block makes the loss NaN.
sealed class PrimaryLossOps(OpContext context)
{
    /// <summary>Mean loss, share of right steps, mean squared error of the steps.</summary>
    public const int Values = 3;

    const int WindowBytes = 24;

    readonly KernelFunction softmax = context.Runtime.Kernel("primary_loss", "primary_loss_softmax");
    readonly KernelFunction regression = context.Runtime.Kernel("primary_loss", "primary_loss_regression");
    readonly KernelFunction merge = context.Runtime.Kernel("primary_loss", "primary_loss_merge");

    /// <summary>Loss and scores of a batch.</summary>
    /// <param name="terms">Which loss.</param>
    /// <param name="outputs">[n,226], of a regression [n,15].</param>
    /// <param name="steps">[n,15] from 1.</param>
    /// <param name="dOutputs">As the outputs, overwritten with the gradient of the mean loss; empty: none is asked for.</param>
    /// <param name="values">[3], overwritten: mean loss, share of right steps, mean squared error.</param>
    /// <param name="windowLoss">[n], overwritten with each window's loss; empty: not asked for.</param>
    /// <param name="count">n.</param>
    public void Run(in BlockLossTerms terms, DeviceSpan<float> outputs, DeviceSpan<byte> steps, DeviceSpan<float> dOutputs, DeviceSpan<double> values,
        DeviceSpan<double> windowLoss, int count)
    {
        const string Op = "loss of primary quantization";
        OpContext.RequireLength(count, 1, Op);
        long length = (long)count * (terms.Regression ? PrimaryBlocks.Count : PrimaryBlocks.Outputs);
        OpContext.RequireLength(outputs.Length, length, Op);
        OpContext.RequireLength(steps.Length, (long)count * PrimaryBlocks.Count, Op);
        OpContext.RequireLength(values.Length, Values, Op);
        if (dOutputs.Address != 0)
            OpContext.RequireLength(dOutputs.Length, length, Op);
        if (windowLoss.Address != 0)
            OpContext.RequireLength(windowLoss.Length, count, Op);
        ulong scratch = context.Scratch((long)count * WindowBytes);
        ulong losses = windowLoss.Address != 0 ? windowLoss.Address : scratch;
        ulong errors = scratch + 8 * (ulong)count, right = scratch + 16 * (ulong)count;
        if (terms.Regression)
            context.Stream.Launch(regression, context.Grid(count, 128), new Dim3(128), 0, outputs, steps, dOutputs, losses, right, errors, count);
        else
            context.Stream.Launch(softmax, context.Grid(count, 1), new Dim3(128), 0, outputs, steps, terms.CrossEntropy, terms.Distance, terms.Power, terms.Tau,
                dOutputs, losses, right, errors, count);
        context.Stream.Launch(merge, new Dim3(1), new Dim3(256), 0, losses, right, errors, count, values);
    }
}
