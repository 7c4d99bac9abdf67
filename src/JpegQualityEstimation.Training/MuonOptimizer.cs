using System.Numerics;

namespace JpegQualityEstimation.Training;

// Muon (Jordan et al. 2024): momentum whose update is made orthogonal, for one weight matrix [height, width]. The work is
// done on the matrix [rows, columns], rows not more than columns: its transpose where it is taller than wide.
//   m = momentum m + g;  u = g + momentum m (Nesterov);  o = orthogonal(u), all singular values near 1
//   p -= rate * 0.2 sqrt(columns) * o     (root mean square of the update: about 0.2 rate, as Adam's is)
// orthogonal: five steps of x <- a x + (b s + c s s) x with s = x xt, coefficients 3.4445, -4.7750, 2.0315, from
// x = u / |u|. Sums run in a fixed order: the same bits whatever the thread count.
sealed class MuonOptimizer(int height, int width)
{
    const int Iterations = 5;
    const float A = 3.4445f;
    const float B = -4.7750f;
    const float C = 2.0315f;

    readonly int rows = Math.Min(height, width);
    readonly int columns = Math.Max(height, width);
    readonly float[] x = new float[height * width];
    readonly float[] next = new float[height * width];
    readonly float[] gram = new float[Math.Min(height, width) * Math.Min(height, width)];
    readonly float[] polynomial = new float[Math.Min(height, width) * Math.Min(height, width)];

    public void Update(Span<float> parameters, ReadOnlySpan<float> gradient, Span<float> moment, float momentum, double rate)
    {
        double square = 0;
        for (int i = 0; i < x.Length; i++)
        {
            moment[i] = moment[i] * momentum + gradient[i];
            x[i] = gradient[i] + momentum * moment[i];
            square += (double)x[i] * x[i];
        }
        if (square == 0)
            return;
        if (height > width)
            Transpose(height, width);
        float scale = (float)(1 / Math.Sqrt(square));
        for (int i = 0; i < x.Length; i++)
            x[i] *= scale;
        for (int step = 0; step < Iterations; step++)
            Orthogonalize();
        if (height > width)
            Transpose(width, height);
        float size = (float)(rate * 0.2 * Math.Sqrt(columns));
        for (int i = 0; i < x.Length; i++)
            parameters[i] -= size * x[i];
    }

    // x [from, to] becomes x [to, from].
    void Transpose(int from, int to)
    {
        for (int i = 0; i < from; i++)
            for (int j = 0; j < to; j++)
                next[j * from + i] = x[i * to + j];
        next.CopyTo(x, 0);
    }

    void Orthogonalize()
    {
        for (int i = 0; i < rows; i++)
            for (int j = 0; j <= i; j++)
                gram[i * rows + j] = gram[j * rows + i] = Dot(x.AsSpan(i * columns, columns), x.AsSpan(j * columns, columns));
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < rows; j++)
                polynomial[i * rows + j] = (i == j ? A : 0) + B * gram[i * rows + j]
                    + C * Dot(gram.AsSpan(i * rows, rows), gram.AsSpan(j * rows, rows));
        Array.Clear(next);
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < rows; j++)
                AddScaled(next.AsSpan(i * columns, columns), x.AsSpan(j * columns, columns), polynomial[i * rows + j]);
        next.CopyTo(x, 0);
    }

    // Eight lanes whatever the machine's width, so that the order of the sum is the same everywhere.
    static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = System.Runtime.Intrinsics.Vector256<float>.Zero;
        int i = 0;
        for (; i <= a.Length - 8; i += 8)
            sum += System.Runtime.Intrinsics.Vector256.Create(a.Slice(i, 8)) * System.Runtime.Intrinsics.Vector256.Create(b.Slice(i, 8));
        float total = System.Runtime.Intrinsics.Vector256.Sum(sum);
        for (; i < a.Length; i++)
            total += a[i] * b[i];
        return total;
    }

    static void AddScaled(Span<float> to, ReadOnlySpan<float> from, float factor)
    {
        int i = 0;
        for (; i <= to.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(to[i..]) + new Vector<float>(from[i..]) * factor).CopyTo(to[i..]);
        for (; i < to.Length; i++)
            to[i] += from[i] * factor;
    }
}
