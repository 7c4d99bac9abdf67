using System.Buffers;
using System.Runtime.CompilerServices;
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
// Cost: one partial DCT a block, by all threads, then two table look-ups a window; memory: 8 bytes a block. Deterministic.
sealed class WindowEvidence : IDisposable
{
    public const double MostClipped = 0.5;
    public const double LeastTextured = 1.0 / 8;

    // Five standard deviations of a coefficient of pixels rounded to whole levels: 5 / sqrt(12).
    public const float LeastCoefficient = 1.45f;

    const int Frequencies = 5;
    const int BandRows = 16;
    static readonly float[] Cosines = MakeCosines();

    readonly int originRow, originColumn, blocksDown, blocksAcross, size;

    // [down + 1, across + 1], rented: sums over all blocks above and to the left.
    readonly int[] textured, clipped;

    /// <param name="picture">Any format; read here only.</param>
    /// <param name="secondZigZag">[64] steps of the second luminance table.</param>
    /// <param name="originRow">Row of the second grid's first block corner.</param>
    /// <param name="originColumn">Its column.</param>
    /// <param name="threads">Threads that go over the rows of blocks; they change nothing.</param>
    public WindowEvidence(PinnedPixels picture, ReadOnlySpan<ushort> secondZigZag, int originRow, int originColumn, int threads = 1)
    {
        this.originRow = originRow;
        this.originColumn = originColumn;
        blocksDown = Math.Max(0, (picture.Height - originRow) / 8);
        blocksAcross = Math.Max(0, (picture.Width - originColumn) / 8);
        size = (blocksDown + 1) * (blocksAcross + 1);
        textured = ArrayPool<int>.Shared.Rent(size);
        clipped = ArrayPool<int>.Shared.Rent(size);
        textured.AsSpan(0, size).Clear();
        clipped.AsSpan(0, size).Clear();
        float[] thresholds = new float[Frequencies * Frequencies];
        Thresholds(secondZigZag, thresholds);
        RowBands.Run((blocksDown + BandRows - 1) / BandRows, threads, band =>
        {
            float[] luma = ArrayPool<float>.Shared.Rent(8 * 8 * blocksAcross);
            for (int y = band * BandRows; y < Math.Min(blocksDown, (band + 1) * BandRows); y++)
            {
                int at = (y + 1) * (blocksAcross + 1) + 1;
                FillRow(picture.View, originRow + 8 * y, originColumn, thresholds, luma.AsSpan(0, 8 * 8 * blocksAcross),
                    textured.AsSpan(at, blocksAcross), clipped.AsSpan(at, blocksAcross));
            }
            ArrayPool<float>.Shared.Return(luma);
        });
        Sum(textured.AsSpan(0, size));
        Sum(clipped.AsSpan(0, size));
    }

    public void Dispose()
    {
        ArrayPool<int>.Shared.Return(textured);
        ArrayPool<int>.Shared.Return(clipped);
    }

    public static unsafe WindowEvidence Of(PixelView picture, ReadOnlySpan<ushort> secondZigZag, int originRow, int originColumn)
    {
        fixed (byte* bytes = picture.Pixels)
        {
            var pinned = new PinnedPixels(bytes, picture.Pixels.Length, picture.Width, picture.Height, picture.Stride, picture.Format);
            return new WindowEvidence(pinned, secondZigZag, originRow, originColumn);
        }
    }

    /// <summary>Whether a window by itself, in phase with the grid, can be answered for.</summary>
    public static bool DeterminesPatch(PixelView patch, ReadOnlySpan<ushort> secondZigZag)
    {
        const int Across = WindowGrid.Side / 8, Blocks = Across * Across;
        Span<float> thresholds = stackalloc float[Frequencies * Frequencies];
        Thresholds(secondZigZag, thresholds);
        Span<float> luma = stackalloc float[8 * 8 * Across];
        Span<int> texturedBlocks = stackalloc int[Across], clippedPixels = stackalloc int[Across];
        int texturedSum = 0, clippedSum = 0;
        for (int y = 0; y < WindowGrid.Side; y += 8)
        {
            clippedPixels.Clear();
            FillRow(patch, y, 0, thresholds, luma, texturedBlocks, clippedPixels);
            for (int x = 0; x < Across; x++)
                (texturedSum, clippedSum) = (texturedSum + texturedBlocks[x], clippedSum + clippedPixels[x]);
        }
        return Determines(Blocks, texturedSum, clippedSum);
    }

    /// <summary>Whether the window with its top left pixel there can be answered for.</summary>
    public bool Determines(int top, int left)
    {
        var (blocks, texturedBlocks, clippedPixels) = Count(top, left);
        return Determines(blocks, texturedBlocks, clippedPixels);
    }

    static bool Determines(int blocks, int texturedBlocks, int clippedPixels) =>
        clippedPixels <= MostClipped * 64 * blocks && texturedBlocks >= LeastTextured * blocks;

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

    // From values of blocks to sums over all blocks above and to the left.
    void Sum(Span<int> values)
    {
        int width = blocksAcross + 1;
        for (int i = width + 1; i < values.Length; i++)
            values[i] += i % width == 0 ? 0 : values[i - width] + values[i - 1] - values[i - width - 1];
    }

    static void Thresholds(ReadOnlySpan<ushort> secondZigZag, Span<float> thresholds)
    {
        thresholds.Fill(float.PositiveInfinity);
        for (int k = 1; k < PrimaryQuantEstimate.StepCount; k++)
        {
            int natural = ZigZag.ToNatural[k];
            thresholds[natural / 8 * Frequencies + natural % 8] = Math.Max(secondZigZag[k] / 2f, LeastCoefficient);
        }
    }

    // One row of blocks: 1 for each that is textured, and its clipped pixels, which are added.
    static void FillRow(PixelView picture, int top, int left, ReadOnlySpan<float> thresholds, Span<float> luma, Span<int> textured, Span<int> clippedPixels)
    {
        int width = 8 * textured.Length;
        for (int row = 0; row < 8; row++)
            Load(picture, top + row, left, luma.Slice(row * width, width), clippedPixels);
        for (int x = 0; x < textured.Length; x++)
            textured[x] = IsTextured(luma[(8 * x)..], width, thresholds) ? 1 : 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Load(PixelView picture, int y, int left, Span<float> luma, Span<int> clippedPixels)
    {
        LumaRows.Row(picture, y, left, luma);
        int bytes = picture.Format.BytesPerPixel(), samples = Math.Min(bytes, 3);
        ReadOnlySpan<byte> row = picture.Row(y)[(left * bytes)..];
        for (int x = 0; x < luma.Length; x++)
            if (row.Slice(x * bytes, samples).IndexOfAnyExcept((byte)0, (byte)255) < 0)
                clippedPixels[x / 8]++;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
