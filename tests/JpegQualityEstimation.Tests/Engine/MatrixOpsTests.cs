using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Ops;
using Xunit;

namespace JpegQualityEstimation.Tests.Engine;

// Every product in every vector width against its definition on small integers: all sums are exact in float32, so the
// results must be EQUAL. Guard values around the outputs must stay.
public sealed unsafe class MatrixOpsTests
{
    const float Guard = 12345;

    public static TheoryData<string, int, int, int> Cases()
    {
        var data = new TheoryData<string, int, int, int>();
        foreach (CpuKernelSet set in CpuKernelSets.Available)
            foreach (int rows in (int[])[1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17])
                foreach (int columns in (int[])[16, 32, 48, 64, 80, 112])
                    data.Add(set.ToString(), rows, columns, 1 + (rows * 7 + columns) % 23);
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void ProductsEqualTheDefinition(string set, int rows, int columns, int terms)
    {
        MatrixOps ops = MatrixOps.For(Enum.Parse<CpuKernelSet>(set));
        var random = new Random(rows * 1000 + columns);
        int pitch = columns + 3;
        AlignedFloats a = Integers(random, rows * terms), b = Integers(random, terms * pitch), initial = Integers(random, rows * pitch), gate = Integers(random, rows * pitch);
        foreach (bool transposed in (bool[])[false, true])
        {
            float Sum(int i, int j, float start)
            {
                for (int t = 0; t < terms; t++)
                    start += a.Span[transposed ? t * rows + i : i * terms + t] * b.Span[t * pitch + j];
                return start;
            }

            // One initial row for all.
            AlignedFloats output = Guarded();
            MatrixProductArguments m = MatrixProductArguments.Of(rows, columns, terms, a.Pointer, terms, b.Pointer, pitch, initial.Pointer, 0, output.Pointer, pitch);
            if (transposed)
                m = m with { ARow = 1, ATerm = rows };
            ops.Product(m);
            Check(output, (i, j) => Sum(i, j, initial.Span[j]));

            ops.RectifiedProduct(m with { InitialRow = pitch });
            Check(output, (i, j) => Math.Max(0, Sum(i, j, initial.Span[i * pitch + j])));

            ops.GatedProduct(m with { Gate = gate.Pointer });
            Check(output, (i, j) => gate.Span[i * pitch + j] > 0 ? Sum(i, j, initial.Span[j]) : 0);

            // Adding to what is there.
            initial.Span.CopyTo(output.Span);
            AddGuards(output);
            MatrixProductArguments adding = MatrixProductArguments.Adding(rows, columns, terms, a.Pointer, rows, b.Pointer, pitch, output.Pointer, pitch);
            ops.Product(transposed ? adding : adding with { ARow = terms, ATerm = 1 });
            Check(output, (i, j) => Sum(i, j, initial.Span[i * pitch + j]));
        }

        AlignedFloats Guarded()
        {
            var output = new AlignedFloats(rows * pitch);
            AddGuards(output);
            return output;
        }

        void AddGuards(AlignedFloats output)
        {
            for (int i = 0; i < rows; i++)
                output.Span.Slice(i * pitch + columns, 3).Fill(Guard);
        }

        void Check(AlignedFloats output, Func<int, int, float> expected)
        {
            for (int i = 0; i < rows; i++)
                for (int j = 0; j < pitch; j++)
                    Assert.Equal(j < columns ? expected(i, j) : Guard, output.Span[i * pitch + j]);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void SumsEqualTheDefinition(string set, int rows, int columns, int terms)
    {
        MatrixOps ops = MatrixOps.For(Enum.Parse<CpuKernelSet>(set));
        var random = new Random(rows + columns);
        AlignedFloats values = Integers(random, rows * columns), sum = Integers(random, columns), other = Integers(random, columns), lanes = Integers(random, rows * 16);
        float[] before = sum.Span.ToArray(), lanesBefore = lanes.Span.ToArray();

        ops.AddRows(values.Pointer, columns, rows, columns, sum.Pointer);
        for (int j = 0; j < columns; j++)
            Assert.Equal(before[j] + Enumerable.Range(0, rows).Sum(i => values.Span[i * columns + j]), sum.Span[j]);

        ops.AddLaneProducts(values.Pointer, rows, columns, other.Pointer, lanes.Pointer);
        for (int i = 0; i < rows; i++)
            for (int l = 0; l < 16; l++)
                Assert.Equal(lanesBefore[i * 16 + l] + Enumerable.Range(0, columns / 16).Sum(q => values.Span[i * columns + q * 16 + l] * other.Span[q * 16 + l]), lanes.Span[i * 16 + l]);

        int count = Math.Min(rows * terms, rows * columns);
        float[] target = values.Span.ToArray();
        fixed (float* t = target)
            ops.Add(values.Pointer, count, t);
        for (int i = 0; i < target.Length; i++)
            Assert.Equal(values.Span[i] * (i < count ? 2 : 1), target[i]);
    }

    static AlignedFloats Integers(Random random, int length)
    {
        var values = new AlignedFloats(length);
        foreach (ref float value in values.Span)
            value = random.Next(-9, 10);
        return values;
    }
}
