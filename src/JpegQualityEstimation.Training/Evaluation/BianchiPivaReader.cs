using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training.Evaluation;

// BianchiPivaReader: aligned first-table estimation by likelihood, coefficient by coefficient; steps up to the block
// sizes of the networks. Blind to shifted first compressions.

sealed class BianchiPivaReader : IPrimaryWindowReader
{
    public const string Name = "bianchi-piva2012";

    readonly AlignedWindow window = new();
    readonly int[] twice = new int[AlignedWindow.Blocks];
    readonly int[] once = new int[AlignedWindow.CroppedBlocks];

    public bool GivesPhase => false;

    public void Read(ReadOnlySpan<byte> windows, int n, ReadOnlySpan<ushort> secondZigZag, Span<int> steps, Span<float> phase)
    {
        for (int i = 0; i < n; i++)
        {
            window.Load(windows.Slice(i * PrimaryWindows.WindowBytes, PrimaryWindows.WindowBytes));
            for (int k = 0; k < PrimaryBlocks.Count; k++)
            {
                window.Twice(k, secondZigZag[k], twice);
                window.Once(k, secondZigZag[k], once);
                steps[i * PrimaryBlocks.Count + k] =
                    BianchiPivaLikelihood.Step(twice, once, secondZigZag[k], PrimaryBlocks.Sizes[k]);
            }
        }
    }

    public void Dispose()
    {
    }
}
