namespace JpegQualityEstimation.Images;

// SyntheticRandom: SplitMix64 (G. L. Steele, D. Lea, C. H. Flood, OOPSLA 2014), integers only until the last step.

struct SyntheticRandom(ulong seed)
{
    ulong _state = seed;

    public ulong NextBits()
    {
        _state += 0x9E3779B97F4A7C15;
        return Mix(_state);
    }

    /// <summary>0 inclusive to 1 exclusive.</summary>
    public double Next() => (NextBits() >> 11) * (1.0 / (1L << 53));

    public double Next(double low, double high) => low + (high - low) * Next();

    /// <summary>0..<paramref name="count"/>-1.</summary>
    public int Next(int count) => (int)Math.BigMul(NextBits(), (ulong)count, out _);

    /// <summary>Nearly normal, mean 0, deviation 1: twelve uniform numbers of 16 bits added.</summary>
    public double NextNormal()
    {
        long sum = 0;
        for (int i = 0; i < 3; i++)
        {
            ulong bits = NextBits();
            sum += (long)((bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48));
        }
        return sum / 65536.0 - 6;
    }

    public static ulong Mix(ulong z)
    {
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }
}
