using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Engine.Ops;
using Xunit;

namespace JpegQualityEstimation.Tests.Engine.DenseNet;

// Every operation in every vector width against its definition, on small integers, where all sums are exact.
public sealed unsafe class DenseBlockOpsTests
{
    public static TheoryData<string, int, int, int> Cases()
    {
        var data = new TheoryData<string, int, int, int>();
        foreach (CpuKernelSet set in CpuKernelSets.Available)
            foreach ((int channels, int width, int rows) in ((int, int, int)[])[(1, 16, 1), (3, 16, 5), (2, 32, 2), (12, 48, 3), (25, 64, 4), (24, 80, 1)])
                data.Add(set.ToString(), channels, width, rows);
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void ConvolutionEqualsTheDefinition(string set, int channels, int width, int rows)
    {
        DenseBlockOps ops = Ops(set);
        var input = new Planes(channels, width, rows, 1);
        var output = new Planes(12, width, rows, 2);
        float[] weights = Integers(12 * channels, 3);
        var packed = new AlignedFloats(weights.Length);
        DenseBlockOps.Pack(weights, channels, packed.Span);
        ops.Convolve1x1(input.Rows, channels, packed.Pointer, output.Rows, width, rows);
        output.AssertEqual((k, y, x) => Convolve(input, channels, weights, k, y, x));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void WeightGradientEqualsTheDefinitionAndAdds(string set, int channels, int width, int rows)
    {
        DenseBlockOps ops = Ops(set);
        var input = new Planes(channels, width, rows, 1);
        var dOut = new Planes(12, width, rows, 2);
        var sums = new AlignedFloats(ops.WeightSums(channels));
        var dWeight = new AlignedFloats(12 * channels);
        dWeight.Span.Fill(3);
        // A band after the other.
        for (int part = 0; part < rows; part++)
            ops.WeightGradient1x1(input.From(part), channels, dOut.From(part), width, 1, sums.Pointer);
        ops.ReduceWeightGradient(sums.Pointer, channels, dWeight.Pointer);
        for (int k = 0; k < 12; k++)
            for (int c = 0; c < channels; c++)
                Assert.Equal(3 + input.Total(c, (y, x) => (double)dOut[k, y, x] * input[c, y, x]), dWeight.Span[k * channels + c]);
    }

    // <conv x, y> = <x, adjoint y>.
    [Fact]
    public void TransposedPackIsTheAdjoint()
    {
        const int Channels = 36, Width = 32, Height = 5;
        DenseBlockOps ops = DenseBlockOps.For(CpuKernelSets.Chosen);
        var x = new Planes(Channels, Width, Height, 1);
        var y = new Planes(12, Width, Height, 2);
        float[] weights = Integers(12 * Channels, 3);
        var packed = new AlignedFloats(weights.Length);
        var forward = new Planes(12, Width, Height, 4);
        var adjoint = new Planes(12, Width, Height, 5);
        DenseBlockOps.Pack(weights, Channels, packed.Span);
        ops.Convolve1x1(x.Rows, Channels, packed.Pointer, forward.Rows, Width, Height);
        double left = 0, right = 0;
        for (int k = 0; k < 12; k++)
            left += forward.Product(y, k, k);
        for (int c = 0; c < Channels; c += 12)
        {
            DenseBlockOps.PackTransposed(weights, 12, Channels, c, packed.Span);
            ops.Convolve1x1(y.Rows, 12, packed.Pointer, adjoint.Rows, Width, Height);
            for (int i = 0; i < 12; i++)
                right += adjoint.Product(x, i, c + i);
        }
        Assert.Equal(left, right);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void ElementwisePassesEqualTheirDefinitions(string set, int channels, int width, int rows)
    {
        DenseBlockOps ops = Ops(set);
        int lanes = ops.Lanes;
        Planes first = new(channels, width, rows, 1), second = new(channels, width, rows, 2), third = new(channels, width, rows, 3), output = new(channels, width, rows, 4);
        float[] a = Integers(channels, 5), b = Integers(channels, 6), c = Integers(channels, 7);
        var one = new AlignedFloats(channels * lanes);
        var two = new AlignedFloats(channels * lanes);
        fixed (float* pa = a, pb = b, pc = c)
        {
            ops.Activate(first.Rows, channels, pa, pb, output.Rows, width, rows);
            output.AssertEqual((k, y, x) => Math.Max(0, a[k] * first[k, y, x] + b[k]));

            ops.Combine(first.Rows, pa, second.Rows, pb, pc, output.Rows, channels, width, rows);
            output.AssertEqual((k, y, x) => a[k] * first[k, y, x] + b[k] * second[k, y, x] + c[k]);

            ops.Sum(first.Rows, channels, width, rows, one.Pointer);
            ops.SumSquares(first.Rows, channels, pb, width, rows, two.Pointer);
            for (int k = 0; k < channels; k++)
            {
                Assert.Equal(first.Total(k, (y, x) => first[k, y, x]), one.Span[k]);
                Assert.Equal(first.Total(k, (y, x) => (first[k, y, x] - b[k]) * (first[k, y, x] - b[k])), two.Span[k]);
            }

            ops.SumActivated(first.Rows, channels, pa, pb, width, rows, one.Pointer);
            for (int k = 0; k < channels; k++)
                Assert.Equal(first.Total(k, (y, x) => Math.Max(0, a[k] * first[k, y, x] + b[k])), one.Span[k]);

            one.Span.Clear();
            two.Span.Clear();
            var before = new Planes(channels, width, rows, 4);
            ops.Combine(before.Rows, pa, before.Rows, pb, pc, output.Rows, channels, width, rows);
            ops.Combine(before.Rows, pa, before.Rows, pb, pc, before.Rows, channels, width, rows);
            ops.NormGradient(first.Rows, 4, third.Rows, output.Rows, channels, new NormPointers(pc, pa, pa, pb, one.Pointer, two.Pointer), width, rows);
            double Passed(int k, int y, int x) => c[k] * third[k, y, x] + a[k] > 0 ? 4 * first[k, y, x] : 0;
            output.AssertEqual((k, y, x) => before[k, y, x] + a[k] * Passed(k, y, x));
            for (int k = 0; k < channels; k++)
            {
                Assert.Equal(first.Total(k, (y, x) => Passed(k, y, x)), ops.SumLanes(one.Pointer + k * lanes));
                Assert.Equal(first.Total(k, (y, x) => Passed(k, y, x) * (third[k, y, x] - b[k])), ops.SumLanes(two.Pointer + k * lanes));
            }
        }
    }

    [Fact]
    public void ProductsOfAllLengths()
    {
        foreach (CpuKernelSet set in CpuKernelSets.Available)
            for (int length = 0; length <= 66; length++)
            {
                float[] a = Integers(length, 1), b = Integers(length, 2);
                float[] sum = (float[])b.Clone();
                fixed (float* pa = a, pb = b, ps = sum)
                {
                    Assert.Equal(a.Zip(b, (x, y) => (double)x * y).Sum(), Ops(set.ToString()).Dot(pa, pb, length));
                    Ops(set.ToString()).AddScaled(pa, 3, ps, length);
                }
                Assert.Equal(a.Zip(b, (x, y) => 3 * x + y), sum);
            }
    }

    [Fact]
    public void DropoutMaskIsTheSameAtAnyPlaces()
    {
        const int Channels = 5, Columns = 40, Rows = 500;
        var mask = new DropoutMask(0.2, 1, 2, 3, 4);
        double sum = 0;
        for (int channel = 0, length = 1; channel < Channels; channel++)
            for (int at = 0; at < Rows * Columns; at += length, length = Math.Min(length % 50 + 1, Math.Max(1, Rows * Columns - at)))
            {
                uint[] rows = [.. Enumerable.Range(at, length).Select(i => (uint)(i % Rows))], columns = [.. Enumerable.Range(at, length).Select(i => (uint)(i / Rows))];
                float[] values = new float[length];
                values.AsSpan().Fill(1);
                mask.Apply(values, rows, columns, channel, Channels, Columns);
                for (int i = 0; i < length; i++)
                    Assert.Equal(mask.Factor(((int)rows[i] * Channels + channel) * Columns + (int)columns[i]), values[i]);
                sum += values.Sum();
            }
        // Mean of n values of variance rate / (1 - rate): five deviations.
        const double Count = Channels * Columns * Rows;
        Assert.InRange(sum / Count, 1 - 5 * Math.Sqrt(0.25 / Count), 1 + 5 * Math.Sqrt(0.25 / Count));
        Assert.True(new DropoutMask(0, 1, 2, 3, 4).IsOff);
    }

    static DenseBlockOps Ops(string set) => DenseBlockOps.For(Enum.Parse<CpuKernelSet>(set));

    static double Convolve(Planes input, int channels, float[] weights, int k, int y, int x)
    {
        double sum = 0;
        for (int c = 0; c < channels; c++)
            sum += input[c, y, x] * weights[k * channels + c];
        return sum;
    }

    static float[] Integers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.Next(-3, 4))];
    }

    /// <summary>Planes [y][c][x] with a border of one row and sixteen columns, small integers everywhere.</summary>
    sealed class Planes
    {
        readonly AlignedFloats values;
        readonly int channels;
        readonly int width;
        readonly int height;

        public Planes(int channels, int width, int height, int seed)
        {
            (this.channels, this.width, this.height) = (channels, width, height);
            values = new AlignedFloats((height + 2) * channels * (width + 16) + 32);
            Integers(values.Length, seed).CopyTo(values.Span);
        }

        public PlaneRows Rows => new(values.Pointer + 16 + channels * (width + 16), width + 16, channels * (width + 16));

        public float this[int c, int y, int x] => Rows.At(y)[c * (width + 16) + x];

        public PlaneRows From(int row) => new(Rows.At(row), Rows.ChannelStride, Rows.RowStride);

        public double Total(int c, Func<int, int, double> value)
        {
            double sum = 0;
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                    sum += value(y, x);
            return sum;
        }

        public double Product(Planes other, int mine, int theirs) => Total(mine, (y, x) => (double)this[mine, y, x] * other[theirs, y, x]);

        public void AssertEqual(Func<int, int, int, double> expected)
        {
            for (int c = 0; c < channels; c++)
                for (int y = 0; y < height; y++)
                    for (int x = 0; x < width; x++)
                        Assert.Equal(expected(c, y, x), this[c, y, x]);
        }
    }
}
