using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Findings;

// NeverCompressedParts: windows whose middle was never JPEG by the quality map, where the rest of the picture was.
//   flag of a window   mean of the compression flag over the Side x Side pixels in its middle, weighted by reliability
//   never compressed   flag at most Never, in parts of enough windows that hang together; the others' mean at least Once
//   evidence           sum_w K log10((1 - flag) / flag) - log10(tests), K = (stride / Field)^2: the network sees 33x33 pixels
// Where nothing or everything is never compressed there are no parts.
sealed class NeverCompressedParts
{
    const int Side = 24, Step = 3, Field = 33;
    const double Never = 0.25, Once = 0.6, Least = 0.02;

    // Pixels of a part, at least: the flag of smooth pixels is unsure.
    const int LeastArea = 4096;

    public NeverCompressedParts(PrimaryQuantMap map, QualityMap quality, int leastWindows, double tests)
    {
        int count = map.Width * map.Height;
        var flags = new float[count];
        for (int i = 0; i < count; i++)
            flags[i] = (float)Flag(map, quality, i);
        int least = Math.Max(leastWindows, LeastArea / (map.Stride * map.Stride));
        var parts = new WindowComponents(map.Height, map.Width, i => flags[i] <= Never ? 0 : -1);
        Windows = new bool[count];
        Flags = flags;
        double weight = Math.Min(1, (double)map.Stride * map.Stride / (Field * Field)), others = 0;
        int known = 0;
        for (int i = 0; i < count; i++)
        {
            if (parts.Numbers[i] >= 0 && parts.Sizes[parts.Numbers[i]] >= least)
            {
                Windows[i] = true;
                Count++;
                double flag = Math.Max(Least, flags[i]);
                Evidence += weight * Math.Log10((1 - flag) / flag);
            }
            else if (!float.IsNaN(flags[i]))
            {
                others += flags[i];
                known++;
            }
        }
        Evidence -= tests;
        if (known < least || others < Once * known)
            Count = 0;
    }

    /// <summary>[h,w]: which windows they are, where <see cref="Count"/> is more than 0.</summary>
    public bool[] Windows { get; }

    /// <summary>[h,w]: flags, not a number where nothing is reliable.</summary>
    public float[] Flags { get; }

    public int Count { get; }

    /// <summary>log10 against "as compressed as the rest".</summary>
    public double Evidence { get; }

    static double Flag(PrimaryQuantMap map, QualityMap quality, int window)
    {
        var (left, top) = map.WindowAt(window % map.Width, window / map.Width);
        double sum = 0, weight = 0;
        for (int y = top + 32 - Side / 2; y < top + 32 + Side / 2; y += Step)
        {
            for (int x = left + 32 - Side / 2; x < left + 32 + Side / 2; x += Step)
            {
                double reliability = quality.Reliability[y * quality.Width + x];
                sum += reliability * quality.Compressed[y * quality.Width + x];
                weight += reliability;
            }
        }
        return weight > 0 ? sum / weight : double.NaN;
    }
}
