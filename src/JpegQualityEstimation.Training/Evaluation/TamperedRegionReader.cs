using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Training.Evaluation;

// TamperedRegionReader: a map of blocks cut into foreign and not. Sums over 3x3 blocks; above the threshold one class,
// below it the other; the smaller class is called foreign, whichever it is, as the largest source is called the ground
// elsewhere. Parts (four neighbours) smaller than 1 % of the picture or 32 blocks, and foreign ones whose mean is nearer to
// the threshold than the contrast, go to what is around them.

sealed class TamperedRegionReader(BlockMapper map, double threshold, double contrast) : IRegionReader
{
    const int LeastBlocks = 32;
    const double LeastShare = 0.01;

    public RegionFinding Read(PixelView picture, QuantTable second)
    {
        BlockMap blocks = map(picture, second);
        float[] sums = Sums(blocks);
        bool[] high = Array.ConvertAll(sums, sum => sum > threshold);
        int least = Math.Max(LeastBlocks, (int)(LeastShare * high.Length));
        bool smaller = 2 * high.Count(value => value) <= high.Length;
        // Specks of the smaller class first, so that they do not hold up those of the larger.
        RemoveParts(high, blocks.Columns, smaller, part => part.Count < least);
        RemoveParts(high, blocks.Columns, !smaller, part => part.Count < least);
        RemoveParts(high, blocks.Columns, smaller, part => Math.Abs(part.Average(i => sums[i]) - threshold) < contrast);
        bool foreign = 2 * high.Count(value => value) <= high.Length;
        var labels = new short[picture.Width * picture.Height];
        for (int y = 0; y < picture.Height; y++)
        {
            int row = Block(y, blocks.OriginRow, blocks.Rows) * blocks.Columns;
            for (int x = 0; x < picture.Width; x++)
                labels[y * picture.Width + x] = (short)(high[row + Block(x, blocks.OriginColumn, blocks.Columns)] == foreign ? 1 : 0);
        }
        bool any = high.Contains(foreign);
        return new RegionFinding(labels, any ? [RegionClaim.Silent, RegionClaim.Silent] : [RegionClaim.Silent]);
    }

    public void Dispose()
    {
    }

    static int Block(int pixel, int origin, int count) => Math.Clamp((pixel - origin + 8) / 8 - 1, 0, count - 1);

    // Blocks beyond the border are those at it.
    static float[] Sums(BlockMap blocks)
    {
        var sums = new float[blocks.Ratios.Length];
        for (int i = 0; i < sums.Length; i++)
        {
            int row = i / blocks.Columns, column = i % blocks.Columns;
            for (int dy = -1; dy <= 1; dy++)
                for (int dx = -1; dx <= 1; dx++)
                    sums[i] += blocks.Ratios[Math.Clamp(row + dy, 0, blocks.Rows - 1) * blocks.Columns + Math.Clamp(column + dx, 0, blocks.Columns - 1)];
        }
        return sums;
    }

    static void RemoveParts(bool[] high, int columns, bool value, Func<List<int>, bool> isRemoved)
    {
        var seen = new bool[high.Length];
        for (int start = 0; start < high.Length; start++)
        {
            if (seen[start] || high[start] != value)
                continue;
            List<int> part = Part(high, seen, columns, start);
            if (isRemoved(part))
                foreach (int i in part)
                    high[i] = !value;
        }
    }

    static List<int> Part(bool[] high, bool[] seen, int columns, int start)
    {
        List<int> part = [start];
        seen[start] = true;
        for (int next = 0; next < part.Count; next++)
        {
            int i = part[next], column = i % columns;
            Take(i - columns, true);
            Take(i + columns, true);
            Take(i - 1, column > 0);
            Take(i + 1, column < columns - 1);
        }
        return part;

        void Take(int i, bool inside)
        {
            if (!inside || i < 0 || i >= high.Length || seen[i] || high[i] != high[start])
                return;
            seen[i] = true;
            part.Add(i);
        }
    }
}
