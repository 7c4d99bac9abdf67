using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Maps;

// PrimaryPatches: a few windows [n,64,64,3] as if each were a picture of its own.
readonly ref struct PrimaryPatches(IPrimaryEngine engine, ushort[] secondZigZag, ReadOnlySpan<byte> windows)
{
    readonly ReadOnlySpan<byte> windows = windows;

    public void Fill(Span<PrimaryQuantEstimate> estimates)
    {
        int count = estimates.Length;
        float[] probabilities = new float[count * PrimaryBlocks.Outputs];
        float[] phase = new float[engine.GivesPhase ? 64 * count : 0];
        engine.RunWindows(windows, count, secondZigZag, probabilities, phase);
        var shifts = new float[engine.GivesPhase ? 64 : 0];
        var planes = new PrimaryMapPlanes(1, count, engine.GivesPhase, keepProbabilities: true);
        var pool = new PrimaryPool();
        for (int i = 0; i < count; i++)
        {
            Span<float> window = probabilities.AsSpan(i * PrimaryBlocks.Outputs, PrimaryBlocks.Outputs);
            var patch = new PixelView(
                windows.Slice(i * WindowByWindowSource.WindowBytes, WindowByWindowSource.WindowBytes), WindowGrid.Side, WindowGrid.Side, PixelFormat.Rgb24);
            bool determined = PrimaryPosterior.Probabilities(window) && new WindowEvidence(patch, secondZigZag, 0, 0).Determines(0, 0);
            if (engine.GivesPhase)
                PrimaryPosterior.ShiftsOf(phase.AsSpan(64 * i, 64), shifts);
            planes.Put(i, determined, window, shifts, pool);
            estimates[i] = planes.At(i);
        }
    }
}
