using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training;

// DctGates: of twelve DCT coefficients of an 8x8 block, how much likelier they are where a block of the first compression lies, by each of twelve
// strengths of that compression, than elsewhere in double-compressed pictures. Additive logistic regression:
//   log odds of class j = b[j] + sum over coefficients of f[j,k](|c[k]|),  f piecewise linear between seven knots, flat beyond the last
// thirteen classes, twelve equal ranges of the first quality factor and none of them; all blocks in phase with the first grid of a window, and twice as many others that count
// for 63/2 each. Fitted with Adam to windows of the training generator; the same for the same seed whatever the number of threads. Ours.

/// <summary>Fitted gates: for each class, by coefficient, a function of the coefficient's magnitude.</summary>
sealed class DctGates
{
    public const int Count = 12;
    public const int Knots = 7;
    const int Coefficients = DctFirstBlock.Coefficients;
    const int Classes = Count + 1;
    const int None = Count;
    const int Side = DoubleJpegGenerator.Side;
    const int Places = Side - 7;
    const int DefaultWindows = 4096;
    const int BatchWindows = 64;
    const int DefaultSteps = 1500;
    const int Phases = 64;
    const int OthersEach = 2;
    const double Rate = 0.03;
    const double BiasRate = 0.01;
    const double Momentum = 0.9, Decay = 0.999, Epsilon = 1e-8;
    const double MostThreshold = 1;

    static readonly double[] knots = [0, 1, 2.2, 3.5, 5, 7, 10];

    // [coefficient, knot, class], then the classes' biases.
    readonly double[] weights = new double[(Coefficients * Knots + 1) * Classes];

    /// <summary>Log odds of class j against none, its own frequency taken out, where all coefficients are 0.</summary>
    public double[] Offsets { get; } = new double[Count];

    /// <summary>What the first block passes on is how far the log odds are above this: their standard deviation over all blocks, at most 1.</summary>
    public double[] Thresholds { get; } = new double[Count];

    /// <summary>Root mean square of each coefficient over all blocks, at least 1 grey level.</summary>
    public double[] Sizes { get; } = [.. Enumerable.Repeat(1.0, Coefficients)];

    /// <summary>Magnitude from which the functions are flat.</summary>
    public double Cap => knots[^1];

    public double Knot(int t) => knots[t];

    /// <summary>By how much the slope of class j's function of a coefficient changes at a knot.</summary>
    public double Bend(int j, int coefficient, int t)
    {
        double slope = Slope(t);
        return t == 0 ? slope : slope - Slope(t - 1);

        double Slope(int at) => (Value(j, coefficient, at + 1) - Value(j, coefficient, at)) / (knots[at + 1] - knots[at]);
    }

    double Value(int j, int coefficient, int t) => weights[At(coefficient, t) + j] - weights[At(coefficient, t) + None];

    static int At(int coefficient, int knot) => (coefficient * Knots + knot) * Classes;

    /// <summary>Log odds of a block, as the first block of the network has them.</summary>
    public double LogOdds(int j, ReadOnlySpan<double> coefficients)
    {
        double sum = Offsets[j];
        for (int k = 0; k < Coefficients; k++)
            for (int t = 0; t < Knots - 1; t++)
                sum += Bend(j, k, t) * Math.Max(0, Math.Min(Math.Abs(coefficients[k]), Cap) - knots[t]);
        return sum;
    }

    /// <summary>Fits the gates to windows of a generator.</summary>
    /// <param name="generator">Windows; those that were compressed once are left out.</param>
    /// <param name="firstQuality">Range of the first quality factor, which the classes part.</param>
    /// <param name="seed">Of the blocks that are drawn.</param>
    /// <param name="threads">Most threads at a time; it does not change the result.</param>
    /// <param name="windows">Windows, rounded down to whole batches of 64.</param>
    /// <param name="steps">Updates, of 64 windows each.</param>
    public static DctGates Fit(DoubleJpegGenerator generator, ValueRange firstQuality, ulong seed, int threads, int windows = DefaultWindows, int steps = DefaultSteps)
    {
        List<Sample> samples = Draw(generator, firstQuality, windows, threads);
        var gates = new DctGates();
        if (samples.Count == 0)
            return gates;
        double prior = Math.Log((Phases - 1) * Count);
        double[] weights = gates.weights;
        int bias = Coefficients * Knots * Classes;
        weights.AsSpan(bias, Count).Fill(-prior);
        double[] gradient = new double[weights.Length], first = new double[weights.Length], second = new double[weights.Length];
        for (int step = 0; step < steps; step++)
        {
            Array.Clear(gradient);
            for (int i = 0; i < BatchWindows; i++)
            {
                int index = (int)(((long)step * BatchWindows + i) % samples.Count);
                gates.AddGradient(samples[index], new CounterRandom(seed, (ulong)step, (ulong)i), gradient);
            }
            double left = 1 - step / (double)steps;
            double root = Math.Sqrt(1 - Math.Pow(Decay, step + 1)), rest = 1 - Math.Pow(Momentum, step + 1);
            for (int n = 0; n < weights.Length; n++)
            {
                first[n] += (1 - Momentum) * (gradient[n] - first[n]);
                second[n] += (1 - Decay) * (gradient[n] * gradient[n] - second[n]);
                double rate = (n < bias ? Rate : BiasRate) * left * root / rest;
                weights[n] -= rate * first[n] / (Math.Sqrt(second[n]) + Epsilon);
            }
        }
        for (int j = 0; j < Count; j++)
        {
            gates.Offsets[j] = weights[bias + j] - weights[bias + None] + prior;
            for (int k = 0; k < Coefficients; k++)
                gates.Offsets[j] += gates.Value(j, k, 0);
        }
        gates.Measure(samples, seed);
        return gates;
    }

    // What a window adds to the gradient of the mean cross-entropy.
    void AddGradient(Sample sample, CounterRandom random, double[] gradient)
    {
        const double OtherWeight = (Phases - 1) / (double)OthersEach;
        Span<double> coefficients = stackalloc double[Coefficients], odds = stackalloc double[Classes];
        double size = 1.0 / (BatchWindows * Places * Places);
        for (int y = sample.Row; y < Places; y += 8)
            for (int x = sample.Column; x < Places; x += 8)
            {
                Add(sample.Luma, y, x, sample.Class, size, coefficients, odds, gradient);
                for (int i = 0; i < OthersEach; i++)
                {
                    int row = random.NextInt(Places), column = random.NextInt(Places);
                    if ((row - sample.Row) % 8 != 0 || (column - sample.Column) % 8 != 0)
                        Add(sample.Luma, row, column, None, size * OtherWeight, coefficients, odds, gradient);
                }
            }
    }

    void Add(byte[] luma, int row, int column, int truth, double weight, Span<double> coefficients, Span<double> odds, double[] gradient)
    {
        Transform(luma, row, column, coefficients);
        Span<int> below = stackalloc int[Coefficients];
        Span<double> beyond = stackalloc double[Coefficients];
        weights.AsSpan(Coefficients * Knots * Classes, Classes).CopyTo(odds);
        for (int k = 0; k < Coefficients; k++)
        {
            double magnitude = Math.Min(Math.Abs(coefficients[k]), Cap);
            int t = 0;
            while (t < Knots - 2 && magnitude > knots[t + 1])
                t++;
            below[k] = At(k, t);
            beyond[k] = (magnitude - knots[t]) / (knots[t + 1] - knots[t]);
            for (int j = 0; j < Classes; j++)
                odds[j] += (1 - beyond[k]) * weights[below[k] + j] + beyond[k] * weights[below[k] + Classes + j];
        }
        double most = odds[0], sum = 0;
        foreach (double z in odds)
            most = Math.Max(most, z);
        foreach (ref double z in odds)
            sum += z = Math.Exp(z - most);
        for (int j = 0; j < Classes; j++)
        {
            double d = weight * (odds[j] / sum - (j == truth ? 1 : 0));
            gradient[Coefficients * Knots * Classes + j] += d;
            for (int k = 0; k < Coefficients; k++)
            {
                gradient[below[k] + j] += d * (1 - beyond[k]);
                gradient[below[k] + Classes + j] += d * beyond[k];
            }
        }
    }

    void Measure(List<Sample> samples, ulong seed)
    {
        const int Each = 16;
        Span<double> coefficients = stackalloc double[Coefficients];
        double[] sums = new double[Count], squares = new double[Count], energies = new double[Coefficients];
        for (int i = 0; i < samples.Count; i++)
        {
            var random = new CounterRandom(seed, ulong.MaxValue, (ulong)i);
            for (int n = 0; n < Each; n++)
            {
                Transform(samples[i].Luma, random.NextInt(Places), random.NextInt(Places), coefficients);
                for (int k = 0; k < Coefficients; k++)
                    energies[k] += coefficients[k] * coefficients[k];
                for (int j = 0; j < Count; j++)
                {
                    double odds = LogOdds(j, coefficients);
                    sums[j] += odds;
                    squares[j] += odds * odds;
                }
            }
        }
        double all = (double)samples.Count * Each;
        for (int k = 0; k < Coefficients; k++)
            Sizes[k] = Math.Max(1, Math.Sqrt(energies[k] / all));
        for (int j = 0; j < Count; j++)
            Thresholds[j] = Math.Min(MostThreshold, Math.Sqrt(Math.Max(0, squares[j] / all - sums[j] / all * (sums[j] / all))));
    }

    /// <summary>The coefficients of the block at a place, in grey levels.</summary>
    internal static void Transform(ReadOnlySpan<byte> luma, int row, int column, Span<double> coefficients)
    {
        const int Frequencies = 4;
        Span<double> rows = stackalloc double[8 * Frequencies];
        for (int y = 0; y < 8; y++)
        {
            ReadOnlySpan<byte> pixels = luma.Slice((row + y) * Side + column, 8);
            for (int u = 0; u < Frequencies; u++)
            {
                double sum = 0;
                for (int x = 0; x < 8; x++)
                    sum += Cosines[u * 8 + x] * pixels[x];
                rows[y * Frequencies + u] = sum;
            }
        }
        for (int k = 0; k < Coefficients; k++)
        {
            (int v, int u) = DctFirstBlock.Frequencies[k];
            double sum = 0;
            for (int y = 0; y < 8; y++)
                sum += Cosines[v * 8 + y] * rows[y * Frequencies + u];
            coefficients[k] = sum;
        }
    }

    static readonly double[] Cosines = [.. Enumerable.Range(0, 32).Select(i => DctFirstBlock.Cosine(i / 8, i % 8))];

    static List<Sample> Draw(DoubleJpegGenerator generator, ValueRange firstQuality, int windows, int threads)
    {
        var samples = new List<Sample>();
        var batch = new PrimaryBatch(BatchWindows);
        int[] classes = new int[BatchWindows];
        for (int step = 0; step < windows / BatchWindows; step++)
        {
            Parallel.For(0, BatchWindows, new ParallelOptions { MaxDegreeOfParallelism = threads },
                i => classes[i] = ClassOf(generator.FillWindow(step, i, batch), firstQuality));
            for (int i = 0; i < BatchWindows; i++)
            {
                int phase = batch.Phases[i];
                if (phase < Phases)
                    samples.Add(new Sample(Luma(batch.Window(i)), phase / 8, phase % 8, classes[i]));
            }
        }
        return samples;
    }

    static byte[] Luma(ReadOnlySpan<byte> rgb)
    {
        byte[] luma = new byte[Side * Side];
        YccConversion.ToLuminance(rgb, PixelFormat.Rgb24, luma);
        return luma;
    }

    // By the quality whose standard table comes nearest.
    static int ClassOf(in WindowHistory history, ValueRange firstQuality)
    {
        double quality = history.First is { } first ? first.Luminance.NearestStandardLuminance().QualityFactor : 0;
        return Math.Clamp((int)(Count * (quality - firstQuality.From) / (firstQuality.To - firstQuality.From + 1)), 0, Count - 1);
    }

    // A window's luma and where its first grid begins.
    sealed record Sample(byte[] Luma, int Row, int Column, int Class);
}
