using JpegQualityEstimation.Engine.Ops;

namespace JpegQualityEstimation.Findings;

// RegionPixels: labels of windows or cells [h,w] -> pixel labels, a row at a time. The four whose centres are around a pixel vote,
// each for its label with weight (bilinear in the distance of the centres) * (confidence + Least); the label with the most
// votes is the pixel's, of equal ones the smallest. Pixels beyond the outermost centres take those of the nearest; a
// pixel is undetermined where undetermined ones have the most votes, theirs counting as of confidence 1/2.
sealed class RegionPixels
{
    const float Least = 0.05f;

    readonly short[] labels;
    readonly float[] confidence;
    readonly int pictureWidth;
    readonly WindowGrid grid;
    readonly (int First, float Second)[] columns;

    readonly int side;

    // side: of what the grid's places hold, in pixels.
    public RegionPixels(int pictureWidth, WindowGrid grid, int side, short[] labels, float[] confidence)
    {
        this.side = side;
        this.pictureWidth = pictureWidth;
        this.grid = grid;
        this.labels = labels;
        this.confidence = confidence;
        columns = new (int, float)[pictureWidth];
        for (int x = 0; x < pictureWidth; x++)
            columns[x] = Around(x, grid.OriginColumn, grid.Columns);
    }

    public void Row(int y, Span<short> row)
    {
        var (top, lower) = Around(y, grid.OriginRow, grid.Rows);
        int above = top * grid.Columns, below = Math.Min(top + 1, grid.Rows - 1) * grid.Columns;
        Span<short> label = stackalloc short[4];
        Span<float> vote = stackalloc float[4];
        for (int x = 0; x < pictureWidth; x++)
        {
            var (left, share) = columns[x];
            int right = Math.Min(left + 1, grid.Columns - 1);
            short first = labels[above + left];
            if (first == labels[above + right] && first == labels[below + left] && first == labels[below + right])
            {
                row[x] = first;
                continue;
            }
            Put(0, above + left, (1 - lower) * (1 - share), label, vote);
            Put(1, above + right, (1 - lower) * share, label, vote);
            Put(2, below + left, lower * (1 - share), label, vote);
            Put(3, below + right, lower * share, label, vote);
            row[x] = Most(label, vote);
        }
    }

    void Put(int corner, int window, float share, Span<short> label, Span<float> vote)
    {
        label[corner] = labels[window];
        vote[corner] = share * (labels[window] < 0 ? 0.5f : confidence[window] + Least);
    }

    static short Most(ReadOnlySpan<short> label, ReadOnlySpan<float> vote)
    {
        (short best, float most) = (short.MaxValue, -1);
        for (int i = 0; i < label.Length; i++)
        {
            float sum = 0;
            for (int j = 0; j < label.Length; j++)
                if (label[j] == label[i])
                    sum += vote[j];
            if (sum > most || (sum == most && label[i] < best))
                (best, most) = (label[i], sum);
        }
        return best;
    }

    // Pixel position -> the window before it and the weight of the next.
    (int First, float Second) Around(int position, int origin, int count)
    {
        double windows = (position + 0.5 - origin - side / 2.0) / grid.Stride;
        if (windows <= 0)
            return (0, 0);
        int first = (int)windows;
        return first >= count - 1 ? (count - 1, 0) : (first, (float)(windows - first));
    }
}
