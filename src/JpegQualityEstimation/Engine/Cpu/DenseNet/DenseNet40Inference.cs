using System.Collections.Concurrent;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// DenseNet40Inference: outputs of windows, one window at a time a thread: nothing of one window depends on another, so
// neither the batch nor the threads change a bit. A thread needs about 6 MB.

/// <summary>DenseNet-40 on this processor. Safe for concurrent use.</summary>
sealed unsafe class DenseNet40Inference
{
    public const int Size = DenseNet40Architecture.WindowSize;
    public const int WindowBytes = Size * Size * 3;
    const int Blocks = DenseNet40Architecture.Blocks;
    const int Band = 8;

    readonly int threads;
    readonly DenseBlockOps ops;
    readonly DenseNet40FoldedWeights weights;
    readonly ConcurrentBag<Worker> idle = [];

    /// <param name="network">The weights.</param>
    /// <param name="threads">Most windows at a time; 1 uses the calling thread only.</param>
    /// <param name="kernels">Vector width; null: the process's.</param>
    public DenseNet40Inference(DenseNet40Network network, int threads, CpuKernelSet? kernels = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        this.threads = threads;
        ops = DenseBlockOps.For(kernels ?? CpuKernelSets.Chosen);
        weights = new DenseNet40FoldedWeights(network);
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
        fixed (byte* bytes = windows)
        fixed (float* values = outputs)
        {
            byte* from = bytes;
            float* to = values;
            if (threads == 1 || count == 1)
            {
                for (int i = 0; i < count; i++)
                    RunWindow(from + (long)i * WindowBytes, new Span<float>(to + (long)i * Outputs, Outputs));
                return;
            }
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, i =>
                RunWindow(from + (long)i * WindowBytes, new Span<float>(to + (long)i * Outputs, Outputs)));
        }
    }

    void RunWindow(byte* window, Span<float> outputs)
    {
        if (!idle.TryTake(out Worker? worker))
            worker = new Worker(this);
        worker.Load(window);
        DensePlanes[] planes = worker.Planes;
        DenseNet40Layers layers = worker.Layers;
        layers.First(worker.Input, planes[0], 0, Size, DenseColumns.All(planes[0]));
        layers.Block(planes[0], 0);
        layers.Transition(planes[0], 0, 0, planes[1], 0, planes[1].Height, DenseColumns.All(planes[1]));
        layers.Block(planes[1], 1);
        layers.Finish(planes[1], planes[2], outputs);
        idle.Add(worker);
    }

    sealed class Worker
    {
        const int Stride = Size + 16;
        readonly PrimaryInput kind;
        readonly AlignedFloats input;

        public Worker(DenseNet40Inference owner)
        {
            kind = owner.weights.Architecture.Input;
            int channels = owner.weights.Architecture.InputChannels;
            input = new AlignedFloats((Size + 2) * channels * Stride + 16);
            Input = new PlaneRows(input.Pointer + 16 + channels * Stride, Stride, channels * Stride);
            Layers = new DenseNet40Layers(owner.ops, owner.weights, Size, Band);
            Planes = [.. Enumerable.Range(0, Blocks).Select(b => new DensePlanes(DenseNet40Architecture.BlockOutputs(b), DenseNet40Architecture.Size(b), DenseNet40Architecture.Size(b)))];
        }

        public DenseNet40Layers Layers { get; }

        public DensePlanes[] Planes { get; }

        /// <summary>The window, zero all round.</summary>
        public PlaneRows Input { get; }

        public void Load(byte* window)
        {
            for (int y = 0; y < Size; y++, window += 3 * Size)
                WindowPixels.Row(window, Size, kind, Input.At(y), Input.ChannelStride);
        }
    }
}
