using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Findings;

// RegionAreas: what a label's pixels amount to, gone through a row at a time: share of the determined ones, bounds, and means
// of the quality map weighted by its reliability.
sealed class RegionAreas
{
    readonly long[] pixels;
    readonly int[] left, right, top, bottom;
    readonly double[] quality, compressed, weight;
    readonly long determined;

    public RegionAreas(RegionPixels rows, int width, int height, int sources, QualityMap? map)
    {
        pixels = new long[sources];
        (left, right, top, bottom) = (new int[sources], new int[sources], new int[sources], new int[sources]);
        (quality, compressed, weight) = (new double[sources], new double[sources], new double[sources]);
        left.AsSpan().Fill(int.MaxValue);
        top.AsSpan().Fill(int.MaxValue);
        var row = new short[width];
        for (int y = 0; y < height; y++)
        {
            rows.Row(y, row);
            for (int x = 0; x < width; x++)
            {
                int label = row[x];
                if (label < 0)
                    continue;
                determined++;
                pixels[label]++;
                left[label] = Math.Min(left[label], x);
                right[label] = Math.Max(right[label], x + 1);
                top[label] = Math.Min(top[label], y);
                bottom[label] = y + 1;
                if (map is not null)
                    Add(label, y * width + x, map);
            }
        }
    }

    void Add(int label, int pixel, QualityMap map)
    {
        double reliability = map.Reliability[pixel];
        weight[label] += reliability;
        quality[label] += reliability * map.Quality[pixel];
        compressed[label] += reliability * map.Compressed[pixel];
    }

    public double Share(int label) => determined == 0 ? 0 : (double)pixels[label] / determined;

    public PixelBox Bounds(int label) =>
        pixels[label] == 0 ? default : new PixelBox(left[label], top[label], right[label] - left[label], bottom[label] - top[label]);

    public double? MeanQuality(int label) => weight[label] > 0 ? quality[label] / weight[label] : null;

    public double? CompressedShare(int label) => weight[label] > 0 ? compressed[label] / weight[label] : null;
}
