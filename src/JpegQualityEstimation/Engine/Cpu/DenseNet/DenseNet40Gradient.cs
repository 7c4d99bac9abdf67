using System.Collections.Concurrent;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// DenseNet40Gradient: mean loss and gradient of a batch of windows.
// Batch norm needs the whole batch, so the network runs layer by layer; in a layer the batch is cut into chunks of four
// windows, whose sums are added in order afterwards. Chunks do not depend on the number of threads, so neither does a
// bit of the result. Everything is in tiles of 4x4 pixels (TilePlanes); 3x3 convolutions and their gradients are F(4x4, 3x3) (WinogradTwelve).
// Batch norm: statistics over n, y, x; epsilon 1e-5; running numbers move by 0.1 a step, variances unbiased.

/// <summary>Loss and gradient of DenseNet-40 on this processor. Not safe for concurrent use.</summary>
sealed unsafe partial class DenseNet40Gradient
{
    public const double Epsilon = 1e-5;
    public const double Momentum = 0.1;
    const int ChunkSize = 4;
    const int Group = DenseBlockOps.Group;
    const int RowsOfWindow = TilePlanes.RowsOfWindow;
    const int Blocks = DenseNet40Architecture.Blocks;
    const int Layers = DenseNet40Architecture.Layers;
    const int Features = DenseNet40Architecture.Features;
    const int WindowBytes = DenseNet40Architecture.WindowSize * DenseNet40Architecture.WindowSize * 3;

    readonly DenseNet40Architecture architecture;
    readonly int threads;
    readonly DenseBlockOps ops;
    readonly DenseNet40Weights weights;
    readonly ConcurrentBag<DenseNet40Scratch> idle = [];
    readonly AlignedFloats scale = new(Features);
    readonly AlignedFloats shift = new(Features);
    readonly AlignedFloats gamma = new(Features);
    readonly AlignedFloats factor = new(Features);
    readonly AlignedFloats constant = new(Features);
    readonly AlignedFloats one = new(3);
    readonly AlignedFloats zero = new(3);
    AlignedFloats[] chunkGradients = [];
    double[][] chunkNorms = [];
    DenseNet40State? state;
    int count;
    bool measuring;
    bool dropping;
    double movement;
    ulong dropoutStep;

    /// <param name="architecture">Input and outputs.</param>
    /// <param name="threads">Most chunks at a time, at least 1.</param>
    /// <param name="kernels">Vector width; null: the process's.</param>
    public DenseNet40Gradient(DenseNet40Architecture architecture, int threads, CpuKernelSet? kernels = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        this.architecture = architecture;
        this.threads = threads;
        ops = DenseBlockOps.For(kernels ?? CpuKernelSets.Chosen);
        weights = new DenseNet40Weights(architecture, ops);
        one.Span.Fill(1);
    }

    /// <summary>Share of convolution outputs that a training step drops; 0 is none.</summary>
    public double Dropout { get; init; } = 0.2;

    /// <summary>Factor of the loss of the grid phases, where the architecture has them.</summary>
    public double PhaseWeight { get; init; }

    /// <summary>The first convolution and the first block stay as they are: their gradient is 0, their statistics are those in the parameters and do not move.</summary>
    public bool FixedFirstBlock { get; init; }

    /// <summary>Seed of the dropout masks.</summary>
    public ulong Seed { get; init; }

    DenseNet40State State => state!;

    /// <summary>Mean losses of a batch; with a gradient also the gradient of their sum, and the running statistics move.</summary>
    /// <param name="parameters">Flat parameters and statistics, <see cref="DenseNet40Architecture"/>; the statistics are updated in training.</param>
    /// <param name="windows">RGB bytes [n,64,64,3].</param>
    /// <param name="steps">First 15 steps [n,15] for the loss.</param>
    /// <param name="loss">Loss of one window.</param>
    /// <param name="step">Number of the step: with <see cref="Seed"/> it makes the dropout masks.</param>
    /// <param name="gradient">Overwritten with the gradient, laid out as the parameters (0 for statistics if there is room for
    /// them). Null: evaluation, that is running statistics and no dropout.</param>
    /// <param name="logits">Overwritten with the outputs [n,outputs].</param>
    /// <param name="phases">Grid phases [n] of the first compression, 0..63, or above where it left no grid; read where the architecture has them.</param>
    /// <param name="posterior">Overwritten with the logarithms of what the head of grid phases thinks of each [n,64], up to constants, where the architecture has it.</param>
    public DenseNet40Loss Run(float[] parameters, ReadOnlySpan<byte> windows, ReadOnlySpan<byte> steps, IBlockLoss loss, long step,
        float[]? gradient, Span<float> logits, ReadOnlySpan<byte> phases = default, Span<float> posterior = default)
    {
        Take(parameters, windows);
        Require(steps.Length, count * 15, nameof(steps));
        Require(logits.Length, count * architecture.Outputs, nameof(logits));
        if (architecture.HasPhases)
        {
            Require(phases.Length, count, nameof(phases));
            Require(posterior.Length, count * 64, nameof(posterior));
        }
        if (gradient is not null && gradient.Length != architecture.Count)
            Require(gradient.Length, architecture.TrainableCount, nameof(gradient));
        measuring = dropping = gradient is not null;
        movement = Momentum;
        dropoutStep = (ulong)step;
        fixed (byte* bytes = windows)
            Forward(parameters, bytes);
        float[] dLogits = new float[logits.Length];
        double total = 0;
        int outputs = architecture.Outputs;
        for (int n = 0; n < count; n++)
        {
            Head(parameters, n, logits.Slice(n * outputs, outputs));
            total += loss.Apply(logits.Slice(n * outputs, outputs), steps.Slice(n * 15, 15), dLogits.AsSpan(n * outputs, outputs));
        }
        double phase = architecture.HasPhases ? Phases(parameters, phases, posterior) : 0;
        if (gradient is not null)
        {
            for (int i = 0; i < dLogits.Length; i++)
                dLogits[i] /= count;
            fixed (byte* bytes = windows)
                Backward(parameters, bytes, dLogits);
            MergeGradient(gradient);
        }
        return new DenseNet40Loss(total / count, phase / count);
    }

    /// <summary>Moves the running statistics towards those that a batch has under the parameters as they are, without dropout.</summary>
    /// <param name="parameters">Flat parameters and statistics; the statistics are updated.</param>
    /// <param name="windows">RGB bytes [n,64,64,3].</param>
    /// <param name="movement">Share of the way, 0..1; 1/(k+1) for batch k makes them the mean over the batches.</param>
    public void MoveStatistics(float[] parameters, ReadOnlySpan<byte> windows, double movement)
    {
        if (!(movement is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(movement), movement, "outside 0..1");
        Take(parameters, windows);
        measuring = true;
        dropping = false;
        this.movement = movement;
        fixed (byte* bytes = windows)
            Forward(parameters, bytes);
    }

    void Take(float[] parameters, ReadOnlySpan<byte> windows)
    {
        count = windows.Length / WindowBytes;
        Require(parameters.Length, architecture.Count, nameof(parameters));
        Require(windows.Length, Math.Max(1, count) * WindowBytes, nameof(windows));
        if (state is null || state.Batch < count)
            state = new DenseNet40State(count, architecture.HasPhases);
        weights.Lay(parameters);
    }

    int FirstTrained => FixedFirstBlock ? 1 : 0;

    int Chunks => (count + ChunkSize - 1) / ChunkSize;

    // One chunk of windows at a time a thread: run(chunk, first window, end, scratch).
    void ForEachChunk(Action<int, int, int, DenseNet40Scratch> run)
    {
        Parallel.For(0, Chunks, new ParallelOptions { MaxDegreeOfParallelism = threads }, chunk =>
        {
            if (!idle.TryTake(out DenseNet40Scratch? scratch))
                scratch = new DenseNet40Scratch(ops, architecture.InputChannels);
            run(chunk, chunk * ChunkSize, Math.Min(count, (chunk + 1) * ChunkSize), scratch);
            idle.Add(scratch);
        });
    }

    // Masks are numbered through all convolutions: 13 a block.
    DropoutMask Mask(int block, int layer, int picture) =>
        new(dropping ? Dropout : 0, Seed, dropoutStep, block * (Layers + 1) + layer, picture);

    // scale and shift of the batch norm that opens a layer, and its gamma.
    void PrepareNorm(float[] parameters, int block, int layer)
    {
        int channels = DenseNet40Architecture.LayerInputs(block, layer);
        ReadOnlySpan<float> beta = parameters.AsSpan(architecture.Beta(block, layer), channels);
        parameters.AsSpan(architecture.Gamma(block, layer), channels).CopyTo(gamma.Span);
        for (int c = 0; c < channels; c++)
        {
            scale.Span[c] = gamma.Span[c] * State.InverseDeviation[block].Span[c];
            shift.Span[c] = MathF.FusedMultiplyAdd(-State.Mean[block].Span[c], scale.Span[c], beta[c]);
        }
    }

    // Tiles of the group of windows that begins at n, of a chunk that ends at end.
    static int GroupTiles(int block, int n, int end) =>
        Math.Min(DenseNet40State.GroupOf(block), end - n) * DenseNet40Architecture.Size(block) * DenseNet40Architecture.Size(block) / 16;

    NormPointers Norm(int block, DenseNet40Scratch scratch) =>
        new(scale.Pointer, shift.Pointer, gamma.Pointer, State.Mean[block].Pointer, scratch.NormSums.Pointer, scratch.NormSums.Pointer + Features * ops.Lanes);

    // A layer's twelve channels of a window, from their first one on.
    void Drop(in DropoutMask mask, in PlaneRows values, int block)
    {
        if (mask.IsOff)
            return;
        int width = DenseNet40State.Width(block);
        for (int i = 0; i < RowsOfWindow; i++)
            for (int k = 0; k < Group; k++)
                mask.Apply(new Span<float>(values.At(i) + k * values.ChannelStride, width), State.RowsOfValues[block].AsSpan(i * width, width),
                    State.ColumnsOfValues[block].AsSpan(i * width, width), k, Group, DenseNet40Architecture.Size(block));
    }

    static void Require(int actual, int expected, string name)
    {
        if (actual != expected)
            throw new ArgumentException($"{name}: {expected} values expected, got {actual}", name);
    }
}

/// <summary>Mean losses of a batch of windows.</summary>
/// <param name="Block">Of the outputs.</param>
/// <param name="Phase">Cross-entropy of the grid phase at a place, unweighted; 0 where the architecture has none.</param>
readonly record struct DenseNet40Loss(double Block, double Phase);
