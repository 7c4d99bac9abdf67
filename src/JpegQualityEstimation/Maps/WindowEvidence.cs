using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Maps;

// WindowEvidence: says from the pixels alone whether a 64x64 window can tell anything of a first quantization table.
//
// Looked at are the 8x8 blocks of the second grid that lie wholly inside the window (64 where it is in phase with the
// grid, 49 otherwise). The window is determined where
//   at most MostClipped of their pixels are clipped (every sample 0 or 255), and
//   at least LeastTextured of the blocks are textured: some AC coefficient k among the first 15 of the zig-zag order is
//   more than what the second quantization and the rounding to 8 bits can leave of nothing,
//   |c_k| >= max(q2_k / 2, LeastCoefficient)   (orthonormal DCT of luma).
// docs/decisions.md ("Undetermined windows") says how the constants were found.
//
// Cost: one partial DCT a block, then two table look-ups a window; memory: 8 bytes a block. Deterministic.
sealed class WindowEvidence
{
    public const double MostClipped = 0.5;
    public const double LeastTextured = 1.0 / 8;

    // Five standard deviations of a coefficient of pixels rounded to whole levels: 5 / sqrt(12).
    public const float LeastCoefficient = 1.45f;

    const int Frequencies = 5;
    static readonly float[] Cosines = MakeCosines();

    readonly int originRow, originColumn, blocksDown, blocksAcross;

    // [down + 1, across + 1]: sums over all blocks above and to the left.
    readonly int[] textured, clipped;

    public WindowEvidence(PixelView picture, ReadOnlySpan<ushort> secondZigZag, int originRow, int originColumn)
    {
        this.originRow = originRow;
        this.originColumn = originColumn;
        blocksDown = Math.Max(0, (picture.Height - originRow) / 8);
        blocksAcross = Math.Max(0, (picture.Width - originColumn) / 8);
        textured = new int[(blocksDown + 1) * (blocksAcross + 1)];
        clipped = new int[textured.Length];
        Span<float> thresholds = stackalloc float[Frequencies * Frequencies];
        thresholds.Fill(float.PositiveInfinity);
        for (int k = 1; k < PrimaryQuantEstimate.StepCount; k++)
        {
            int natural = ZigZag.ToNatural[k];
            thresholds[natural / 8 * Frequencies + natural % 8] = Math.Max(secondZigZag[k] / 2f, LeastCoefficient);
        }
        float[] luma = new float[8 * 8 * blocksAcross];
        int[] clippedPixels = new int[blocksAcross];
        for (int y = 0; y < blocksDown; y++)
        {
            Array.Clear(clippedPixels);
            for (int row = 0; row < 8; row++)
                Load(picture, originRow + 8 * y + row, luma.AsSpan(row * 8 * blocksAcross, 8 * blocksAcross), clippedPixels);
            for (int x = 0; x < blocksAcross; x++)
            {
                Put(textured, y, x, IsTextured(luma.AsSpan(8 * x), 8 * blocksAcross, thresholds) ? 1 : 0);
                Put(clipped, y, x, clippedPixels[x]);
            }
        }
    }

    /// <summary>Whether the window with its top left pixel there can be answered for.</summary>
    public bool Determines(int top, int left)
    {
        var (blocks, texturedBlocks, clippedPixels) = Count(top, left);
        return clippedPixels <= MostClipped * 64 * blocks && texturedBlocks >= LeastTextured * blocks;
    }

    /// <summary>Blocks wholly in the window, how many of them are textured, and how many of their pixels are clipped.</summary>
    public (int Blocks, int Textured, int ClippedPixels) Count(int top, int left)
    {
        int firstRow = (top - originRow + 7) / 8, endRow = Math.Min((top - originRow + WindowGrid.Side) / 8, blocksDown);
        int firstColumn = (left - originColumn + 7) / 8, endColumn = Math.Min((left - originColumn + WindowGrid.Side) / 8, blocksAcross);
        return ((endRow - firstRow) * (endColumn - firstColumn),
            Sum(textured, firstRow, firstColumn, endRow, endColumn), Sum(clipped, firstRow, firstColumn, endRow, endColumn));
    }

    int Sum(int[] sums, int top, int left, int bottom, int right)
    {
        int width = blocksAcross + 1;
        return sums[bottom * width + right] - sums[top * width + right] - sums[bottom * width + left] + sums[top * width + left];
    }

    void Put(int[] sums, int y, int x, int value)
    {
        int width = blocksAcross + 1;
        sums[(y + 1) * width + x + 1] = value + sums[y * width + x + 1] + sums[(y + 1) * width + x] - sums[y * width + x];
    }

    void Load(PixelView picture, int y, Span<float> luma, int[] clippedPixels)
    {
        LumaRows.Row(picture, y, originColumn, luma);
        int bytes = picture.Format.BytesPerPixel(), samples = Math.Min(bytes, 3);
        ReadOnlySpan<byte> row = picture.Row(y)[(originColumn * bytes)..];
        for (int x = 0; x < luma.Length; x++)
            if (row.Slice(x * bytes, samples).IndexOfAnyExcept((byte)0, (byte)255) < 0)
                clippedPixels[x / 8]++;
    }

    static bool IsTextured(ReadOnlySpan<float> block, int stride, ReadOnlySpan<float> thresholds)
    {
        Span<float> rows = stackalloc float[8 * Frequencies];
        for (int y = 0; y < 8; y++)
        {
            ReadOnlySpan<float> line = block.Slice(y * stride, 8);
            for (int u = 0; u < Frequencies; u++)
            {
                float sum = 0;
                for (int x = 0; x < 8; x++)
                    sum += Cosines[u * 8 + x] * line[x];
                rows[y * Frequencies + u] = sum;
            }
        }
        for (int i = 0; i < thresholds.Length; i++)
        {
            if (float.IsPositiveInfinity(thresholds[i]))
                continue;
            int v = i / Frequencies, u = i % Frequencies;
            float sum = 0;
            for (int y = 0; y < 8; y++)
                sum += Cosines[v * 8 + y] * rows[y * Frequencies + u];
            if (Math.Abs(sum) >= thresholds[i])
                return true;
        }
        return false;
    }

    // [frequency, position]: the orthonormal DCT-II of length 8.
    static float[] MakeCosines()
    {
        var cosines = new float[Frequencies * 8];
        for (int u = 0; u < Frequencies; u++)
            for (int x = 0; x < 8; x++)
                cosines[u * 8 + x] = (float)((u == 0 ? Math.Sqrt(0.125) : 0.5) * Math.Cos((2 * x + 1) * u * Math.PI / 16));
        return cosines;
    }
}
