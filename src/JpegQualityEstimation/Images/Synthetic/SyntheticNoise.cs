namespace JpegQualityEstimation.Images;

// SyntheticNoise: [h,w] noise of about -1..1 whose spectrum falls like 1/f: octaves of value noise, each with
// half the amplitude of the next coarser one. A lattice value is a hash of its place, blended by 3t^2 - 2t^3.

static class SyntheticNoise
{
    public static float[] Create(int width, int height, ulong seed)
    {
        float[] noise = new float[checked(width * height)];
        int largest = 2;
        while (largest < 128 && largest < Math.Max(width, height))
            largest *= 2;
        double amplitude = 0.5;
        for (int cell = largest; cell >= 1; cell /= 2, amplitude /= 2)
            AddOctave(noise, width, height, cell, amplitude, SyntheticRandom.Mix(seed + (ulong)cell));
        return noise;
    }

    static void AddOctave(float[] noise, int width, int height, int cell, double amplitude, ulong seed)
    {
        int columns = width / cell + 2;
        double[] upper = new double[columns];
        double[] lower = new double[columns];
        for (int y = 0; y < height; y++)
        {
            if (y % cell == 0)
            {
                Lattice(upper, y / cell, seed);
                Lattice(lower, y / cell + 1, seed);
            }
            double v = Smooth((double)(y % cell) / cell);
            for (int x = 0; x < width; x++)
            {
                int i = x / cell;
                double u = Smooth((double)(x % cell) / cell);
                double above = upper[i] + (upper[i + 1] - upper[i]) * u;
                double below = lower[i] + (lower[i + 1] - lower[i]) * u;
                noise[y * width + x] += (float)(amplitude * (above + (below - above) * v));
            }
        }
    }

    static void Lattice(double[] row, int y, ulong seed)
    {
        for (int i = 0; i < row.Length; i++)
            row[i] = new SyntheticRandom(seed ^ (ulong)y << 32 ^ (ulong)i).Next(-1, 1);
    }

    static double Smooth(double t) => t * t * (3 - 2 * t);
}
