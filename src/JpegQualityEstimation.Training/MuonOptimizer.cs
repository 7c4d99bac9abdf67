using System.Runtime.Intrinsics;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Ops;

namespace JpegQualityEstimation.Training;

// Muon (Jordan et al. 2024): momentum whose update is made orthogonal, for one weight matrix [height, width]. The work is
// done on a tall matrix x [rows, columns]: the transpose where the matrix is wider than tall, zero columns up to a
// multiple of 16, which stay zero.
//   m = momentum m + g;  u = g + momentum m (Nesterov);  o = orthogonal(u), all singular values near 1
//   p -= rate * 0.2 sqrt(rows) * o     (root mean square of the update: about 0.2 rate, as Adam's is)
// orthogonal: five steps of x <- x (a + b s + c s s) with s = xt x, coefficients 3.4445, -4.7750, 2.0315, from
// x = u / |u|. Sums run in the fixed order of MatrixOps: the same bits whatever the thread count and vector width.
sealed unsafe class MuonOptimizer
{
    const int Iterations = 5;
    const int Strip = 48;
    const int Band = 16;
    const float A = 3.4445f;
    const float B = -4.7750f;
    const float C = 2.0315f;

    readonly MatrixOps ops = MatrixOps.For(CpuKernelSets.Chosen);
    readonly int height;
    readonly int width;
    readonly int rows;
    readonly int columns;
    readonly int pitch;
    readonly float[] direction;
    readonly AlignedFloats x;
    readonly AlignedFloats next;
    readonly AlignedFloats gram;
    readonly AlignedFloats polynomial;
    readonly AlignedFloats zeros;

    public MuonOptimizer(int height, int width)
    {
        this.height = height;
        this.width = width;
        rows = Math.Max(height, width);
        columns = (Math.Min(height, width) + 15) / 16 * 16;
        direction = new float[height * width];
        // Rows a kilobyte apart would all want the same few places of the first-level cache.
        pitch = columns % 256 == 0 ? columns + 16 : columns;
        x = new AlignedFloats(rows * pitch);
        next = new AlignedFloats(rows * pitch);
        gram = new AlignedFloats(columns * pitch);
        polynomial = new AlignedFloats(columns * pitch);
        zeros = new AlignedFloats(columns);
    }

    public void Update(Span<float> parameters, ReadOnlySpan<float> gradient, Span<float> moment, float momentum, double rate)
    {
        double square = Direct(gradient, moment, momentum);
        if (square == 0)
            return;
        bool wide = width > height;
        float scale = (float)(1 / Math.Sqrt(square));
        if (wide)
        {
            ScaledFloats.Apply(direction, scale, direction);
            fixed (float* scaled = direction)
                Transposition.Apply(scaled, width, height, width, x.Pointer, pitch);
        }
        else
            for (int i = 0; i < rows; i++)
                ScaledFloats.Apply(direction.AsSpan(i * width, width), scale, x.Span.Slice(i * pitch, width));
        float* from = x.Pointer, to = next.Pointer;
        for (int step = 0; step < Iterations; step++)
        {
            Orthogonalize(from, to);
            float* done = to;
            to = from;
            from = done;
        }
        float size = (float)(rate * 0.2 * Math.Sqrt(rows));
        if (wide)
        {
            fixed (float* update = direction)
                Transposition.Apply(from, pitch, width, height, update, width);
            Subtract(direction, size, parameters);
        }
        else
            for (int i = 0; i < rows; i++)
                Subtract(new Span<float>(from + i * pitch, width), size, parameters.Slice(i * width, width));
    }

    /// <summary>Moment and direction; the sum of the direction's squares.</summary>
    double Direct(ReadOnlySpan<float> gradient, Span<float> moment, float momentum)
    {
        int i = 0;
        for (; i <= direction.Length - 16; i += 16)
        {
            Vector512<float> g = Vector512.Create(gradient.Slice(i, 16));
            Vector512<float> m = Vector512.Create((ReadOnlySpan<float>)moment.Slice(i, 16)) * momentum + g;
            m.CopyTo(moment[i..]);
            (g + m * momentum).CopyTo(direction, i);
        }
        for (; i < direction.Length; i++)
        {
            moment[i] = moment[i] * momentum + gradient[i];
            direction[i] = gradient[i] + moment[i] * momentum;
        }
        return SquareSum.Of(direction);
    }

    static void Subtract(ReadOnlySpan<float> from, float size, Span<float> to)
    {
        int i = 0;
        for (; i <= from.Length - 16; i += 16)
            (Vector512.Create((ReadOnlySpan<float>)to.Slice(i, 16)) - Vector512.Create(from.Slice(i, 16)) * size).CopyTo(to[i..]);
        for (; i < from.Length; i++)
            to[i] -= size * from[i];
    }

    void Orthogonalize(float* from, float* to)
    {
        Symmetric(from, rows, gram.Pointer, fresh: true);
        // polynomial = a + b s, then + (c s) s; x times it.
        Span<float> start = polynomial.Span;
        ScaledFloats.Apply(gram.Span, B / C, start);
        for (int i = 0; i < columns; i++)
            start[i * pitch + i] += A / C;
        Symmetric(gram.Pointer, columns, polynomial.Pointer, fresh: false);
        ScaledFloats.Apply(start, C, start);
        ops.Product(MatrixProductArguments.Of(rows, columns, columns, from, pitch, polynomial.Pointer, pitch, zeros.Pointer, 0, to, pitch));
    }

    // sum += at a (fresh: sum = at a) for a [terms, columns] and a symmetric sum [columns, columns]: of the blocks below the diagonal, which are the same products in
    // the same order, the mirror.
    void Symmetric(float* a, int terms, float* sum, bool fresh)
    {
        for (int j = 0; j < columns; j += Strip)
        {
            int width = Math.Min(Strip, columns - j);
            MatrixProductArguments added = MatrixProductArguments.Adding(j + width, width, terms, a, pitch, a + j, pitch, sum + j, pitch);
            if (fresh)
                added.Overwrite(zeros.Pointer);
            ops.Product(added);
        }
        for (int i = Strip; i < columns; i += Band)
            Transposition.Apply(sum + i, pitch, i / Strip * Strip, Band, sum + i * pitch, pitch);
    }
}
