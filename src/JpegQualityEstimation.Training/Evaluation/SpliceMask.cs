namespace JpegQualityEstimation.Training.Evaluation;

// SpliceMask: where the foreign region of a synthetic splice lies. A random smooth field (distance from the centre of a
// turned ellipse, or of a star-shaped polygon, or a sum of waves), cut at the level that leaves exactly the wanted
// share of pixels inside. The same random numbers give the same mask.

static class SpliceMask
{
    /// <summary>True inside, [height, width]; between <paramref name="from"/> and <paramref name="to"/> of the area.</summary>
    public static bool[] Create(int width, int height, double from, double to, ref CounterRandom random)
    {
        float[] field = random.NextInt(3) switch
        {
            0 => Ellipse(width, height, ref random),
            1 => Polygon(width, height, ref random),
            _ => Waves(width, height, ref random),
        };
        double share = random.NextIn(new ValueRange(from, to));
        float[] sorted = (float[])field.Clone();
        Array.Sort(sorted);
        float level = sorted[Math.Clamp((int)(share * sorted.Length), 1, sorted.Length - 1)];
        return Array.ConvertAll(field, value => value < level);
    }

    static float[] Ellipse(int width, int height, ref CounterRandom random)
    {
        (double cx, double cy) = Centre(width, height, ref random);
        (double sin, double cos) = Math.SinCos(Math.PI * random.NextDouble());
        double ratio = 0.5 + 0.5 * random.NextDouble();
        return Field(width, height, (x, y) =>
        {
            double u = (x - cx) * cos + (y - cy) * sin, v = (y - cy) * cos - (x - cx) * sin;
            return Math.Sqrt(u * u + v * v / (ratio * ratio));
        });
    }

    static float[] Polygon(int width, int height, ref CounterRandom random)
    {
        (double cx, double cy) = Centre(width, height, ref random);
        var radii = new double[5 + random.NextInt(5)];
        foreach (ref double radius in radii.AsSpan())
            radius = 0.5 + random.NextDouble();
        return Field(width, height, (x, y) =>
        {
            double turn = (Math.Atan2(y - cy, x - cx) / Math.Tau + 1) % 1 * radii.Length;
            int corner = Math.Min((int)turn, radii.Length - 1);
            double radius = double.Lerp(radii[corner], radii[(corner + 1) % radii.Length], turn - corner);
            return Math.Sqrt((x - cx) * (x - cx) + (y - cy) * (y - cy)) / radius;
        });
    }

    static float[] Waves(int width, int height, ref CounterRandom random)
    {
        const int Count = 12;
        var waves = new (double X, double Y, double Phase, double Height)[Count];
        double longest = Math.Max(width, height);
        for (int i = 0; i < Count; i++)
        {
            // One to four periods over the picture, higher ones flatter.
            double periods = 1 + 3 * random.NextDouble(), angle = Math.Tau * random.NextDouble();
            double frequency = Math.Tau * periods / longest;
            waves[i] = (frequency * Math.Cos(angle), frequency * Math.Sin(angle), Math.Tau * random.NextDouble(), 1 / periods);
        }
        return Field(width, height, (x, y) => waves.Sum(wave => wave.Height * Math.Sin(wave.X * x + wave.Y * y + wave.Phase)));
    }

    static (double X, double Y) Centre(int width, int height, ref CounterRandom random) =>
        (width * (0.25 + 0.5 * random.NextDouble()), height * (0.25 + 0.5 * random.NextDouble()));

    static float[] Field(int width, int height, Func<double, double, double> value)
    {
        var field = new float[width * height];
        for (int i = 0; i < field.Length; i++)
            field[i] = (float)value(i % width, i / width);
        return field;
    }
}
