using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Training;

// ResampleTaps: for each of "count" output positions along one axis, which source positions it is a weighted sum of.
// Output i sits at source coordinate from + (i + 0.5) / scale; where the axis shrinks the kernel widens by 1 / scale.
// Positions beyond the picture repeat its edge; weights sum to 1.

sealed class ResampleTaps(int count)
{
    readonly int[] first = new int[count];
    readonly int[] length = new int[count];
    readonly int[] at = new int[count];
    float[] weights = [];

    /// <summary>How far a tap may lie from its output's position, in source pixels.</summary>
    public double Support { get; private set; }

    /// <summary>Most weights of an output.</summary>
    public int Most { get; private set; }

    public int First(int i) => first[i];

    /// <summary>Without zeros at the ends.</summary>
    public ReadOnlySpan<float> Weights(int i) => weights.AsSpan(at[i], length[i]);

    public void Set(double from, double scale, int sourceLength, ResampleKernel shape)
    {
        double widening = Math.Max(1, 1 / scale);
        double radius = shape switch { ResampleKernel.Box => 0.5, ResampleKernel.Triangle => 1, _ => 2 };
        Support = radius * widening + 1;
        Most = 2 * (int)Math.Ceiling(Support) + 2;
        if (weights.Length < count * Most)
            weights = new float[count * Most];
        for (int i = 0; i < count; i++)
        {
            double centre = from + (i + 0.5) / scale;
            int low = (int)Math.Floor(centre - Support);
            int high = (int)Math.Ceiling(centre + Support);
            int start = Math.Clamp(low, 0, sourceLength - 1);
            int end = Math.Clamp(high, 0, sourceLength - 1);
            Span<float> own = weights.AsSpan(i * Most, end - start + 1);
            own.Clear();
            double sum = 0;
            for (int source = low; source <= high; source++)
            {
                double weight = Value(shape, (source + 0.5 - centre) / widening);
                own[Math.Clamp(source, start, end) - start] += (float)weight;
                sum += weight;
            }
            foreach (ref float weight in own)
                weight = (float)(weight / sum);
            int used = own.Length, skipped = 0;
            while (used > 1 && own[used - 1] == 0)
                used--;
            while (skipped < used - 1 && own[skipped] == 0)
                skipped++;
            first[i] = start + skipped;
            at[i] = i * Most + skipped;
            length[i] = used - skipped;
        }
    }

    static double Value(ResampleKernel shape, double x)
    {
        x = Math.Abs(x);
        return shape switch
        {
            ResampleKernel.Box => x <= 0.5 ? 1 : 0,
            ResampleKernel.Triangle => Math.Max(0, 1 - x),
            _ => x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0,
        };
    }
}
