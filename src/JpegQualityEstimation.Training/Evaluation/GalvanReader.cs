using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training.Evaluation;

// GalvanReader: aligned first-table estimation by simulation, coefficient by coefficient; steps up to the block sizes of
// the networks. Blind to shifted first compressions.

sealed class GalvanReader : IPrimaryWindowReader
{
    public const string Name = "galvan2014";

    const int MostStep = 24, Each = AlignedWindow.CroppedBlocks;

    readonly AlignedWindow window = new();
    readonly int[] levels = new int[AlignedWindow.Blocks];
    readonly int[] simulated = new int[PrimaryBlocks.Count * MostStep * Each];

    public bool GivesPhase => false;

    public void Read(ReadOnlySpan<byte> windows, int n, ReadOnlySpan<ushort> secondZigZag, Span<int> steps, Span<float> phase)
    {
        for (int i = 0; i < n; i++)
        {
            window.Load(windows.Slice(i * PrimaryWindows.WindowBytes, PrimaryWindows.WindowBytes));
            for (int q1 = 1; q1 <= MostStep; q1++)
            {
                window.Recompress(q1);
                for (int k = 0; k < PrimaryBlocks.Count; k++)
                    window.Simulated(k, secondZigZag[k], simulated.AsSpan((k * MostStep + q1 - 1) * Each, Each));
            }
            for (int k = 0; k < PrimaryBlocks.Count; k++)
            {
                window.Twice(k, secondZigZag[k], levels);
                ReadOnlySpan<int> candidates = simulated.AsSpan(k * MostStep * Each, PrimaryBlocks.Sizes[k] * Each);
                steps[i * PrimaryBlocks.Count + k] = GalvanSelection.Step(levels, candidates, Each, secondZigZag[k]);
            }
        }
    }

    public void Dispose()
    {
    }
}
