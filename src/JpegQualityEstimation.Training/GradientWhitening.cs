using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Ops;

namespace JpegQualityEstimation.Training;

// GradientWhitening: the gradient G [rows, channels, taps] of a layer with the second moments over its inputs taken out: the right-hand factors of Shampoo (Gupta, Koren,
// Singer 2018), whose left-hand one Muon stands for. What a layer of a DenseNet reads is nowhere negative and smooth, so nine tenths of its gradient are the same at all
// taps and much of the rest in all channels, and Muon, which evens out the outputs only, hardly moves the differences.
//   T = 0.99 T + sum over rows and channels of g gt, g the taps of one;    C = 0.99 C + sum over rows and taps of h ht, h the channels of one
//   G <- G r(T) along the taps, where there is more than one, and r(C) along the channels
//   r(X) = (X / m + ridge I)^(-1/2), m the mean of X's diagonal; taken anew in the updates 1, 5, 15 and every fortieth
// State of a matrix: T [taps,16] and r(T) likewise where there are taps, C [pitch,pitch] and r(C) likewise, pitch the channels up to a multiple of 16; zeros before the
// first update, and where it is padded. Sums run in the fixed order of MatrixOps: the same bits whatever the thread count and vector width.
sealed unsafe class GradientWhitening
{
    const int Width = 16;
    const int Interval = 40;
    const int MostIterations = 60;
    const float Decay = 0.99f;
    const double Tolerance = 1e-4;
    const double LeastMean = 1e-30;

    readonly MatrixOps ops = MatrixOps.For(CpuKernelSets.Chosen);
    readonly int rows;
    readonly int channels;
    readonly int taps;
    readonly int pitch;
    readonly AlignedFloats zeros;
    readonly AlignedFloats tapped;
    readonly AlignedFloats spread;
    readonly AlignedFloats planes;
    readonly AlignedFloats result;
    readonly AlignedFloats[] square;

    /// <param name="matrix">Rows, columns and taps, at most 16; where it lies does not matter.</param>
    public GradientWhitening(ParameterMatrix matrix)
    {
        (rows, channels, taps) = (matrix.Rows, matrix.Columns / matrix.Taps, matrix.Taps);
        pitch = Padded(channels);
        long tapNumbers = taps == 1 ? 0 : (long)rows * channels * Width;
        zeros = new AlignedFloats(pitch);
        tapped = new AlignedFloats(tapNumbers);
        spread = new AlignedFloats(tapNumbers);
        planes = new AlignedFloats((long)rows * taps * pitch);
        result = new AlignedFloats((long)rows * taps * pitch);
        square = [.. Enumerable.Range(0, 4).Select(_ => new AlignedFloats((long)pitch * pitch))];
    }

    /// <summary>Numbers of the state of a matrix.</summary>
    public static int StateLength(ParameterMatrix matrix)
    {
        int pitch = Padded(matrix.Columns / matrix.Taps);
        return checked(2 * pitch * pitch + (matrix.Taps == 1 ? 0 : 2 * matrix.Taps * Width));
    }

    /// <summary>Where the state of each matrix begins and, last, where that of all ends.</summary>
    public static int[] Offsets(IReadOnlyList<ParameterMatrix> matrices)
    {
        int[] offsets = new int[matrices.Count + 1];
        for (int i = 0; i < matrices.Count; i++)
            offsets[i + 1] = checked(offsets[i] + StateLength(matrices[i]));
        return offsets;
    }

    /// <summary>Takes the second moments out.</summary>
    /// <param name="gradient">[rows, channels, taps]; overwritten.</param>
    /// <param name="state">[<see cref="StateLength"/>]; all zeros before the first update.</param>
    /// <param name="step">Updates done before.</param>
    /// <param name="ridge">What is added to the second moments, as a share of their mean; above 0.</param>
    public void Apply(Span<float> gradient, Span<float> state, long step, float ridge)
    {
        bool anew = step is 0 or 4 or 14 || step % Interval == Interval - 1;
        int tapNumbers = taps == 1 ? 0 : taps * Width;
        fixed (float* numbers = state)
        {
            float* moments = numbers + 2 * tapNumbers, root = moments + pitch * pitch;
            fixed (float* from = gradient)
                ToPlanes(from, channels * taps, taps);
            Add(planes.Pointer, rows * taps, pitch, pitch, moments);
            if (anew)
                TakeRoot(moments, channels, pitch, root, ridge);
            if (taps > 1)
            {
                WhitenTaps(gradient, numbers, numbers + tapNumbers, anew, ridge);
                ToPlanes(spread.Pointer, channels * Width, Width);
            }
            ops.Product(MatrixProductArguments.Of(rows * taps, pitch, pitch, planes.Pointer, pitch, root, pitch, zeros.Pointer, 0, result.Pointer, pitch));
        }
        for (int row = 0; row < rows; row++)
            for (int t = 0; t < taps; t++)
            {
                ReadOnlySpan<float> plane = result.Span.Slice((row * taps + t) * pitch, channels);
                Span<float> to = gradient[(row * channels * taps + t)..];
                for (int c = 0; c < plane.Length; c++)
                    to[c * taps] = plane[c];
            }
    }

    static int Padded(int channels) => (channels + Width - 1) / Width * Width;

    // planes [rows, taps, pitch] of numbers whose rows and channels are as far apart as said, taps side by side.
    void ToPlanes(float* numbers, int row, int channel)
    {
        for (int i = 0; i < rows * taps; i++)
        {
            float* from = numbers + i / taps * row + i % taps, to = planes.Pointer + i * pitch;
            for (int c = 0; c < channels; c++)
                to[c] = from[c * channel];
        }
    }

    // spread [rows, channels, 16]: the gradient without the second moments of its taps.
    void WhitenTaps(ReadOnlySpan<float> gradient, float* moments, float* root, bool anew, float ridge)
    {
        int count = rows * channels;
        for (int i = 0; i < count; i++)
            gradient.Slice(i * taps, taps).CopyTo(tapped.Span[(i * Width)..]);
        Add(tapped.Pointer, count, Width, taps, moments);
        if (anew)
            TakeRoot(moments, taps, Width, root, ridge);
        ops.Product(MatrixProductArguments.Of(count, Width, taps, tapped.Pointer, Width, root, Width, zeros.Pointer, 0, spread.Pointer, Width));
    }

    // moments [size, width] = decayed + vt v of the vectors v [terms, width].
    void Add(float* vectors, int terms, int width, int size, float* moments)
    {
        var numbers = new Span<float>(moments, size * width);
        ScaledFloats.Apply(numbers, Decay, numbers);
        ops.Product(MatrixProductArguments.Adding(size, width, terms, vectors, width, vectors, width, moments, width));
    }

    // root = r(moments), both [size, width], by Newton's coupled iteration (Higham 2008, "Functions of Matrices", section 6.3): y goes to the root of a matrix with
    // eigenvalues in (0, 1], z to its inverse, until z y is within a hundredth of I. Where there has been no gradient the root stays what it was, at first the identity.
    void TakeRoot(float* moments, int size, int width, float* root, float ridge)
    {
        if (root[0] == 0)
            SetIdentity(root, size, width);
        double mean = 0;
        for (int i = 0; i < size; i++)
            mean += moments[i * width + i] / (double)size;
        if (!(mean > LeastMean && double.IsFinite(mean)))
            return;
        float* y = square[0].Pointer, z = square[1].Pointer, product = square[2].Pointer, free = square[3].Pointer;
        var matrix = new Span<float>(y, width * width);
        matrix.Clear();
        ScaledFloats.Apply(new ReadOnlySpan<float>(moments, size * width), (float)(1 / mean), matrix);
        for (int i = 0; i < width; i++)
            y[i * width + i] = i < size ? y[i * width + i] + ridge : 1;
        double norm = Math.Sqrt(SquareSum.Of(matrix));
        ScaledFloats.Apply(matrix, (float)(1 / norm), matrix);
        SetIdentity(z, width, width);
        for (int i = 0; i < MostIterations; i++)
        {
            // away = z y - I; y, z times I - away / 2
            Multiply(z, y, product);
            AddToDiagonal(product, width, width, -1);
            var away = new Span<float>(product, width * width);
            double error = SquareSum.Of(away);
            if (!double.IsFinite(error))
                return;
            if (error < Tolerance * width)
                break;
            ScaledFloats.Apply(away, -0.5f, away);
            AddToDiagonal(product, width, width, 1);
            Multiply(y, product, free);
            float* old = y;
            y = free;
            Multiply(product, z, old);
            free = z;
            z = old;
        }
        ScaledFloats.Apply(new ReadOnlySpan<float>(z, size * width), (float)(1 / Math.Sqrt(norm)), new Span<float>(root, size * width));

        void Multiply(float* a, float* b, float* to) =>
            ops.Product(MatrixProductArguments.Of(width, width, width, a, width, b, width, zeros.Pointer, 0, to, width));
    }

    static void SetIdentity(float* matrix, int rows, int width)
    {
        new Span<float>(matrix, rows * width).Clear();
        AddToDiagonal(matrix, rows, width, 1);
    }

    static void AddToDiagonal(float* matrix, int rows, int width, float value)
    {
        for (int i = 0; i < rows; i++)
            matrix[i * width + i] += value;
    }
}
