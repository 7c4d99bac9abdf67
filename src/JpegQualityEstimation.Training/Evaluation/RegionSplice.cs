using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Training.Evaluation;

// RegionSplice: a picture of several sources of known first compression and grid, saved as JPEG once more.
//   source s -> first compression -> rows and columns cut off -> pasted where region s is -> last compression
// Source 0 is the ground and stays the largest. Everything is of (pictures, scenario, number, seed).
//   size     the smallest of the pictures in use less 8 (room for the shift), at most 1024x768; cut out anywhere
//   shares   of a donor 2..5, 5..15 or 15..40 % of the picture, even in the logarithm; the bands take turns

sealed class RegionSplice
{
    /// <summary>Bands of a donor's share of the picture.</summary>
    public static readonly ValueRange[] Bands = [new(0.02, 0.05), new(0.05, 0.15), new(0.15, 0.40)];

    /// <summary>Shortest side of a picture that splices are made of.</summary>
    public const int LeastSide = 128 + Room;

    const ulong Stream = 0x524547494F4E;
    const int Room = 8, MostWidth = 1024, MostHeight = 768;

    // Pictures smaller than the ground by more than this are no donors while there are others.
    const double LeastRatio = 0.9;

    readonly byte[] regionOf;

    RegionSplice(RegionScenario scenario, IReadOnlyList<RegionTruth> sources, byte[] regionOf, JpegCompression last, ImageBuffer pasted)
    {
        Scenario = scenario;
        Sources = sources;
        Last = last;
        Pasted = pasted;
        Picture = JpegRoundTrip.Apply(pasted.View, last);
        this.regionOf = regionOf;
    }

    public RegionScenario Scenario { get; }

    /// <summary>The ground, then the donors.</summary>
    public IReadOnlyList<RegionTruth> Sources { get; }

    public JpegCompression Last { get; }

    /// <summary>Before the last compression.</summary>
    public ImageBuffer Pasted { get; }

    /// <summary>What the file decodes to, RGB.</summary>
    public ImageBuffer Picture { get; }

    /// <summary>[height,width]: index into <see cref="Sources"/>.</summary>
    public ReadOnlySpan<byte> RegionOf => regionOf;

    /// <summary>Makes a picture.</summary>
    /// <param name="pictures">Never compressed, RGB, at least <see cref="LeastSide"/> both ways.</param>
    /// <param name="scenario">What it goes through.</param>
    /// <param name="number">Which picture of the scenario.</param>
    /// <param name="seed">Where all else comes from.</param>
    /// <param name="subsampling">Of all compressions.</param>
    public static RegionSplice Create(
        IReadOnlyList<ImageBuffer> pictures, RegionScenario scenario, int number, ulong seed, ChromaSubsampling subsampling = ChromaSubsampling.Samp420)
    {
        var random = new CounterRandom(seed, Stream ^ Hash(scenario.Name), (ulong)number);
        ImageBuffer[] chosen = Choose(pictures, scenario.Donors.Count + 1, ref random);
        int width = Math.Min(MostWidth, chosen.Min(picture => picture.Width) - Room), height = Math.Min(MostHeight, chosen.Min(picture => picture.Height) - Room);
        byte[] regionOf = new byte[width * height];
        double[] shares = Shares(scenario.Donors.Count, number, ref random);
        var sources = new RegionTruth[chosen.Length];
        var pasted = new ImageBuffer(width, height, PixelFormat.Rgb24);
        for (int s = 0; s < chosen.Length; s++)
        {
            bool shifted = scenario.Grids == RegionGrids.Shifted || scenario.Grids == RegionGrids.Mixed && s > 0;
            int shift = 1 + random.NextInt(63), left = random.NextInt(chosen[s].Width - width - Room + 1), top = random.NextInt(chosen[s].Height - height - Room + 1);
            int quality = s == 0 ? scenario.Ground : scenario.Donors[s - 1];
            sources[s] = new RegionTruth(quality, shifted ? shift / 8 : 0, shifted ? shift % 8 : 0);
            if (s > 0)
                RegionShape.Mark(regionOf, width, height, (byte)s, shares[s - 1], ref random);
            Paste(chosen[s].View.Crop(left, top, width + Room, height + Room), sources[s], subsampling, regionOf, (byte)s, pasted);
        }
        return new RegionSplice(scenario, sources, regionOf, JpegCompression.FromQuality(scenario.Last, subsampling), pasted);
    }

    /// <summary>Share of a source of the picture.</summary>
    public double Share(int source) => (double)regionOf.AsSpan().Count((byte)source) / regionOf.Length;

    static ImageBuffer[] Choose(IReadOnlyList<ImageBuffer> pictures, int count, ref CounterRandom random)
    {
        int first = random.NextInt(pictures.Count);
        ImageBuffer ground = pictures[first];
        ImageBuffer[] others = [.. pictures.Where((picture, i) => i != first && picture.Width >= LeastRatio * ground.Width && picture.Height >= LeastRatio * ground.Height)];
        if (others.Length < count - 1)
            others = [.. pictures.Where((_, i) => i != first || pictures.Count < count)];
        int next = random.NextInt(Math.Max(1, others.Length));
        int step = others.Length > 2 ? 1 + random.NextInt(others.Length - 1) : 1;
        return [ground, .. Enumerable.Range(0, count - 1).Select(i => others[(next + i * step) % others.Length])];
    }

    // The ground keeps more than any donor.
    static double[] Shares(int donors, int number, ref CounterRandom random)
    {
        var shares = new double[donors];
        for (int d = 0; d < donors; d++)
        {
            double share = random.NextLogIn(Bands[(number + d) % Bands.Length]), other = d == 0 ? 0 : shares[0];
            shares[d] = Math.Min(share, 0.9 * Math.Min(1 - 2 * other, (1 - other) / 2));
        }
        return shares;
    }

    static void Paste(PixelView original, RegionTruth source, ChromaSubsampling subsampling, byte[] regionOf, byte label, ImageBuffer pasted)
    {
        ImageBuffer compressed = source.Quality > 0 ? JpegRoundTrip.Apply(original, JpegCompression.FromQuality(source.Quality, subsampling)) : Copy(original);
        PixelView view = compressed.View.Crop(source.ShiftColumn, source.ShiftRow, pasted.Width, pasted.Height);
        for (int y = 0; y < pasted.Height; y++)
            for (int x = 0; x < pasted.Width; x++)
                if (regionOf[y * pasted.Width + x] == label)
                    view.Row(y).Slice(3 * x, 3).CopyTo(pasted.Pixels.AsSpan(y * pasted.Stride + 3 * x));
    }

    static ImageBuffer Copy(PixelView view)
    {
        var copy = new ImageBuffer(view.Width, view.Height, PixelFormat.Rgb24);
        for (int y = 0; y < view.Height; y++)
            view.Row(y).CopyTo(copy.Target.Row(y));
        return copy;
    }

    // FNV-1a, so that a scenario's pictures do not depend on which others there are.
    static ulong Hash(string name)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (char letter in name)
            hash = (hash ^ letter) * 0x100000001B3;
        return hash;
    }
}

/// <summary>What is true of a source: first quality factor, 0 without a first compression; rows and columns cut off after it.</summary>
sealed record RegionTruth(int Quality, int ShiftRow, int ShiftColumn)
{
    /// <summary>The first 15 steps, zig-zag; 1 without a first compression.</summary>
    public IReadOnlyList<int> Steps { get; } = Quality == 0
        ? [.. Enumerable.Repeat(1, PrimarySums.Steps)]
        : [.. QuantTable.StandardLuminance(Quality).ZigZagOrder().Take(PrimarySums.Steps).Select(step => (int)step)];

    public bool IsAligned => ShiftRow == 0 && ShiftColumn == 0;
}
