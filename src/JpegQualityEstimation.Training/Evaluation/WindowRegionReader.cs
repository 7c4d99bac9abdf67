using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training.Evaluation;

// WindowRegionReader: whatever reads windows, gathered by RegionFinder like our own. It gives no probabilities, so a step
// that is read counts as of probability Sure, the others of its block share the rest. One window every 16 pixels.

sealed class WindowRegionReader(IPrimaryWindowReader reader) : IRegionReader
{
    const int Stride = 16, Together = 32;
    const float Sure = 0.99f;

    readonly byte[] windows = new byte[Together * PrimaryWindows.WindowBytes];
    readonly int[] steps = new int[Together * PrimarySums.Steps];
    readonly float[] phase = new float[Together * 64];

    public RegionFinding Read(PixelView picture, QuantTable second)
    {
        WindowGrid grid = WindowGrid.Over(picture.Width, picture.Height, Stride, 0, 0);
        var planes = new PrimaryMapPlanes(grid.Rows, grid.Columns, hasGridShifts: false, keepProbabilities: true);
        var pool = new PrimaryPool();
        ushort[] zigZag = second.ZigZagOrder();
        int count = grid.Rows * grid.Columns;
        for (int first = 0; first < count; first += Together)
        {
            int n = Math.Min(Together, count - first);
            for (int k = 0; k < n; k++)
                Cut(picture, grid.Left((first + k) % grid.Columns), grid.Top((first + k) / grid.Columns), windows.AsSpan(k * PrimaryWindows.WindowBytes));
            reader.Read(
                windows.AsSpan(0, n * PrimaryWindows.WindowBytes), n, zigZag, steps.AsSpan(0, n * PrimarySums.Steps),
                reader.GivesPhase ? phase.AsSpan(0, n * 64) : default);
            for (int k = 0; k < n; k++)
                planes.Put(first + k, true, Probabilities(steps.AsSpan(k * PrimarySums.Steps, PrimarySums.Steps)), default, pool);
        }
        var map = new PrimaryQuantMap(picture.Width, picture.Height, grid, second, "windows", planes, pool.ToEstimate());
        return MapRegionReader.Finding(RegionFinder.Find(map));
    }

    static void Cut(PixelView picture, int left, int top, Span<byte> window)
    {
        for (int y = 0; y < PrimaryWindows.Side; y++)
            picture.Row(top + y).Slice(3 * left, 3 * PrimaryWindows.Side).CopyTo(window[(3 * PrimaryWindows.Side * y)..]);
    }

    static float[] Probabilities(ReadOnlySpan<int> read)
    {
        var probabilities = new float[PrimaryBlocks.Outputs];
        for (int i = 0; i < PrimaryBlocks.Count; i++)
        {
            Span<float> block = probabilities.AsSpan(PrimaryBlocks.Offsets[i], PrimaryBlocks.Sizes[i]);
            block.Fill((1 - Sure) / (block.Length - 1));
            block[Math.Clamp(read[i], 1, block.Length) - 1] = Sure;
        }
        return probabilities;
    }

    public void Dispose() => reader.Dispose();
}
