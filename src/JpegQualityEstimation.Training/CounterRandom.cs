using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace JpegQualityEstimation.Training;

// CounterRandom: the random numbers of one patch, from (seed, step, patch index) alone. What another patch drew, which
// thread made it and whether the run was resumed cannot change them.
// SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators"), its start mixed from the three.

struct CounterRandom
{
    const ulong Golden = 0x9E3779B97F4A7C15;

    ulong state;

    public CounterRandom(ulong seed, ulong stream, ulong index)
    {
        state = Mix(Mix(Mix(seed + Golden) ^ (stream + 0xD1B54A32D192ED03)) ^ (index + 0x8CB92BA72F3D8DD7));
    }

    /// <summary>All there is: the next number is Mix(State + golden ratio).</summary>
    public readonly ulong State => state;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong NextUInt64()
    {
        state += Golden;
        return Mix(state);
    }

    /// <summary>Leaves out so many numbers.</summary>
    public void Skip(long count) => state += Golden * (ulong)count;

    /// <summary>0 (included) to 1 (excluded), 53 bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1ul << 53));

    /// <summary>0 .. count-1; the bias is below count / 2^64.</summary>
    public int NextInt(int count) => (int)Math.BigMul(NextUInt64(), (ulong)count, out _);

    public bool NextBool(double probability) => NextDouble() < probability;

    public double NextIn(ValueRange range) => range.From + (range.To - range.From) * NextDouble();

    /// <summary>Even in the logarithm; the range must be above 0.</summary>
    public double NextLogIn(ValueRange range) => Math.Exp(NextIn(new ValueRange(Math.Log(range.From), Math.Log(range.To))));

    /// <summary>Mean 0, variance 1: the sum of four uniforms, which needs no library function and is the same everywhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float NextNormal()
    {
        ulong bits = NextUInt64();
        int sum = (int)(bits & 0xFFFF) + (int)((bits >> 16) & 0xFFFF) + (int)((bits >> 32) & 0xFFFF) + (int)(bits >> 48);
        return (sum - 2 * 65535) * (1f / 37837.227f);
    }

    /// <summary>As many of <see cref="NextNormal"/>, in their order.</summary>
    public void FillNormal(Span<float> values)
    {
        int i = 0;
        if (Avx512DQ.IsSupported && Vector512.IsHardwareAccelerated)
        {
            Vector512<ulong> states = Vector512.Create(state) + Vector512.Create(1ul, 2, 3, 4, 5, 6, 7, 8) * Golden;
            for (; i <= values.Length - 8; i += 8, states += Vector512.Create(unchecked(8 * Golden)))
            {
                Vector512<ulong> z = states;
                z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9;
                z = (z ^ (z >>> 27)) * 0x94D049BB133111EB;
                z ^= z >>> 31;
                Vector512<ulong> part = Vector512.Create(0xFFFFul);
                Vector256<int> sum = Avx512F.ConvertToVector256Int32((z & part) + ((z >>> 16) & part) + ((z >>> 32) & part) + (z >>> 48));
                (Vector256.ConvertToSingle(sum - Vector256.Create(2 * 65535)) * Vector256.Create(1f / 37837.227f)).CopyTo(values[i..]);
            }
            Skip(i);
        }
        for (; i < values.Length; i++)
            values[i] = NextNormal();
    }

    /// <summary>Goes on where another one stood.</summary>
    public static CounterRandom At(ulong state) => new() { state = state };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
