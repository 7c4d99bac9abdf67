using System.Buffers;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Maps;

// PrimaryPatches: a few windows [n,64,64,3] as if each were a picture of its own. Beside the estimates nothing is allocated: what is
// in work is rented.
readonly ref struct PrimaryPatches(IPrimaryEngine engine, PrimaryScaling scaling, ReadOnlySpan<ushort> secondZigZag, ReadOnlySpan<byte> windows)
{
    readonly ReadOnlySpan<ushort> secondZigZag = secondZigZag;
    readonly ReadOnlySpan<byte> windows = windows;

    public void Fill(Span<PrimaryQuantEstimate> estimates)
    {
        int count = estimates.Length, logits = count * PrimaryBlocks.Outputs, phases = engine.GivesPhase ? 64 * count : 0;
        float[] rented = ArrayPool<float>.Shared.Rent(logits + phases);
        Span<float> probabilities = rented.AsSpan(0, logits), phase = rented.AsSpan(logits, phases);
        engine.RunWindows(windows, count, secondZigZag, probabilities, phase);
        for (int i = 0; i < count; i++)
        {
            var patch = new PixelView(
                windows.Slice(i * WindowByWindowSource.WindowBytes, WindowByWindowSource.WindowBytes), WindowGrid.Side, WindowGrid.Side, PixelFormat.Rgb24);
            estimates[i] = Estimate(patch, probabilities.Slice(i * PrimaryBlocks.Outputs, PrimaryBlocks.Outputs), engine.GivesPhase ? phase.Slice(64 * i, 64) : default);
        }
        ArrayPool<float>.Shared.Return(rented);
    }

    // The same as PrimaryMapPlanes gives for a window of a map.
    PrimaryQuantEstimate Estimate(PixelView patch, Span<float> window, ReadOnlySpan<float> phase)
    {
        var steps = new short[PrimaryBlocks.Count];
        var confidence = new float[PrimaryBlocks.Count];
        bool determined = PrimaryPosterior.Probabilities(window) && WindowEvidence.DeterminesPatch(patch, secondZigZag);
        scaling.ScaleSteps(window);
        if (!determined)
            return new PrimaryQuantEstimate(steps, confidence, 0, 0, false, null, window.ToArray());
        Span<double> logarithms = stackalloc double[PrimaryBlocks.Outputs];
        PrimaryPosterior.Logarithms(window, logarithms);
        float mean = PrimaryPosterior.Steps(window, steps, confidence);
        GridShift? shift = null;
        if (!phase.IsEmpty)
        {
            Span<float> shifts = stackalloc float[64];
            PrimaryPosterior.ShiftsOf(phase, shifts);
            scaling.ScaleShifts(shifts);
            shift = PrimaryPosterior.Shift(shifts);
        }
        return new PrimaryQuantEstimate(steps, confidence, mean, (byte)PrimaryPosterior.QualityFactor(logarithms), mean >= scaling.LeastConfidence, shift, window.ToArray());
    }
}
