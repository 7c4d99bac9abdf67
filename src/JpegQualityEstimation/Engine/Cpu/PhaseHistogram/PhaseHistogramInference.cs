using System.Collections.Concurrent;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// PhaseHistogramInference: evidence of windows to logits and the grid phase's posterior, on the calling thread, a few
// windows at a time. Safe from several threads at once: each call borrows planes that earlier calls gave back, so that
// nothing is allocated once as many calls have run as run together. A window's outputs are the same bits whatever
// windows lie beside it.
sealed unsafe class PhaseHistogramInference
{
    /// <summary>Windows that go through the network together; batches of a multiple of it are quickest.</summary>
    public const int Group = 8;

    const int Phases = PhaseHistogramArchitecture.Phases;

    readonly PhaseHistogramOptions options;
    readonly PhaseHistogramForward forward;
    readonly ConcurrentBag<PhaseHistogramPlanes> idle = [];
    readonly ConcurrentBag<PhaseHistogramPlanes> idleOfSources = [];

    /// <param name="network">The weights.</param>
    /// <param name="kernels">Vector width; null: the process's.</param>
    public PhaseHistogramInference(PhaseHistogramNetwork network, CpuKernelSet? kernels = null)
    {
        options = network.Options;
        var weights = new PhaseHistogramWeights(new PhaseHistogramLayout(network.Architecture), withBackward: false);
        weights.Lay(network.Parameters);
        forward = new PhaseHistogramForward(MatrixOps.For(kernels ?? CpuKernelSets.Chosen), weights);
    }

    public PhaseHistogramOptions Options => options;

    /// <summary>Runs n windows under one second table.</summary>
    /// <param name="evidence">[n,K,64,F], <see cref="PhaseEvidence"/>.</param>
    /// <param name="overall">[n,K,F].</param>
    /// <param name="second">Second table's steps in zig-zag order, at least the first K; read only by a network with <see cref="PhaseHistogramOptions.SecondTable"/>.</param>
    /// <param name="count">n.</param>
    /// <param name="logits">Overwritten, [n,226].</param>
    /// <param name="phase">Overwritten with the posterior over the first grid's phases [n,64]; empty where it is not wanted.</param>
    public void Run(ReadOnlySpan<float> evidence, ReadOnlySpan<float> overall, ReadOnlySpan<ushort> second, int count, Span<float> logits, Span<float> phase)
    {
        int size = options.Coefficients * options.Features;
        Require(evidence.Length, count * size * Phases, nameof(evidence));
        Require(overall.Length, count * size, nameof(overall));
        Require(logits.Length, count * PrimaryBlocks.Outputs, nameof(logits));
        Require(phase.Length, phase.IsEmpty ? 0 : count * Phases, nameof(phase));
        PhaseHistogramPlanes planes = Take(idle, second, withEvidence: false);
        fixed (float* e = evidence, o = overall)
        {
            for (int first = 0; first < count; first += Group)
            {
                int windows = Math.Min(Group, count - first);
                planes.Use(e + (nint)first * size * Phases, o + (nint)first * size);
                forward.Run(planes, windows);
                Copy(planes, first, windows, logits, phase);
            }
        }
        idle.Add(planes);
    }

    /// <summary>Runs the n windows that a source has loaded; equal to the last bit.</summary>
    /// <param name="source">Windows 0 to n - 1 of those loaded.</param>
    /// <param name="second">Second table's steps in zig-zag order, as above.</param>
    /// <param name="count">n.</param>
    /// <param name="logits">Overwritten, [n,226].</param>
    /// <param name="phase">Overwritten with the posterior over the first grid's phases [n,64]; empty where it is not wanted.</param>
    public void Run(IPhaseEvidenceSource source, ReadOnlySpan<ushort> second, int count, Span<float> logits, Span<float> phase)
    {
        Require(logits.Length, count * PrimaryBlocks.Outputs, nameof(logits));
        Require(phase.Length, phase.IsEmpty ? 0 : count * Phases, nameof(phase));
        PhaseHistogramPlanes planes = Take(idleOfSources, second, withEvidence: true);
        for (int first = 0; first < count; first += Group)
        {
            int windows = Math.Min(Group, count - first);
            forward.Run(planes, windows, source, first);
            Copy(planes, first, windows, logits, phase);
        }
        idleOfSources.Add(planes);
    }

    PhaseHistogramPlanes Take(ConcurrentBag<PhaseHistogramPlanes> bag, ReadOnlySpan<ushort> second, bool withEvidence)
    {
        if (!options.SecondTable)
            second = default;
        else if (second.Length < options.Coefficients)
            throw new ArgumentException($"second: at least {options.Coefficients} steps expected, got {second.Length}", nameof(second));
        if (!bag.TryTake(out PhaseHistogramPlanes? planes))
            planes = new PhaseHistogramPlanes(options, Group, withBackward: false, withEvidence);
        for (int n = 0; n < Group; n++)
            planes.SetSecond(n, second);
        return planes;
    }

    static void Copy(PhaseHistogramPlanes planes, int first, int windows, Span<float> logits, Span<float> phase)
    {
        for (int n = 0; n < windows; n++)
        {
            new Span<float>(planes.Logits(n), PrimaryBlocks.Outputs).CopyTo(logits[((first + n) * PrimaryBlocks.Outputs)..]);
            for (int p = 0; p < Phases && !phase.IsEmpty; p++)
                phase[(first + n) * Phases + p] = planes.Alpha(n)[p * PhaseHistogramPlanes.AlphaRow];
        }
    }

    static void Require(int actual, int expected, string name)
    {
        if (actual != expected)
            throw new ArgumentException($"{name}: {expected} values expected, got {actual}", name);
    }
}
