using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace JpegQualityEstimation.Jpeg.Lanes;

// IRowKernel, RowTraversal: one loop for all kernels that make output samples i from input samples around i.
// The last vector of a row overlaps the one before it, which is harmless because outputs never alias inputs.
// Rows shorter than a vector take the next narrower one; below 8 samples, or without vectors, one sample at a time.
interface IRowKernel
{
    /// <summary>Computes samples i .. i + L.Count - 1.</summary>
    void Step<L, V>(nint i)
        where L : ILanes<V>
        where V : struct;

    /// <summary>Computes sample i.</summary>
    void Step(nint i);
}

static class RowTraversal
{
    /// <summary>Runs a kernel over samples from .. to - 1.</summary>
    public static void Run<K, L, V>(K kernel, nint from, nint to)
        where K : struct, IRowKernel, allows ref struct
        where L : ILanes<V>
        where V : struct
    {
        nint i = from;
        if (to - from >= L.Count)
        {
            for (; i <= to - L.Count; i += L.Count)
                kernel.Step<L, V>(i);
            if (i < to)
                kernel.Step<L, V>(to - L.Count);
        }
        else if (L.Count > Lanes256.Count && to - from >= Lanes256.Count)
            Run<K, Lanes256, Vector256<short>>(kernel, from, to);
        else if (L.Count > Lanes128.Count && to - from >= Lanes128.Count)
            Run<K, Lanes128, Vector128<short>>(kernel, from, to);
        else
            for (; i < to; i++)
                kernel.Step(i);
    }
}
