using JpegQualityEstimation.Training;
using Xunit;

namespace JpegQualityEstimation.Tests.Training;

public sealed class MuonOptimizerTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 5)]
    [InlineData(8, 8)]
    [InlineData(64, 576)]
    public void TheUpdateIsNearlyOrthogonalAndOfAdamsSize(int rows, int columns)
    {
        (float[] parameters, float[] gradient, float[] moment) = Case(rows, columns);
        new MuonOptimizer(rows, columns).Update(parameters, gradient, moment, 0, 0.5);

        // All singular values of the step, over its scale, lie where five of these iterations leave them.
        double scale = 0.5 * 0.2 * Math.Sqrt(columns);
        for (int i = 0; i < rows; i++)
        {
            double square = 0;
            for (int c = 0; c < columns; c++)
                square += Math.Pow(parameters[i * columns + c] / scale, 2);
            Assert.InRange(square, 0.15, 1.6);
        }
    }

    [Fact]
    public void TheUpdateFollowsItsFormulaInDouble()
    {
        const int Rows = 4, Columns = 6;
        (float[] parameters, float[] gradient, float[] moment) = Case(Rows, Columns);
        moment.AsSpan().Fill(0.25f);
        double[,] x = new double[Rows, Columns];
        double norm = 0;
        for (int i = 0; i < gradient.Length; i++)
        {
            double m = 0.25 * 0.9 + gradient[i];
            x[i / Columns, i % Columns] = gradient[i] + 0.9 * m;
            norm += Math.Pow(x[i / Columns, i % Columns], 2);
        }
        for (int i = 0; i < gradient.Length; i++)
            x[i / Columns, i % Columns] /= Math.Sqrt(norm);
        for (int step = 0; step < 5; step++)
        {
            double[,] s = Multiply(x, Transpose(x));
            double[,] ss = Multiply(s, s);
            double[,] p = new double[Rows, Rows];
            for (int i = 0; i < Rows; i++)
                for (int j = 0; j < Rows; j++)
                    p[i, j] = (i == j ? 3.4445 : 0) - 4.7750 * s[i, j] + 2.0315 * ss[i, j];
            x = Multiply(p, x);
        }

        new MuonOptimizer(Rows, Columns).Update(parameters, gradient, moment, 0.9f, 0.01);

        for (int i = 0; i < parameters.Length; i++)
        {
            Assert.Equal(-0.01 * 0.2 * Math.Sqrt(Columns) * x[i / Columns, i % Columns], parameters[i], 1e-6);
            Assert.Equal(0.25 * 0.9 + gradient[i], moment[i], 1e-6);
        }
    }

    [Fact]
    public void NoGradientIsNoUpdate()
    {
        float[] parameters = [1, 2, 3, 4];
        new MuonOptimizer(2, 2).Update(parameters, new float[4], new float[4], 0.9f, 1);
        Assert.Equal([1, 2, 3, 4], parameters);
    }

    static (float[] Parameters, float[] Gradient, float[] Moment) Case(int rows, int columns)
    {
        var random = new Random(rows);
        float[] gradient = new float[rows * columns];
        foreach (ref float g in gradient.AsSpan())
            g = random.NextSingle() - 0.5f;
        return (new float[rows * columns], gradient, new float[rows * columns]);
    }

    static double[,] Transpose(double[,] a)
    {
        double[,] t = new double[a.GetLength(1), a.GetLength(0)];
        for (int i = 0; i < a.GetLength(0); i++)
            for (int j = 0; j < a.GetLength(1); j++)
                t[j, i] = a[i, j];
        return t;
    }

    static double[,] Multiply(double[,] a, double[,] b)
    {
        double[,] product = new double[a.GetLength(0), b.GetLength(1)];
        for (int i = 0; i < a.GetLength(0); i++)
            for (int j = 0; j < b.GetLength(1); j++)
                for (int k = 0; k < a.GetLength(1); k++)
                    product[i, j] += a[i, k] * b[k, j];
        return product;
    }

    [Fact]
    public void A_tall_matrix_is_updated_as_its_transpose()
    {
        const int Height = 7, Width = 3;
        var random = new Random(5);
        float[] tall = [.. Enumerable.Range(0, Height * Width).Select(_ => random.NextSingle() - 0.5f)], gradient = [.. tall.Select(v => v * v - 0.1f)];
        float[] wide = Transposed(tall), wideGradient = Transposed(gradient), moment = new float[tall.Length], wideMoment = new float[tall.Length];
        MuonOptimizer one = new(Height, Width), other = new(Width, Height);
        // The norm is summed in the order of the elements, so it may differ in its last bits, and all after it.
        for (int step = 0; step < 3; step++)
        {
            one.Update(tall, gradient, moment, 0.9f, 0.01);
            other.Update(wide, wideGradient, wideMoment, 0.9f, 0.01);
        }
        Assert.All(Transposed(tall).Zip(wide), pair => Assert.Equal(pair.Second, pair.First, 1e-6));

        static float[] Transposed(float[] matrix) =>
            [.. Enumerable.Range(0, matrix.Length).Select(i => matrix[i % Height * Width + i / Height])];
    }
}
