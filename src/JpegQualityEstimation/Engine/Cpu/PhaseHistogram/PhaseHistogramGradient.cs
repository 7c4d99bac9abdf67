using System.Collections.Concurrent;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// PhaseHistogramGradient: loss and gradient of one batch of the phase-histogram network.
//   loss = mean over windows of ( block loss + attentionWeight * -log alpha[true phase, head 0] )
// The batch is cut into at most eight chunks whose gradients are added in order afterwards, a chunk into groups of a
// few windows that go forward and backward together, and what several groups of it add to a gradient at once: all depend on the batch size alone, so the result is the same
// bits whatever the number of threads. One call at a time: calls share weights and gradients.
sealed unsafe class PhaseHistogramGradient
{
    /// <summary>A phase that is not known: such a window's attention is not supervised.</summary>
    public const byte UnknownPhase = 255;

    const int MaxChunks = 8;
    const int Group = 4;
    const int Kept = 16;
    const int Side = 64;
    const int Phases = PhaseHistogramArchitecture.Phases;

    readonly int threads;
    readonly CpuKernelSet kernels;
    readonly PhaseHistogramArchitecture layers;
    readonly PhaseHistogramOptions options;
    readonly PhaseHistogramLayout layout;
    readonly PhaseHistogramWeights weights;
    readonly MatrixOps ops;
    readonly PhaseHistogramForward forward;
    readonly AlignedFloats?[] gradients = new AlignedFloats?[MaxChunks];
    readonly Stack<AlignedFloats> idleGradients = new();
    readonly ConcurrentBag<Worker> idleWorkers = [];
    int merged;

    /// <param name="options">Shape of the network.</param>
    /// <param name="threads">Most chunks at a time, at least 1.</param>
    /// <param name="kernels">Vector width; null: the process's.</param>
    public PhaseHistogramGradient(PhaseHistogramOptions options, int threads, CpuKernelSet? kernels = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        this.options = options;
        this.threads = threads;
        layers = new PhaseHistogramArchitecture(options);
        layout = new PhaseHistogramLayout(layers);
        weights = new PhaseHistogramWeights(layout, withBackward: true);
        this.kernels = kernels ?? CpuKernelSets.Chosen;
        ops = MatrixOps.For(this.kernels);
        forward = new PhaseHistogramForward(ops, weights);
    }

    /// <summary>Loss and gradient of a batch of n RGB windows.</summary>
    /// <param name="parameters">Flat parameters, <see cref="PhaseHistogramArchitecture"/>.</param>
    /// <param name="windows">RGB bytes [n,64,64,3].</param>
    /// <param name="steps">True primary steps [n,15], zig-zag.</param>
    /// <param name="second">Second table [n,64], zig-zag; empty where the network does not read it.</param>
    /// <param name="phases">True grid phases [n], 0..63 or <see cref="UnknownPhase"/>.</param>
    /// <param name="loss">Loss of the output blocks; called from several threads.</param>
    /// <param name="attentionWeight">Weight of the attention's cross-entropy.</param>
    /// <param name="gradient">Overwritten with the mean gradient, laid out as the parameters; null: forward only.</param>
    /// <param name="logits">Where wanted, filled with the outputs [n,226].</param>
    /// <param name="posterior">Where wanted, filled with the attention of head 0 [n,64].</param>
    public PhaseHistogramLoss Run(float[] parameters, ReadOnlySpan<byte> windows, ReadOnlySpan<byte> steps, ReadOnlySpan<ushort> second,
        ReadOnlySpan<byte> phases, IBlockLoss loss, float attentionWeight, float[]? gradient, Span<float> logits = default, Span<float> posterior = default)
    {
        Require(windows.Length, phases.Length * Side * Side * 3, nameof(windows));
        fixed (byte* bytes = windows)
            return Run(parameters, new Source { Windows = bytes }, steps, second, phases, loss, attentionWeight, gradient, logits, posterior);
    }

    /// <summary>The same from evidence [n,K,64,F] and overall [n,K,F].</summary>
    public PhaseHistogramLoss RunEvidence(float[] parameters, ReadOnlySpan<float> evidence, ReadOnlySpan<float> overall, ReadOnlySpan<byte> steps,
        ReadOnlySpan<ushort> second, ReadOnlySpan<byte> phases, IBlockLoss loss, float attentionWeight, float[]? gradient,
        Span<float> logits = default, Span<float> posterior = default)
    {
        int size = options.Coefficients * options.Features;
        Require(evidence.Length, phases.Length * size * Phases, nameof(evidence));
        Require(overall.Length, phases.Length * size, nameof(overall));
        fixed (float* e = evidence, o = overall)
        {
            var source = new Source { Evidence = e, Overall = o };
            return Run(parameters, source, steps, second, phases, loss, attentionWeight, gradient, logits, posterior);
        }
    }

    PhaseHistogramLoss Run(float[] parameters, Source source, ReadOnlySpan<byte> steps, ReadOnlySpan<ushort> second, ReadOnlySpan<byte> phases,
        IBlockLoss loss, float attentionWeight, float[]? gradient, Span<float> logits, Span<float> posterior)
    {
        int count = phases.Length;
        ArgumentOutOfRangeException.ThrowIfZero(count, nameof(phases));
        Require(parameters.Length, layers.ParameterCount, nameof(parameters));
        Require(steps.Length, count * PrimaryBlocks.Count, nameof(steps));
        Require(second.Length, options.SecondTable ? count * Phases : second.Length, nameof(second));
        Require(logits.Length, logits.IsEmpty ? 0 : count * PrimaryBlocks.Outputs, nameof(logits));
        Require(posterior.Length, posterior.IsEmpty ? 0 : count * Phases, nameof(posterior));
        if (gradient is not null)
            Require(gradient.Length, layers.ParameterCount, nameof(gradient));
        foreach (byte phase in phases)
            if (phase is >= Phases and not UnknownPhase)
                throw new ArgumentOutOfRangeException(nameof(phases), $"phase {phase} is neither 0..63 nor {UnknownPhase}");
        weights.Lay(parameters);
        Array.Clear(gradients);
        merged = 0;
        double[] blockLosses = new double[count];
        double[] attentionLosses = new double[count];
        int chunkSize = (count + MaxChunks - 1) / MaxChunks;
        int chunks = (count + chunkSize - 1) / chunkSize;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        fixed (byte* trueSteps = steps, truePhases = phases)
        fixed (ushort* tables = second)
        fixed (float* allLogits = logits, allPosteriors = posterior)
        {
            var batch = new Batch
            {
                Source = source, Count = count, Steps = trueSteps, Phases = truePhases, Second = options.SecondTable ? tables : null, Loss = loss,
                AttentionWeight = attentionWeight, Logits = allLogits, Posterior = allPosteriors,
                BlockLosses = blockLosses, AttentionLosses = attentionLosses,
            };
            Parallel.For(0, chunks, parallel, i =>
            {
                if (!idleWorkers.TryTake(out Worker? worker))
                    worker = new Worker(this);
                AlignedFloats? own = gradient is null ? null : TakeGradient();
                int end = Math.Min(count, (i + 1) * chunkSize);
                worker.Run(batch, i * chunkSize, end, own is null ? null : own.Pointer);
                idleWorkers.Add(worker);
                if (own is not null)
                    Merge(i, own);
            });
        }
        if (gradient is not null)
        {
            AlignedFloats sum = gradients[0]!;
            layout.Unlay(sum.Span, gradient);
            gradients[0] = null;
            idleGradients.Push(sum);
        }
        double blockSum = 0, attentionSum = 0;
        for (int n = 0; n < count; n++)
        {
            blockSum += blockLosses[n];
            attentionSum += attentionLosses[n];
        }
        return new PhaseHistogramLoss(blockSum / count, attentionSum / count);
    }

    AlignedFloats TakeGradient()
    {
        AlignedFloats? gradient;
        lock (idleGradients)
            idleGradients.TryPop(out gradient);
        return gradient ?? new AlignedFloats(layout.Length);
    }

    // Adds the chunks that are done to the first, as far as none before them is missing. With one thread that is each as
    // soon as it is done, and two gradients are all there are: they stay in a cache.
    void Merge(int chunk, AlignedFloats gradient)
    {
        lock (idleGradients)
        {
            gradients[chunk] = gradient;
            while (merged < MaxChunks && gradients[merged] is { } next)
            {
                if (merged > 0)
                {
                    ops.Add(next.Pointer, layout.Length, gradients[0]!.Pointer);
                    gradients[merged] = null;
                    idleGradients.Push(next);
                }
                merged++;
            }
        }
    }

    static void Require(int actual, int expected, string name)
    {
        if (actual != expected)
            throw new ArgumentException($"{name}: {expected} values expected, got {actual}", name);
    }

    /// <summary>Windows of pixels, or the evidence of windows.</summary>
    struct Source
    {
        public byte* Windows;
        public float* Evidence;
        public float* Overall;
    }

    struct Batch
    {
        public Source Source;
        public int Count;
        public byte* Steps;
        public byte* Phases;
        public ushort* Second;
        public IBlockLoss Loss;
        public float AttentionWeight;
        public float* Logits;
        public float* Posterior;
        public double[] BlockLosses;
        public double[] AttentionLosses;
    }

    // One thread's planes; takes one chunk of windows at a time.
    sealed class Worker
    {
        readonly PhaseHistogramGradient owner;
        readonly PhaseHistogramPlanes planes;
        readonly PhaseHistogramBackward backward;
        readonly PhaseEvidenceWindows evidence;

        public Worker(PhaseHistogramGradient owner)
        {
            this.owner = owner;
            planes = new PhaseHistogramPlanes(owner.options, Group, withBackward: true, withEvidence: true, Kept);
            backward = new PhaseHistogramBackward(owner.ops, owner.weights, planes);
            evidence = new PhaseEvidenceWindows(owner.options.Evidence, Side, Group, owner.kernels);
        }

        public void Run(in Batch batch, int first, int end, float* dWeights)
        {
            for (bool fresh = true; first < end; first += Kept, fresh = false)
            {
                int kept = Math.Min(Kept, end - first);
                for (int n = 0; n < kept; n += Group)
                {
                    planes.First = n;
                    Pass(batch, first + n, Math.Min(Group, kept - n), dWeights, fresh && n == 0);
                }
                if (dWeights == null)
                    continue;
                planes.First = 0;
                if (batch.Source.Windows == null)
                    planes.Use(batch.Source.Evidence, batch.Source.Overall + (nint)first * planes.OverallSize);
                backward.Weights(kept, dWeights, fresh);
            }
        }

        void Pass(in Batch batch, int first, int windows, float* dWeights, bool fresh)
        {
            Forward(batch, first, windows);
            float scale = 1f / batch.Count;
            for (int n = 0; n < windows; n++)
            {
                Loss(batch, first + n, n, scale);
                if (batch.Logits != null)
                    new Span<float>(planes.Logits(n), PrimaryBlocks.Outputs).CopyTo(new Span<float>(batch.Logits + (first + n) * PrimaryBlocks.Outputs, PrimaryBlocks.Outputs));
                for (int p = 0; p < Phases && batch.Posterior != null; p++)
                    batch.Posterior[(first + n) * Phases + p] = planes.Alpha(n)[p * PhaseHistogramPlanes.AlphaRow];
            }
            if (dWeights != null)
                backward.Run(windows, dWeights, fresh);
        }

        void Forward(in Batch batch, int first, int windows)
        {
            const int Bytes = 3 * Side * Side;
            for (int n = 0; n < windows; n++)
                planes.SetSecond(n, batch.Second == null ? [] : new ReadOnlySpan<ushort>(batch.Second + (first + n) * Phases, Phases));
            if (batch.Source.Windows == null)
            {
                planes.Use(batch.Source.Evidence + (nint)first * planes.OverallSize * Phases, batch.Source.Overall + (nint)first * planes.OverallSize);
                owner.forward.Run(planes, windows);
                return;
            }
            planes.UseOwn();
            evidence.Load(new ReadOnlySpan<byte>(batch.Source.Windows + (nint)first * Bytes, windows * Bytes), windows);
            owner.forward.Run(planes, windows, evidence, 0);
        }

        void Loss(in Batch batch, int window, int n, float scale)
        {
            var steps = new ReadOnlySpan<byte>(batch.Steps + window * PrimaryBlocks.Count, PrimaryBlocks.Count);
            var dLogits = new Span<float>(backward.Logits(n), PrimaryBlocks.Outputs);
            batch.BlockLosses[window] = batch.Loss.Apply(new ReadOnlySpan<float>(planes.Logits(n), PrimaryBlocks.Outputs), steps, dLogits);
            foreach (ref float d in dLogits)
                d *= scale;
            var dScores = new Span<float>(backward.Scores(n), Phases);
            dScores.Clear();
            int phase = batch.Phases[window];
            if (phase == UnknownPhase)
                return;
            float* alpha = planes.Alpha(n);
            batch.AttentionLosses[window] = -Math.Log(Math.Max(alpha[phase * PhaseHistogramPlanes.AlphaRow], 1e-30f));
            float weight = batch.AttentionWeight * scale;
            for (int p = 0; p < Phases; p++)
                dScores[p] = weight * (alpha[p * PhaseHistogramPlanes.AlphaRow] - (p == phase ? 1 : 0));
        }
    }
}
