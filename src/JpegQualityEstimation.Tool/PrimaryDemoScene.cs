using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Tool;

// A picture with two pasted regions, all three from JPEG files of other qualities, then saved as JPEG once more. The
// first table and the grid shift of every pixel are known.
sealed class PrimaryDemoScene
{
    public const int SecondQuality = 90;

    public static IReadOnlyList<PrimaryDemoRegion> Regions { get; } =
    [
        new("ground", 75, 0, 0, 0, 0, 0, 0),
        new("left", 95, 3, 5, 0.25, 0.45, 0.19, 0.34),
        new("right", 60, 6, 2, 0.74, 0.56, 0.20, 0.35),
    ];

    readonly byte[] regionOf;

    public PrimaryDemoScene(int width, int height, ulong seed)
    {
        var pasted = new ImageBuffer(width, height, PixelFormat.Rgb24);
        regionOf = new byte[width * height];
        for (int region = 0; region < Regions.Count; region++)
        {
            PrimaryDemoRegion r = Regions[region];
            ImageBuffer donor = JpegRoundTrip.Apply(
                SyntheticPicture.Create(width + 8, height + 8, seed + (ulong)region).View, JpegCompression.FromQuality(r.Quality));
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                {
                    if (!r.Holds((x + 0.5) / width, (y + 0.5) / height))
                        continue;
                    regionOf[y * width + x] = (byte)region;
                    donor.Pixels.AsSpan((y + r.ShiftRow) * donor.Stride + 3 * (x + r.ShiftColumn), 3)
                        .CopyTo(pasted.Pixels.AsSpan(y * pasted.Stride + 3 * x));
                }
            }
        }
        Picture = JpegRoundTrip.Apply(pasted.View, Last);
        using var file = new MemoryStream();
        JpegEncoder.Encode(file, pasted.View, Last);
        Jpeg = file.ToArray();
    }

    public static JpegCompression Last { get; } = JpegCompression.FromQuality(SecondQuality);

    // What the file decodes to.
    public ImageBuffer Picture { get; }

    public byte[] Jpeg { get; }

    // What a perfect estimator would say, every window being of the region of its centre.
    public PrimaryQuantMap Truth()
    {
        WindowGrid grid = WindowGrid.Over(Picture.Width, Picture.Height, 8, 0, 0);
        var planes = new PrimaryMapPlanes(grid.Rows, grid.Columns, hasGridShifts: true, keepProbabilities: true);
        var pool = new PrimaryPool();
        for (int y = 0; y < grid.Rows; y++)
        {
            for (int x = 0; x < grid.Columns; x++)
            {
                PrimaryDemoRegion region = Regions[regionOf[(grid.Top(y) + 32) * Picture.Width + grid.Left(x) + 32]];
                var probabilities = new float[PrimaryBlocks.Outputs];
                var shifts = new float[64];
                ReadOnlySpan<short> steps = region.Steps;
                for (int i = 0; i < steps.Length; i++)
                    probabilities[PrimaryBlocks.Offsets[i] + steps[i] - 1] = 1;
                shifts[8 * region.ShiftRow + region.ShiftColumn] = 1;
                planes.Put(y * grid.Columns + x, true, probabilities, shifts, pool);
            }
        }
        return new PrimaryQuantMap(Picture.Width, Picture.Height, grid, Last.Luminance, "truth", planes, pool.ToEstimate());
    }

    // What a map says of the windows that lie wholly in one region; it has to hold probabilities.
    public PrimaryQuantEstimate Measure(PrimaryQuantMap map, int region)
    {
        var inside = new bool[map.Width * map.Height];
        for (int i = 0; i < inside.Length; i++)
            inside[i] = IsInside(map.WindowAt(i % map.Width, i / map.Width), region);
        return map.Pool(inside);
    }

    bool IsInside((int Left, int Top) window, int region)
    {
        for (int y = 0; y < WindowGrid.Side; y += 7)
            for (int x = 0; x < WindowGrid.Side; x += 7)
                if (regionOf[(window.Top + y) * Picture.Width + window.Left + x] != region)
                    return false;
        return true;
    }
}

// One region: first quality factor, rows and columns cut off after that compression, and an ellipse in shares of width
// and height; no radius means the whole picture.
sealed record PrimaryDemoRegion(
    string Name, int Quality, int ShiftRow, int ShiftColumn, double X, double Y, double RadiusX, double RadiusY)
{
    public short[] Steps =>
        [.. QuantTable.StandardLuminance(Quality).ZigZagOrder().Take(PrimaryQuantEstimate.StepCount).Select(step => (short)step)];

    public bool Holds(double x, double y)
    {
        if (RadiusX == 0)
            return true;
        double dx = (x - X) / RadiusX, dy = (y - Y) / RadiusY;
        return dx * dx + dy * dy <= 1;
    }
}
