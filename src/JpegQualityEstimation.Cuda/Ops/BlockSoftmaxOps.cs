using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Ops;

// Block softmax (kernels/softmax.cu), forward and backward, [n,226]; both may run in place. BlockSoftmax of the processor but
// for the exponential's and the sums' rounding, in doubles.
sealed class BlockSoftmaxOps(OpContext context)
{
    readonly KernelFunction forward = context.Runtime.Kernel("softmax", "softmax_forward");
    readonly KernelFunction backward = context.Runtime.Kernel("softmax", "softmax_backward");

    public void Forward(DeviceSpan<float> logits, DeviceSpan<float> probabilities, int count)
    {
        Require(logits.Length, probabilities.Length, count);
        context.Stream.Launch(forward, Grid(count), new Dim3(128), 0, logits, probabilities, count);
    }

    public void Backward(DeviceSpan<float> probabilities, DeviceSpan<float> dProbabilities, DeviceSpan<float> dLogits, int count)
    {
        Require(probabilities.Length, Math.Min(dProbabilities.Length, dLogits.Length), count);
        context.Stream.Launch(backward, Grid(count), new Dim3(128), 0, probabilities, dProbabilities, dLogits, count);
    }

    Dim3 Grid(int count) => context.Grid((long)count * PrimaryBlocks.Count, 4);

    static void Require(long length, long other, int count)
    {
        OpContext.RequireLength(count, 1, "block softmax");
        OpContext.RequireLength(Math.Min(length, other), (long)count * PrimaryBlocks.Outputs, "block softmax");
    }
}
