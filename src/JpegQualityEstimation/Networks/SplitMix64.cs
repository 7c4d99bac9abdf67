namespace JpegQualityEstimation.Networks;

// SplitMix64 (Steele, Lea, Flood 2014): the numbers that untrained networks start from, the same on every machine.
static class SplitMix64
{
    /// <summary>Uniform in [0, 1).</summary>
    public static double Uniform(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>Mean 0, variance 1: the sum of twelve uniforms less six, which rounds alike everywhere.</summary>
    public static double Normal(ref ulong state)
    {
        double sum = -6;
        for (int i = 0; i < 12; i++)
            sum += Uniform(ref state);
        return sum;
    }
}
