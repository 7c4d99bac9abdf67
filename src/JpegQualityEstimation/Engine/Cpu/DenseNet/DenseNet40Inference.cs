using System.Collections.Concurrent;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// DenseNet40Inference: outputs of windows, one window at a time a thread, a single one by all threads (DenseNet40Window):
// neither the batch nor the threads change a bit. A thread needs about 6 MB, the weights 22 MB.

/// <summary>DenseNet-40 on this processor. Safe for concurrent use.</summary>
sealed unsafe class DenseNet40Inference
{
    public const int Size = DenseNet40Architecture.WindowSize;
    public const int WindowBytes = Size * Size * 3;

    readonly int threads;
    readonly DenseBlockOps ops;
    readonly DenseNet40FoldedWeights weights;
    readonly ConcurrentBag<Worker> idle = [];

    /// <param name="network">The weights.</param>
    /// <param name="threads">Most threads of a call; 1 uses the calling thread only.</param>
    /// <param name="kernels">Vector width; null: the process's.</param>
    public DenseNet40Inference(DenseNet40Network network, int threads, CpuKernelSet? kernels = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        this.threads = threads;
        ops = DenseBlockOps.For(kernels ?? CpuKernelSets.Chosen);
        weights = new DenseNet40FoldedWeights(network);
    }

    /// <summary>The same weights for calls of another number of threads.</summary>
    public DenseNet40Inference(DenseNet40Inference other, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        this.threads = threads;
        (ops, weights) = (other.ops, other.weights);
    }

    internal DenseBlockOps Ops => ops;

    internal DenseNet40FoldedWeights Weights => weights;

    /// <summary>Numbers a window gets.</summary>
    public int Outputs => weights.Architecture.Outputs;

    /// <summary>Runs windows.</summary>
    /// <param name="windows">RGB bytes [n,64,64,3].</param>
    /// <param name="count">n.</param>
    /// <param name="outputs">Overwritten with [n,outputs].</param>
    public void Run(ReadOnlySpan<byte> windows, int count, Span<float> outputs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (windows.Length != (long)count * WindowBytes)
            throw new ArgumentException($"windows: {(long)count * WindowBytes} bytes expected, got {windows.Length}", nameof(windows));
        if (outputs.Length != (long)count * Outputs)
            throw new ArgumentException($"outputs: {(long)count * Outputs} values expected, got {outputs.Length}", nameof(outputs));
        if (count == 0)
            return;
        if (!idle.TryTake(out Worker? worker))
            worker = new Worker(this);
        fixed (byte* bytes = windows)
        fixed (float* values = outputs)
            worker.Run(bytes, count, values);
        idle.Add(worker);
    }

    // As many windows side by side as there are threads; what is left over is shared by all of them, window by window.
    sealed class Worker
    {
        readonly int threads;
        readonly int outputs;
        readonly SpinTeam team;
        readonly DenseNet40WindowWork alone;
        readonly DenseNet40BatchWork together;

        public Worker(DenseNet40Inference owner)
        {
            (threads, outputs) = (owner.threads, owner.Outputs);
            team = new SpinTeam(threads);
            DenseNet40Window[] windows = [.. Enumerable.Range(0, threads).Select(_ => new DenseNet40Window(owner.ops, owner.weights))];
            DenseNet40PartScratch[] scratch = [.. windows.Select(_ => new DenseNet40PartScratch())];
            alone = new DenseNet40WindowWork(windows[0], scratch);
            together = new DenseNet40BatchWork(windows, scratch, outputs);
        }

        public void Run(byte* windows, int count, float* to)
        {
            int side = count - count % threads;
            if (side > 0)
            {
                together.Set(windows, to, side);
                team.Run(together);
            }
            for (int i = side; i < count; i++)
            {
                alone.Set(windows + (long)i * WindowBytes, to + (long)i * outputs, outputs);
                team.Run(alone);
            }
        }
    }
}
