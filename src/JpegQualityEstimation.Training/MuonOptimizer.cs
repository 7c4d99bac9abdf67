using System.Numerics;
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
        // Strides of the matrix as it lies, seen as rows and columns of x.
        (int down, int across) = height >= width ? (width, 1) : (1, width);
        int narrow = Math.Min(height, width);
        float scale = (float)(1 / Math.Sqrt(square));
        if (across == 1)
            for (int i = 0; i < rows; i++)
                Scale(direction.AsSpan(i * width, width), scale, x.Span.Slice(i * pitch, width));
        else
            for (int band = 0; band < rows; band += Band)
                for (int j = 0; j < narrow; j++)
                    for (int i = band; i < Math.Min(rows, band + Band); i++)
                        x.Pointer[i * pitch + j] = scale * direction[i + j * across];
        float* from = x.Pointer, to = next.Pointer;
        for (int step = 0; step < Iterations; step++)
        {
            Orthogonalize(from, to);
            float* done = to;
            to = from;
            from = done;
        }
        float size = (float)(rate * 0.2 * Math.Sqrt(rows));
        if (across == 1)
            for (int i = 0; i < rows; i++)
                Subtract(new Span<float>(from + i * pitch, width), size, parameters.Slice(i * width, width));
        else
            for (int band = 0; band < rows; band += Band)
                for (int j = 0; j < narrow; j++)
                    for (int i = band; i < Math.Min(rows, band + Band); i++)
                        parameters[i + j * across] -= size * from[i * pitch + j];
    }

    /// <summary>Moment and direction; the sum of the direction's squares.</summary>
    double Direct(ReadOnlySpan<float> gradient, Span<float> moment, float momentum)
    {
        int lanes = Vector<float>.Count, i = 0;
        // Four sums, whatever the vector width: element i goes to sum i % 4.
        Span<double> squares = stackalloc double[4];
        for (; i <= direction.Length - lanes; i += lanes)
        {
            Vector<float> g = new(gradient[i..]);
            Vector<float> m = new Vector<float>(moment[i..]) * momentum + g;
            m.CopyTo(moment[i..]);
            (g + m * momentum).CopyTo(direction, i);
        }
        for (; i < direction.Length; i++)
        {
            moment[i] = moment[i] * momentum + gradient[i];
            direction[i] = gradient[i] + moment[i] * momentum;
        }
        Vector256<double> sums = Vector256<double>.Zero;
        for (i = 0; i <= direction.Length - 4; i += 4)
        {
            (Vector128<double> low, Vector128<double> high) = Vector128.Widen(Vector128.Create(direction.AsSpan(i, 4)));
            Vector256<double> four = Vector256.Create(low, high);
            sums += four * four;
        }
        sums.CopyTo(squares);
        for (; i < direction.Length; i++)
            squares[i % 4] += (double)direction[i] * direction[i];
        return squares[0] + squares[1] + (squares[2] + squares[3]);
    }

    static void Scale(ReadOnlySpan<float> from, float scale, Span<float> to)
    {
        int i = 0;
        for (; i <= from.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(from[i..]) * scale).CopyTo(to[i..]);
        for (; i < from.Length; i++)
            to[i] = scale * from[i];
    }

    static void Subtract(ReadOnlySpan<float> from, float size, Span<float> to)
    {
        int i = 0;
        for (; i <= from.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(to[i..]) - new Vector<float>(from[i..]) * size).CopyTo(to[i..]);
        for (; i < from.Length; i++)
            to[i] -= size * from[i];
    }

    void Orthogonalize(float* from, float* to)
    {
        gram.Span.Clear();
        Symmetric(from, rows, gram.Pointer);
        // polynomial = a + b s, then + (c s) s; x times it.
        Span<float> start = polynomial.Span;
        Scale(gram.Span, B / C, start);
        for (int i = 0; i < columns; i++)
            start[i * pitch + i] += A / C;
        Symmetric(gram.Pointer, columns, polynomial.Pointer);
        Scale(start, C, start);
        ops.Product(MatrixProductArguments.Of(rows, columns, columns, from, pitch, polynomial.Pointer, pitch, zeros.Pointer, 0, to, pitch));
    }

    // sum += at a for a [terms, columns] and a symmetric sum [columns, columns]: of the blocks below the diagonal, which are the same products in
    // the same order, the mirror.
    void Symmetric(float* a, int terms, float* sum)
    {
        for (int j = 0; j < columns; j += Strip)
        {
            int width = Math.Min(Strip, columns - j);
            ops.Product(MatrixProductArguments.Adding(j + width, width, terms, a, pitch, a + j, pitch, sum + j, pitch));
        }
        for (int i0 = Strip; i0 < columns; i0 += Band)
            for (int j0 = 0; j0 < i0 / Strip * Strip; j0 += Band)
                for (int i = i0; i < i0 + Band; i++)
                    for (int j = j0; j < j0 + Band; j++)
                        sum[i * pitch + j] = sum[j * pitch + i];
    }
}
