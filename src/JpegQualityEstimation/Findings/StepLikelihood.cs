using System.Runtime.CompilerServices;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

namespace JpegQualityEstimation.Findings;

// StepLikelihood: how probable is the histogram of a coefficient after one step, and after two on one grid?
//   one step q     x = q m + n, n the rounding noise of 64 samples, variance 1/12 (CombTest)
//   q1, then q2    x = q2 j + n, j = round((q1 m + n1) / q2), n1 the rounding noise after the first decompression
// A value counts by factors, so that a pair of steps costs no more than its multiples of q2:
//   P(m)            m the multiple of q1 nearest to q2 j, j the multiple of q2 nearest to x; StepMultiples
//   share of j      of those that q1 m becomes; StepShares
//   density of x    around q2 j: normal, its tails folded back; StepNoise
// A last step of 1 moves values to neighbours that the noise reaches, too: there m is the multiple nearest to x, and the
// density, the same around all of them, is that of n and of the share that is moved.
// Strays, of another noise, have a density, the same for all steps, below which none falls: a pair that moves nothing explains as
// well as its first step does, and no better. Parts with another history have the likeliest of some shares of the values, with a
// density that is the same within a step.
// All as natural logarithms; steps 1..255, magnitudes below 128. Not thread-safe.
sealed class StepLikelihood
{
    public const int Range = 128;

    const int PerUnit = PhaseTables.CodesPerUnit;

    readonly int[] codes, counts;
    readonly Lattice?[] lattices = new Lattice[256];

    /// <param name="histogram">Of codes 8 |x|.</param>
    public StepLikelihood(ReadOnlySpan<int> histogram)
    {
        ReadOnlySpan<int> known = histogram[..Math.Min(histogram.Length, Range * PerUnit)];
        int values = known.Length - known.Count(0), i = 0;
        (codes, counts) = (new int[values], new int[values]);
        for (int c = 0; c < known.Length; c++)
            if (known[c] > 0)
                (codes[i], counts[i++]) = (c, known[c]);
    }

    /// <summary>After one compression.</summary>
    public double After(int step)
    {
        Lattice lattice = At(step);
        return lattice.NoiseSum + lattice.Multiples.Sum;
    }

    /// <summary>After two on one grid; the first leaves no trace where its step is not the larger one.</summary>
    /// <param name="first">Step of the first.</param>
    /// <param name="last">Step of the last.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double After(int first, int last)
    {
        if (first <= last)
            return After(last);
        StepMultiples multiples = At(first).Multiples;
        if (last == 1)
            return At(first).NoiseSumBeforeOne + multiples.Sum;
        Lattice lattice = At(last);
        StepShares shares = StepShares.Of(first, last);
        ReadOnlySpan<float> share = shares.Logarithms;
        ReadOnlySpan<byte> nearest = shares.Nearest;
        ReadOnlySpan<int> points = lattice.Points;
        ReadOnlySpan<double> noise = lattice.Noise;
        double sum = 0, stray = StepNoise.Stray;
        for (int j = 0; j < points.Length; j++)
            if (points[j] > 0)
                sum += Math.Max(noise[j] + points[j] * (double)share[j], points[j] * stray) + points[j] * multiples.Of(nearest[j]);
        return sum;
    }

    /// <summary>After one compression, with parts of another history: of no such and some shares of them the likeliest.</summary>
    public double AfterWithParts(int step)
    {
        Lattice lattice = At(step);
        double best = lattice.NoiseSum;
        foreach (float[] density in StepNoise.Of(step).DensityWithParts)
        {
            double sum = 0;
            for (int i = 0; i < density.Length; i++)
                sum += lattice.Distances[i] * (double)density[i];
            best = Math.Max(best, sum);
        }
        return best + lattice.Multiples.Sum;
    }

    /// <summary>The same after two on one grid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double AfterWithParts(int first, int last)
    {
        if (first <= last)
            return AfterWithParts(last);
        StepShares? shares = last == 1 ? null : StepShares.Of(first, last);
        StepMultiples multiples = At(first).Multiples;
        ReadOnlySpan<float> density = shares is null ? StepNoise.Of(first).DensityBeforeOne : StepNoise.Of(last).Density;
        ReadOnlySpan<double> parts = StepNoise.Shares;
        int period = PerUnit * (shares is null ? first : last);
        double elsewhere = StepNoise.Of(first).Elsewhere, sumOfMultiples = 0;
        Span<double> sums = stackalloc double[parts.Length + 1];
        sums.Clear();
        for (int i = 0; i < codes.Length; i++)
        {
            int point = (codes[i] + period / 2) / period;
            double value = density[Math.Min(Math.Abs(codes[i] - point * period), StepNoise.Tail)];
            if (shares is not null)
                value = Math.Max(value + shares.Logarithms[point], StepNoise.Stray);
            sumOfMultiples += counts[i] * multiples.Of(shares is null ? point : shares.Nearest[point]);
            sums[^1] += counts[i] * value;
            value = Math.Exp(value);
            for (int s = 0; s < parts.Length; s++)
                sums[s] += counts[i] * Math.Log((1 - parts[s]) * value + parts[s] * elsewhere);
        }
        double best = sums[^1];
        foreach (double sum in sums)
            best = Math.Max(best, sum);
        return best + sumOfMultiples;
    }

    /// <summary>Values beyond the reach of 0 that two steps leave to chance, and all of them.</summary>
    /// <param name="first">At least last.</param>
    /// <param name="last">At least 1.</param>
    public (int Strays, int Values) Left(int first, int last)
    {
        bool isOne = last == 1 && first > 1;
        int step = isOne ? first : last, period = PerUnit * step, strays = 0, values = 0;
        var tables = StepNoise.Of(step);
        ReadOnlySpan<float> density = isOne ? tables.DensityBeforeOne : tables.Density;
        ReadOnlySpan<float> share = first > last && !isOne ? StepShares.Of(first, last).Logarithms : default;
        for (int i = 0; i < codes.Length; i++)
        {
            if (codes[i] < StepNoise.Beyond)
                continue;
            int point = (codes[i] + period / 2) / period, distance = Math.Min(Math.Abs(codes[i] - point * period), StepNoise.Tail);
            double value = density[distance] + (share.IsEmpty ? 0 : share[point]);
            values += counts[i];
            strays += value < StepNoise.Stray + StepNoise.Doubt ? counts[i] : 0;
        }
        return (strays, values);
    }

    Lattice At(int step) => lattices[step] ??= Make(step);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    Lattice Make(int step)
    {
        int period = PerUnit * step, centre = 0, point = 0;
        var points = new int[codes.Length == 0 ? 0 : (codes[^1] + period / 2) / period + 1];
        var noise = new double[points.Length];
        var distances = new int[StepNoise.Tail + 1];
        double sum = 0, sumBeforeOne = 0;
        var tables = StepNoise.Of(step);
        ReadOnlySpan<float> density = tables.Density, densityBeforeOne = tables.DensityBeforeOne;
        for (int i = 0; i < codes.Length; i++)
        {
            while (codes[i] >= centre + period / 2)
            {
                centre += period;
                point++;
            }
            int distance = Math.Min(Math.Abs(codes[i] - centre), StepNoise.Tail);
            double value = counts[i] * (double)density[distance];
            points[point] += counts[i];
            distances[distance] += counts[i];
            noise[point] += value;
            sum += value;
            sumBeforeOne += counts[i] * (double)densityBeforeOne[distance];
        }
        return new Lattice(points, distances, new StepMultiples(points), noise, sum, sumBeforeOne);
    }

    /// <summary>The values as multiples of a step.</summary>
    /// <param name="Points">Values at each multiple, from 0 on.</param>
    /// <param name="Distances">Values by distance from them, those beyond StepNoise.Tail together.</param>
    /// <param name="Multiples">What the multiples count.</param>
    /// <param name="Noise">What the values at each multiple count, given it.</param>
    /// <param name="NoiseSum">What all do.</param>
    /// <param name="NoiseSumBeforeOne">The same before a last step of 1.</param>
    sealed record Lattice(int[] Points, int[] Distances, StepMultiples Multiples, double[] Noise, double NoiseSum, double NoiseSumBeforeOne);
}
