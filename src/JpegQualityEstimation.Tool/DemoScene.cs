using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Tool;

// A picture pasted together from copies of one synthetic scene with different JPEG histories; its pixels were last
// held losslessly. What the map of it should be is known for every pixel.
sealed class DemoScene
{
    // Pixels nearer than this to another region see both: half the network's receptive field of 33.
    const int Reach = 16;

    public static IReadOnlyList<DemoRegion> Regions { get; } =
    [
        new("ground", 85, ChromaSubsampling.Samp420, 0, 0, 0, 0),
        new("upper left", 30, ChromaSubsampling.Samp420, 0.22, 0.28, 0.14, 0.20),
        new("upper right", 60, ChromaSubsampling.Samp422, 0.76, 0.27, 0.17, 0.18),
        new("lower left", 97, ChromaSubsampling.Samp444, 0.25, 0.74, 0.17, 0.18),
        new("lower right", null, ChromaSubsampling.Samp444, 0.74, 0.73, 0.18, 0.19),
    ];

    readonly byte[] regionOf;

    public DemoScene(int width, int height, ulong seed)
    {
        ImageBuffer scene = SyntheticPicture.Create(width, height, seed);
        Picture = new ImageBuffer(width, height, PixelFormat.Rgb24);
        regionOf = new byte[width * height];
        for (int region = 0; region < Regions.Count; region++)
        {
            DemoRegion r = Regions[region];
            ImageBuffer copy = r.Quality is int quality
                ? JpegRoundTrip.Apply(scene.View, JpegCompression.FromQuality(quality, r.Subsampling))
                : scene;
            for (int i = 0; i < regionOf.Length; i++)
            {
                if (!r.Holds((i % width + 0.5) / width, (i / width + 0.5) / height))
                    continue;
                regionOf[i] = (byte)region;
                copy.Pixels.AsSpan(3 * i, 3).CopyTo(Picture.Pixels.AsSpan(3 * i, 3));
            }
        }
    }

    public ImageBuffer Picture { get; }

    // What a perfect estimator would say.
    public QualityMap Truth()
    {
        float[] quality = new float[regionOf.Length], compressed = new float[regionOf.Length];
        byte[] reliability = new byte[regionOf.Length];
        for (int i = 0; i < regionOf.Length; i++)
        {
            DemoRegion region = Regions[regionOf[i]];
            (quality[i], compressed[i], reliability[i]) = (region.Quality ?? 100, region.Quality is null ? 0 : 1, 255);
        }
        return new QualityMap(Picture.Width, Picture.Height, quality, compressed, reliability);
    }

    // What a map says of the pixels whose whole surroundings belong to one region.
    public QualitySummary Measure(QualityMap map, int region)
    {
        var sums = default(QualitySums);
        for (int y = 0; y < map.Height; y++)
            for (int x = 0; x < map.Width; x++)
                if (IsInside(x, y, region))
                    sums.Add(map.Quality[y * map.Width + x], map.Compressed[y * map.Width + x], map.Reliability[y * map.Width + x]);
        return sums.Summary();
    }

    // The regions are convex or the outside of convex ones, large against Reach: corners and edge middles suffice.
    bool IsInside(int x, int y, int region)
    {
        for (int dy = -Reach; dy <= Reach; dy += Reach)
        {
            for (int dx = -Reach; dx <= Reach; dx += Reach)
            {
                int u = Math.Clamp(x + dx, 0, Picture.Width - 1), v = Math.Clamp(y + dy, 0, Picture.Height - 1);
                if (regionOf[v * Picture.Width + u] != region)
                    return false;
            }
        }
        return true;
    }
}

// One region: quality factor (null: never compressed), chroma sampling, and an ellipse in shares of width and height;
// no radius means the whole picture.
sealed record DemoRegion(string Name, int? Quality, ChromaSubsampling Subsampling, double X, double Y, double RadiusX, double RadiusY)
{
    public bool Holds(double x, double y)
    {
        if (RadiusX == 0)
            return true;
        double dx = (x - X) / RadiusX, dy = (y - Y) / RadiusY;
        return dx * dx + dy * dy <= 1;
    }

    public string History => Quality is int quality ? $"jpeg {quality} {Subsampling.ToString()[4..]}" : "never compressed";
}
