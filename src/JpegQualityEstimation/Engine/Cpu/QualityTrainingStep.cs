using System.Collections.Concurrent;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu;

/// <summary>Mean squared errors of the two output maps of a batch.</summary>
readonly record struct QualityLoss(double Quality, double Flag)
{
    public double Total => Quality + Flag;
}

// QualityTrainingStep: loss and gradient of one batch (Uchida 2019, "Training": mean squared error on both maps).
//   loss = qualityWeight * mean (out0 - target0)^2 + flagWeight * mean (out1 - target1)^2 over n, h, w
// Patches go through the network one at a time on bordered planes (4 zero pixels all round = zero padding of every
// dilation). The batch is cut into at most eight chunks whose gradients are added in order afterwards: the chunks
// depend on the batch size alone, so the result is the same bits whatever the number of threads.
sealed unsafe class QualityTrainingStep
{
    const int MaxChunks = 8;
    static readonly int[] GradientOffsets = LayOffsets();

    readonly int batchSize;
    readonly int patchSize;
    readonly int threads;
    readonly int chunkSize;
    readonly Conv3x3Ops ops;
    readonly QualityWeights weights;
    readonly Chunk[] chunks;
    readonly ConcurrentBag<QualityTrainingPlanes> idlePlanes = [];

    public QualityTrainingStep(int batchSize, int patchSize, int threads, CpuKernelSet? kernels = null,
        ConvolutionAlgorithm algorithm = ConvolutionAlgorithm.Winograd)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(patchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        this.batchSize = batchSize;
        this.patchSize = patchSize;
        this.threads = threads;
        ops = Conv3x3Ops.For(kernels ?? CpuKernelSets.Chosen);
        weights = new QualityWeights(ops, algorithm, withBackward: true);
        chunkSize = (batchSize + MaxChunks - 1) / MaxChunks;
        chunks = new Chunk[(batchSize + chunkSize - 1) / chunkSize];
        for (int i = 0; i < chunks.Length; i++)
            chunks[i] = new Chunk(GradientOffsets[^1]);
    }

    /// <summary>Weight of each map's mean squared error in the total that the gradient is of; default 1 and 1.</summary>
    public (float Quality, float Flag) LossWeights { get; init; } = (1, 1);

    /// <summary>Computes loss and gradient.</summary>
    /// <param name="parameters">Flat parameters, <see cref="QualityArchitecture"/>.</param>
    /// <param name="patches">RGB bytes [n,h,w,3].</param>
    /// <param name="targets">[n,h,w,2]: 1 - quality/100 and the flag, 1 = compressed.</param>
    /// <param name="gradient">Overwritten with the gradient, laid out as the parameters.</param>
    public QualityLoss Run(ReadOnlySpan<float> parameters, ReadOnlySpan<byte> patches, ReadOnlySpan<float> targets, Span<float> gradient)
    {
        int pixels = patchSize * patchSize;
        Require(parameters.Length, QualityArchitecture.ParameterCount, nameof(parameters));
        Require(gradient.Length, QualityArchitecture.ParameterCount, nameof(gradient));
        Require(patches.Length, batchSize * pixels * 3, nameof(patches));
        Require(targets.Length, batchSize * pixels * 2, nameof(targets));
        weights.Lay(parameters);
        fixed (byte* patchBytes = patches)
        fixed (float* targetValues = targets)
        {
            byte* p = patchBytes;
            float* t = targetValues;
            Parallel.For(0, chunks.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, i =>
            {
                if (!idlePlanes.TryTake(out QualityTrainingPlanes? planes))
                    planes = new QualityTrainingPlanes(patchSize);
                Chunk chunk = chunks[i];
                chunk.Clear();
                int last = Math.Min(batchSize, (i + 1) * chunkSize);
                for (int n = i * chunkSize; n < last; n++)
                    RunPatch(p + n * pixels * 3, t + n * pixels * 2, planes, chunk);
                idlePlanes.Add(planes);
            });
        }
        for (int i = 1; i < chunks.Length; i++)
            chunks[0].Add(chunks[i]);
        Unlay(chunks[0].Gradient, gradient);
        double count = (double)batchSize * pixels;
        return new QualityLoss(chunks[0].QualityError / count, chunks[0].FlagError / count);
    }

    void RunPatch(byte* patch, float* targets, QualityTrainingPlanes planes, Chunk chunk)
    {
        int size = patchSize;
        planes.Load(patch);
        for (int l = 0; l < 6; l++)
        {
            BorderedPlane input = planes.Activations[l];
            BorderedPlane output = planes.Activations[l + 1];
            int dilation = QualityArchitecture.Dilations[l];
            if (weights.IsTiled(l))
            {
                planes.ForwardTiles(ops, input, dilation, weights.Forward(l), weights.Bias(l), output);
                continue;
            }
            for (int y = 0; y < size && l == 0; y++)
                ops.ForwardFromThree(input.Rows(y, dilation), dilation, weights.Forward(0), weights.Bias(0), output.Row(y), size);
            for (int y = 0; y < size && l > 0; y++)
                ops.Forward(input.Channels, input.Rows(y, dilation), dilation, weights.Forward(l), weights.Bias(l), output.Row(y), size);
        }
        Loss(targets, planes, chunk);
        BorderedPlane top = planes.Activations[6];
        BorderedPlane gradient = planes.GradientA;
        BorderedPlane other = planes.GradientB;
        for (int y = 0; y < size; y++)
        {
            RowTriple rows = planes.OutputGradient.Rows(y, 1);
            ops.WeightGradientOfFew(2, rows, 1, top.Row(y), chunk.Weight(6), size);
            ops.InputGradientFromTwo(rows, 1, weights.Backward(6), top.Row(y), gradient.Row(y), size);
        }
        for (int l = 5; l >= 0; l--)
        {
            BorderedPlane input = planes.Activations[l];
            int dilation = QualityArchitecture.Dilations[l];
            for (int y = 0; y < size; y++)
                ops.SumPixels(gradient.Row(y), size, chunk.Bias(l));
            if (weights.IsTiled(l))
            {
                planes.WeightGradientTiles(ops, input, dilation, gradient, chunk.Weight(l));
                planes.InputGradientTiles(ops, gradient, dilation, weights.Backward(l), input, other);
            }
            else
            {
                for (int y = 0; y < size && l == 0; y++)
                    ops.WeightGradientOfFew(3, input.Rows(y, dilation), dilation, gradient.Row(y), chunk.Weight(0), size);
                for (int y = 0; y < size && l > 0; y++)
                    ops.WeightGradient(input.Channels, input.Rows(y, dilation), dilation, gradient.Row(y), chunk.Weight(l), size);
                for (int y = 0; y < size && l > 0; y++)
                    ops.InputGradient(64, gradient.Rows(y, dilation), dilation, weights.Backward(l), input.Row(y), other.Row(y), size);
            }
            (gradient, other) = (other, gradient);
        }
    }

    void Loss(float* targets, QualityTrainingPlanes planes, Chunk chunk)
    {
        int size = patchSize;
        double count = (double)batchSize * size * size;
        float qualityScale = (float)(2 * LossWeights.Quality / count);
        float flagScale = (float)(2 * LossWeights.Flag / count);
        float* output = planes.Output.Pointer;
        float* bias = weights.Bias(6);
        float* dBias = chunk.Bias(6);
        for (int y = 0; y < size; y++)
        {
            ops.ForwardToTwo(planes.Activations[6].Rows(y, 1), 1, weights.Last, bias[0], bias[1], output, size);
            float* d = planes.OutputGradient.Row(y);
            for (int x = 0; x < size; x++, targets += 2, d += 4)
            {
                float quality = output[2 * x] - targets[0];
                float flag = output[2 * x + 1] - targets[1];
                chunk.QualityError += (double)quality * quality;
                chunk.FlagError += (double)flag * flag;
                d[0] = quality * qualityScale;
                d[1] = flag * flagScale;
                dBias[0] += d[0];
                dBias[1] += d[1];
            }
        }
    }

    // Chunk layout: per layer the weight gradient [3,3,c,64] (c padded to four), then the bias gradient [64].
    // The last layer's is [3,3,2 of 4,64 input channels] with taps flipped, see Conv3x3WeightGradient.
    static int[] LayOffsets()
    {
        int[] offsets = new int[2 * QualityArchitecture.Layers + 1];
        for (int l = 0; l < QualityArchitecture.Layers; l++)
        {
            int channels = l == 6 ? 4 : QualityWeights.Padded(QualityArchitecture.InputChannels(l));
            offsets[2 * l + 1] = offsets[2 * l] + 9 * channels * 64;
            offsets[2 * l + 2] = offsets[2 * l + 1] + 64;
        }
        return offsets;
    }

    static void Unlay(AlignedFloats laid, Span<float> gradient)
    {
        for (int l = 0; l < QualityArchitecture.Layers; l++)
        {
            ReadOnlySpan<float> from = laid.Span[GradientOffsets[2 * l]..];
            int channels = QualityArchitecture.InputChannels(l);
            int outputs = QualityArchitecture.OutputChannels(l);
            int padded = QualityWeights.Padded(channels);
            Span<float> to = gradient[QualityArchitecture.WeightOffset(l)..];
            for (int k = 0; k < outputs; k++)
                for (int c = 0; c < channels; c++)
                    for (int tap = 0; tap < 9; tap++)
                        to[(k * channels + c) * 9 + tap] = l < 6
                            ? from[(tap * padded + c) * 64 + k]
                            : from[((8 - tap) * 4 + k) * 64 + c];
            laid.Span.Slice(GradientOffsets[2 * l + 1], outputs).CopyTo(gradient[QualityArchitecture.BiasOffset(l)..]);
        }
    }

    static void Require(int actual, int expected, string name)
    {
        if (actual != expected)
            throw new ArgumentException($"{name}: {expected} values expected, got {actual}", name);
    }

    sealed class Chunk(int length)
    {
        public AlignedFloats Gradient { get; } = new(length);

        public double QualityError { get; set; }

        public double FlagError { get; set; }

        public float* Weight(int layer) => Gradient.Pointer + GradientOffsets[2 * layer];

        public float* Bias(int layer) => Gradient.Pointer + GradientOffsets[2 * layer + 1];

        public void Clear()
        {
            Gradient.Span.Clear();
            QualityError = 0;
            FlagError = 0;
        }

        public void Add(Chunk other)
        {
            System.Numerics.Vector<float> Sum(ReadOnlySpan<float> a, ReadOnlySpan<float> b) => new System.Numerics.Vector<float>(a) + new System.Numerics.Vector<float>(b);
            Span<float> mine = Gradient.Span;
            ReadOnlySpan<float> theirs = other.Gradient.Span;
            int step = System.Numerics.Vector<float>.Count;
            int i = 0;
            for (; i <= mine.Length - step; i += step)
                Sum(mine[i..], theirs[i..]).CopyTo(mine[i..]);
            for (; i < mine.Length; i++)
                mine[i] += theirs[i];
            QualityError += other.QualityError;
            FlagError += other.FlagError;
        }
    }
}
