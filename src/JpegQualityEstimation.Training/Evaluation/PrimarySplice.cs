using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training.Evaluation;

// PrimarySplice: a picture with pasted regions, all from JPEG files of other qualities, then saved as JPEG once more
// (Tondi 2021, section 5.3). The first table and the grid shift of every pixel are known.
//   donor i -> first compression -> rows and columns cut off -> pasted where region i is -> second compression
// Region 0 is the ground; a later region lies over the earlier ones. What a map says of a region is what the windows
// that lie wholly in it say.

sealed class PrimarySplice
{
    /// <summary>What donors are larger than the picture by, both ways: room for the shift.</summary>
    public const int Room = 8;

    readonly byte[] regionOf;

    /// <param name="regions">At least the ground.</param>
    /// <param name="donor">The never-compressed picture of a region, larger by <see cref="Room"/>.</param>
    /// <param name="width">Of the splice.</param>
    /// <param name="height">Of the splice.</param>
    /// <param name="second">The last compression; the first ones have its chroma sampling.</param>
    public PrimarySplice(IReadOnlyList<PrimarySpliceRegion> regions, Func<int, ImageBuffer> donor, int width, int height, JpegCompression second)
    {
        Regions = regions;
        Second = second;
        Pasted = new ImageBuffer(width, height, PixelFormat.Rgb24);
        regionOf = new byte[width * height];
        for (int region = 0; region < regions.Count; region++)
        {
            PrimarySpliceRegion r = regions[region];
            ImageBuffer source = JpegRoundTrip.Apply(donor(region).View, JpegCompression.FromQuality(r.Quality, second.Subsampling));
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                {
                    if (!r.Holds((x + 0.5) / width, (y + 0.5) / height))
                        continue;
                    regionOf[y * width + x] = (byte)region;
                    source.Pixels.AsSpan((y + r.ShiftRow) * source.Stride + 3 * (x + r.ShiftColumn), 3)
                        .CopyTo(Pasted.Pixels.AsSpan(y * Pasted.Stride + 3 * x));
                }
            }
        }
        Picture = JpegRoundTrip.Apply(Pasted.View, second);
    }

    public IReadOnlyList<PrimarySpliceRegion> Regions { get; }

    public JpegCompression Second { get; }

    /// <summary>Before the last compression.</summary>
    public ImageBuffer Pasted { get; }

    /// <summary>What the file decodes to.</summary>
    public ImageBuffer Picture { get; }

    public PrimarySpliceRegion RegionAt(int x, int y) => Regions[RegionIndexAt(x, y)];

    public int RegionIndexAt(int x, int y) => regionOf[y * Picture.Width + x];

    /// <summary>What a perfect estimator would say, every window being of the region of its centre.</summary>
    public PrimaryQuantMap Truth()
    {
        WindowGrid grid = WindowGrid.Over(Picture.Width, Picture.Height, 8, 0, 0);
        var planes = new PrimaryMapPlanes(grid.Rows, grid.Columns, hasGridShifts: true, keepProbabilities: true);
        var pool = new PrimaryPool();
        for (int y = 0; y < grid.Rows; y++)
        {
            for (int x = 0; x < grid.Columns; x++)
            {
                PrimarySpliceRegion region = RegionAt(grid.Left(x) + WindowGrid.Side / 2, grid.Top(y) + WindowGrid.Side / 2);
                var probabilities = new float[PrimaryBlocks.Outputs];
                var shifts = new float[64];
                for (int i = 0; i < PrimaryBlocks.Count; i++)
                    probabilities[PrimaryBlocks.Offsets[i] + region.Steps[i] - 1] = 1;
                shifts[8 * region.ShiftRow + region.ShiftColumn] = 1;
                planes.Put(y * grid.Columns + x, true, probabilities, shifts, pool);
            }
        }
        return new PrimaryQuantMap(Picture.Width, Picture.Height, grid, Second.Luminance, "truth", planes, pool.ToEstimate());
    }

    /// <summary>What a map, which has to hold probabilities, says of a region.</summary>
    public PrimaryQuantEstimate Measure(PrimaryQuantMap map, int region)
    {
        var inside = new bool[map.Width * map.Height];
        for (int i = 0; i < inside.Length; i++)
        {
            (int left, int top) = map.WindowAt(i % map.Width, i / map.Width);
            inside[i] = RegionOfWindow(left, top) == region;
        }
        return map.Pool(inside);
    }

    /// <summary>The region that a window lies wholly in; -1 where there is none.</summary>
    public int RegionOfWindow(int left, int top)
    {
        int region = regionOf[top * Picture.Width + left];
        for (int y = 0; y < WindowGrid.Side; y++)
        {
            if (regionOf.AsSpan((top + y) * Picture.Width + left, WindowGrid.Side).ContainsAnyExcept((byte)region))
                return -1;
        }
        return region;
    }
}

/// <summary>
/// One region: first quality factor, rows and columns cut off after that compression, and an ellipse in shares of width and
/// height; no radius means the whole picture.
/// </summary>
sealed record PrimarySpliceRegion(
    string Name, int Quality, int ShiftRow, int ShiftColumn, double X = 0, double Y = 0, double RadiusX = 0, double RadiusY = 0)
{
    /// <summary>The first 15 steps, zig-zag.</summary>
    public int[] Steps { get; } = [.. QuantTable.StandardLuminance(Quality).ZigZagOrder().Take(PrimaryBlocks.Count).Select(step => (int)step)];

    /// <summary>Where the blocks of the first compression begin on the second grid, row * 8 + column.</summary>
    public int Phase => 8 * (-ShiftRow & 7) + (-ShiftColumn & 7);

    public bool Holds(double x, double y)
    {
        if (RadiusX == 0)
            return true;
        double dx = (x - X) / RadiusX, dy = (y - Y) / RadiusY;
        return dx * dx + dy * dy <= 1;
    }
}
