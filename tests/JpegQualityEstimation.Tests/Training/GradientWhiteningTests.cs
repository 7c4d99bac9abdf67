using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Training;
using Xunit;

namespace JpegQualityEstimation.Tests.Training;

// GradientWhitening against the same in doubles, with inverse roots from eigenvalues: its own are good to a hundredth.
public sealed class GradientWhiteningTests
{
    const float Ridge = 0.01f;

    [Theory]
    [InlineData(12, 5, 9)]
    [InlineData(12, 36, 9)]
    [InlineData(7, 21, 1)]
    [InlineData(3, 1, 4)]
    [InlineData(2, 17, 16)]
    public void Updates_follow_their_formula_in_double(int rows, int channels, int taps)
    {
        var matrix = new ParameterMatrix(0, rows, channels * taps, taps);
        var whitening = new GradientWhitening(matrix);
        float[] state = new float[GradientWhitening.StateLength(matrix)];
        double[,] ofTaps = new double[taps, taps], ofChannels = new double[channels, channels], tapRoot = new double[0, 0], channelRoot = new double[0, 0];
        for (int step = 0; step < 7; step++)
        {
            float[] gradient = Gradient(rows, channels, taps, step);
            double[] expected = [.. gradient.Select(value => (double)value)];
            int Tap(int k, int t) => k * taps + t;
            int Channel(int k, int c) => (k / taps * channels + c) * taps + k % taps;
            Accumulate(ofTaps, expected, rows * channels, Tap);
            Accumulate(ofChannels, expected, rows * taps, Channel);
            if (step is 0 or 4)
                (tapRoot, channelRoot) = (InverseRoot(ofTaps), InverseRoot(ofChannels));
            if (taps > 1)
                Multiply(expected, rows * channels, tapRoot, Tap);
            Multiply(expected, rows * taps, channelRoot, Channel);

            whitening.Apply(gradient, state, step, Ridge);

            double size = Math.Sqrt(expected.Sum(value => value * value) / expected.Length);
            for (int i = 0; i < gradient.Length; i++)
                Assert.Equal(expected[i], gradient[i], 0.05 * size);
        }
    }

    // What is the same at all taps and in all channels is nearly all of this gradient, and a small part of what is left of it.
    [Fact]
    public void What_all_taps_and_channels_share_is_taken_out()
    {
        var matrix = new ParameterMatrix(0, 12, 40 * 9, 9);
        var whitening = new GradientWhitening(matrix);
        float[] state = new float[GradientWhitening.StateLength(matrix)], gradient = [];
        for (int step = 0; step < 40; step++)
        {
            gradient = Gradient(12, 40, 9, step, shared: 5);
            if (step == 39)
                Assert.InRange(Shared(gradient), 0.9, 1);
            whitening.Apply(gradient, state, step, Ridge);
        }
        Assert.InRange(Shared(gradient), 0, 0.2);

        static double Shared(float[] values)
        {
            double shared = 0;
            for (int row = 0; row < 12; row++)
                shared += 360 * Math.Pow(values.AsSpan(row * 360, 360).ToArray().Average(), 2);
            return shared / values.Sum(value => (double)value * value);
        }
    }

    [Fact]
    public void Scale_does_not_matter_to_direction()
    {
        var matrix = new ParameterMatrix(0, 12, 24 * 9, 9);
        float[] one = Gradient(12, 24, 9, 1), other = [.. one.Select(value => value * 4096)];
        new GradientWhitening(matrix).Apply(one, new float[GradientWhitening.StateLength(matrix)], 0, Ridge);
        new GradientWhitening(matrix).Apply(other, new float[GradientWhitening.StateLength(matrix)], 0, Ridge);
        for (int i = 0; i < one.Length; i++)
            Assert.Equal(one[i], other[i] / 4096, 1e-5f * Math.Abs(one[i]) + 1e-9f);
    }

    [Fact]
    public void No_gradient_stays_none_and_the_next_one_is_whitened_when_its_turn_comes()
    {
        var matrix = new ParameterMatrix(0, 12, 20 * 9, 9);
        var whitening = new GradientWhitening(matrix);
        float[] state = new float[GradientWhitening.StateLength(matrix)], gradient = new float[matrix.Length];
        whitening.Apply(gradient, state, 0, Ridge);
        Assert.All(gradient, value => Assert.Equal(0, value));

        float[] untouched = Gradient(12, 20, 9, 1);
        gradient = [.. untouched];
        whitening.Apply(gradient, state, 1, Ridge);
        Assert.Equal(untouched, gradient);
        whitening.Apply(gradient, state, 4, Ridge);
        Assert.NotEqual(untouched, gradient);
        Assert.All(gradient, value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void One_worker_serves_all_matrices_of_a_shape()
    {
        var matrix = new ParameterMatrix(0, 12, 30 * 9, 9);
        int length = GradientWhitening.StateLength(matrix);
        float[] first = Gradient(12, 30, 9, 1), second = Gradient(12, 30, 9, 2), alone = [.. second];
        var shared = new GradientWhitening(matrix);
        shared.Apply(first, new float[length], 0, Ridge);
        shared.Apply(second, new float[length], 0, Ridge);
        new GradientWhitening(matrix).Apply(alone, new float[length], 0, Ridge);
        Assert.Equal(alone, second);
    }

    [Fact]
    public void Offsets_follow_one_another()
    {
        const int Filters = 2 * 48 * 48 + 2 * 9 * 16;
        Assert.Equal([0, Filters, Filters + 2 * 32 * 32], GradientWhitening.Offsets([new(3, 12, 36 * 9, 9), new(500, 20, 20)]));
    }

    // Noise on what is shared by all taps and channels, its sign another in each row.
    static float[] Gradient(int rows, int channels, int taps, int seed, float shared = 1)
    {
        var random = new Random(100 * seed + channels);
        float[] gradient = new float[rows * channels * taps];
        for (int row = 0; row < rows; row++)
        {
            float common = shared * (random.NextSingle() < 0.5f ? -1 : 1);
            for (int i = 0; i < channels * taps; i++)
                gradient[row * channels * taps + i] = common + random.NextSingle() - 0.5f;
        }
        return gradient;
    }

    // Vector k of as many has its value i at place(k, i).
    static void Accumulate(double[,] moments, double[] values, int vectors, Func<int, int, int> place)
    {
        int size = moments.GetLength(0);
        for (int i = 0; i < size; i++)
            for (int j = 0; j < size; j++)
            {
                moments[i, j] *= 0.99;
                for (int k = 0; k < vectors; k++)
                    moments[i, j] += values[place(k, i)] * values[place(k, j)];
            }
    }

    static void Multiply(double[] values, int vectors, double[,] root, Func<int, int, int> place)
    {
        int size = root.GetLength(0);
        for (int k = 0; k < vectors; k++)
        {
            double[] from = [.. Enumerable.Range(0, size).Select(i => values[place(k, i)])];
            for (int i = 0; i < size; i++)
                values[place(k, i)] = Enumerable.Range(0, size).Sum(j => root[i, j] * from[j]);
        }
    }

    // (moments / mean + ridge)^(-1/2) from its eigenvalues, which Jacobi's rotations find.
    static double[,] InverseRoot(double[,] moments)
    {
        int n = moments.GetLength(0);
        double mean = Enumerable.Range(0, n).Average(i => moments[i, i]);
        double[,] a = new double[n, n], vectors = new double[n, n], root = new double[n, n];
        for (int i = 0; i < n; i++)
        {
            vectors[i, i] = 1;
            for (int j = 0; j < n; j++)
                a[i, j] = moments[i, j] / mean + (i == j ? Ridge : 0);
        }
        for (int sweep = 0; sweep < 40; sweep++)
            for (int p = 0; p < n; p++)
                for (int q = p + 1; q < n; q++)
                {
                    if (Math.Abs(a[p, q]) < 1e-15)
                        continue;
                    (double sine, double cosine) = Math.SinCos(0.5 * Math.Atan2(2 * a[p, q], a[q, q] - a[p, p]));
                    for (int k = 0; k < n; k++)
                        (a[k, p], a[k, q]) = (cosine * a[k, p] - sine * a[k, q], sine * a[k, p] + cosine * a[k, q]);
                    for (int k = 0; k < n; k++)
                        (a[p, k], a[q, k]) = (cosine * a[p, k] - sine * a[q, k], sine * a[p, k] + cosine * a[q, k]);
                    for (int k = 0; k < n; k++)
                        (vectors[k, p], vectors[k, q]) = (cosine * vectors[k, p] - sine * vectors[k, q], sine * vectors[k, p] + cosine * vectors[k, q]);
                }
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
                for (int k = 0; k < n; k++)
                    root[i, j] += vectors[i, k] * vectors[j, k] / Math.Sqrt(a[k, k]);
        return root;
    }
}
