namespace JpegQualityEstimation.Training.Evaluation;

// RegionShape: where a donor lies. A field over the picture, cut at the level that leaves the wanted number of pixels
// inside:
//   star   distance from a centre over a contour of low frequencies, 1 + sum over k = 1..5 of a_k cos(k angle + phase)
//   blob   distance from a centre, plus a sum of waves of one to four periods over the picture
// Pixels that are taken already are left out. The same random numbers give the same shape.

static class RegionShape
{
    const int Harmonics = 5, Waves = 10, Tries = 16;

    /// <summary>Marks a shape.</summary>
    /// <param name="regionOf">[height,width]: 0 where free; what is inside becomes <paramref name="label"/>.</param>
    /// <param name="width">Of the picture.</param>
    /// <param name="height">Of the picture.</param>
    /// <param name="label">Above 0.</param>
    /// <param name="share">Of the picture's pixels, 0..1; no more than are free.</param>
    /// <param name="random">Drawn from.</param>
    public static void Mark(byte[] regionOf, int width, int height, byte label, double share, ref CounterRandom random)
    {
        (double x, double y) = Centre(regionOf, width, height, ref random);
        Func<double, double, double> field = random.NextBool(0.5) ? Star(x, y, ref random) : Blob(x, y, width, height, ref random);
        int[] free = [.. Enumerable.Range(0, regionOf.Length).Where(i => regionOf[i] == 0)];
        float[] values = Array.ConvertAll(free, i => (float)field(i % width, i / width));
        Array.Sort(values, free);
        foreach (int i in free.AsSpan(0, Math.Clamp((int)Math.Round(share * regionOf.Length), 1, free.Length)))
            regionOf[i] = label;
    }

    // Of several points the one farthest from what is taken, within the middle three quarters.
    static (double X, double Y) Centre(byte[] regionOf, int width, int height, ref CounterRandom random)
    {
        (double X, double Y) best = default;
        double most = -1;
        int[] taken = [.. Enumerable.Range(0, regionOf.Length).Where(i => regionOf[i] != 0 && i % 5 == 0)];
        for (int t = 0; t < Tries; t++)
        {
            double x = width * (0.125 + 0.75 * random.NextDouble()), y = height * (0.125 + 0.75 * random.NextDouble());
            double nearest = taken.Length == 0 ? 0 : taken.Min(i => (i % width - x) * (i % width - x) + (i / width - y) * (i / width - y));
            if (nearest > most)
                (best, most) = ((x, y), nearest);
        }
        return best;
    }

    static Func<double, double, double> Star(double cx, double cy, ref CounterRandom random)
    {
        var heights = new double[Harmonics];
        var phases = new double[Harmonics];
        for (int k = 0; k < Harmonics; k++)
            (heights[k], phases[k]) = (0.35 * random.NextDouble() / (1 + 0.5 * k), Math.Tau * random.NextDouble());
        return (x, y) =>
        {
            double angle = Math.Atan2(y - cy, x - cx), radius = 1;
            for (int k = 0; k < Harmonics; k++)
                radius += heights[k] * Math.Cos((k + 1) * angle + phases[k]);
            return Math.Sqrt((x - cx) * (x - cx) + (y - cy) * (y - cy)) / Math.Max(0.2, radius);
        };
    }

    static Func<double, double, double> Blob(double cx, double cy, int width, int height, ref CounterRandom random)
    {
        var waves = new (double X, double Y, double Phase, double Height)[Waves];
        double longest = Math.Max(width, height);
        for (int i = 0; i < Waves; i++)
        {
            double periods = 1 + 3 * random.NextDouble(), angle = Math.Tau * random.NextDouble();
            (double sin, double cos) = Math.SinCos(angle);
            waves[i] = (Math.Tau * periods * cos / longest, Math.Tau * periods * sin / longest, Math.Tau * random.NextDouble(), 0.06 / periods);
        }
        return (x, y) =>
        {
            double sum = Math.Sqrt((x - cx) * (x - cx) + (y - cy) * (y - cy)) / longest;
            foreach ((double wx, double wy, double phase, double amplitude) in waves)
                sum += amplitude * Math.Sin(wx * x + wy * y + phase);
            return sum;
        };
    }
}
