namespace JpegQualityEstimation.Maps;

// PanelSums: a quality map added up into the pixels of a panel, whole or a band of rows at a time, from the top. A pixel's
// terms are added row by row from the left, so bands change no bit.
sealed class PanelSums(PanelScale scale)
{
    readonly double[] quality = new double[scale.Width * scale.Height];
    readonly double[] compressed = new double[scale.Width * scale.Height];
    readonly long[] reliability = new long[scale.Width * scale.Height];

    public ReadOnlySpan<double> Quality => quality;

    public ReadOnlySpan<double> Compressed => compressed;

    public ReadOnlySpan<long> Reliability => reliability;

    /// <summary>Rows [top, top + rows) of the map, planes [rows, source width].</summary>
    public void Add(int top, int rows, ReadOnlySpan<float> qualities, ReadOnlySpan<float> flags, ReadOnlySpan<byte> weights)
    {
        int width = scale.SourceWidth;
        for (int y = 0; y < scale.Height; y++)
        {
            var (first, end) = scale.Rows(y);
            for (int row = Math.Max(first, top); row < Math.Min(end, top + rows); row++)
            {
                for (int x = 0; x < scale.Width; x++)
                {
                    var (left, right) = scale.Columns(x);
                    int at = y * scale.Width + x;
                    for (int i = (row - top) * width + left; i < (row - top) * width + right; i++)
                    {
                        quality[at] += qualities[i];
                        compressed[at] += flags[i];
                        reliability[at] += weights[i];
                    }
                }
            }
        }
    }
}
