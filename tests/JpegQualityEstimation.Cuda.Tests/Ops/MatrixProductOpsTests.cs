using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Ops;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Ops;

// Products have the bits of the processor's MatrixOps, whatever the tile, the layout of the factors and the launch.
public sealed unsafe class MatrixProductOpsTests
{
    [SkippableTheory]
    [InlineData(1, 16, 1)]
    [InlineData(7, 32, 5)]
    [InlineData(33, 48, 31)]
    [InlineData(65, 80, 33)]
    [InlineData(130, 16, 100)]
    [InlineData(70, 144, 17)]
    public void ProductsHaveTheProcessorsBits(int rows, int columns, int terms)
    {
        using var scene = new OpsScene();
        float[] a = OpsScene.Random(rows * terms, 1), b = OpsScene.Random(terms * columns, 2), initial = OpsScene.Random(rows * columns, 3), gate = OpsScene.Random(rows * columns, 4);
        foreach (bool aTransposed in (bool[])[false, true])
            foreach (bool bTransposed in (bool[])[false, true])
                foreach (MatrixEpilogue epilogue in Enum.GetValues<MatrixEpilogue>())
                {
                    float[] expected = Reference(a, b, initial, columns, gate, rows, columns, terms, epilogue);
                    MatrixFactor first = aTransposed ? MatrixFactor.Transposed(scene.Put(Transpose(a, rows, terms)), rows, terms) : MatrixFactor.Of(scene.Put(a), rows, terms);
                    MatrixFactor second = bTransposed ? MatrixFactor.Transposed(scene.Put(Transpose(b, terms, columns)), terms, columns) : MatrixFactor.Of(scene.Put(b), terms, columns);
                    DeviceSpan<float> output = scene.Room<float>(rows * columns);
                    scene.Ops.Products.Product(first, second, scene.Put(initial), columns, output, columns,
                        ProductTerms.Plain with { Epilogue = epilogue, Gate = scene.Put(gate) }, ProductBatch.One);
                    Assert.Equal(expected, scene.Get(output));
                }
    }

    [SkippableFact]
    public void ManyLargeProductsHaveTheSameBits()
    {
        using var scene = new OpsScene();
        const int Rows = 67, Columns = 80, Terms = 21;
        int count = scene.Stream.Runtime.Multiprocessors / 4 + 1;
        float[] a = OpsScene.Random(count * Rows * Terms, 1), b = OpsScene.Random(Terms * Columns, 2), bias = OpsScene.Random(Columns, 3);
        DeviceSpan<float> output = scene.Room<float>(count * Rows * Columns);
        scene.Ops.Products.Product(MatrixFactor.Of(scene.Put(a), Rows, Terms), MatrixFactor.Of(scene.Put(b), Terms, Columns), scene.Put(bias), 0, output, Columns,
            ProductTerms.Plain, new ProductBatch(count, Rows * Terms, 0, 0, Rows * Columns));
        float[] values = scene.Get(output);
        for (int i = 0; i < count; i += Math.Max(1, count - 1))
        {
            float[] expected = Reference(a[(i * Rows * Terms)..((i + 1) * Rows * Terms)], b, bias, 0, [], Rows, Columns, Terms, MatrixEpilogue.None);
            Assert.Equal(expected, values[(i * Rows * Columns)..((i + 1) * Rows * Columns)]);
        }
    }

    [SkippableFact]
    public void GroupedProductsScaleAndAddTheDiagonal()
    {
        using var scene = new OpsScene();
        (int Rows, int Columns, int Terms)[] sizes = [(5, 16, 7), (40, 33, 3), (64, 64, 65)];
        var products = new DeviceProduct[sizes.Length];
        var outputs = new DeviceSpan<float>[sizes.Length];
        float[][] factors = new float[2 * sizes.Length][];
        for (int i = 0; i < sizes.Length; i++)
        {
            (int rows, int columns, int terms) = sizes[i];
            factors[2 * i] = OpsScene.Integers(rows * terms, i);
            factors[2 * i + 1] = OpsScene.Integers(terms * columns, 9 + i);
            outputs[i] = scene.Put(Enumerable.Repeat(2f, rows * columns).ToArray());
            products[i] = new DeviceProduct
            {
                A = scene.Put(factors[2 * i]).Address, B = scene.Put(factors[2 * i + 1]).Address, Initial = outputs[i].Address, Output = outputs[i].Address,
                Rows = rows, Columns = columns, Terms = terms, ARow = terms, ATerm = 1, BTerm = columns, BColumn = 1, InitialRow = columns, OutputRow = columns,
                Alpha = 0.5f, Beta = 3, Diagonal = 4,
            };
        }
        scene.Ops.Products.Grouped(scene.Put<DeviceProduct>(products),
            scene.Put<ProductTile>(MatrixProductOps.TilesOf([.. sizes.Select(size => (size.Rows, size.Columns))])));
        for (int i = 0; i < sizes.Length; i++)
        {
            float[] values = scene.Get(outputs[i]);
            for (int at = 0; at < values.Length; at++)
            {
                (int row, int column) = (at / sizes[i].Columns, at % sizes[i].Columns);
                float sum = 6 + (row == column ? 4 : 0);
                for (int t = 0; t < sizes[i].Terms; t++)
                    sum += factors[2 * i][row * sizes[i].Terms + t] * factors[2 * i + 1][t * sizes[i].Columns + column];
                Assert.Equal(0.5f * sum, values[at]);
            }
        }
    }

    // Whole numbers: every order of sums is exact.
    [SkippableTheory]
    [InlineData(1, 1, 1, false)]
    [InlineData(5, 37, 15, false)]
    [InlineData(33, 456, 226, false)]
    [InlineData(1, 1, 1, true)]
    [InlineData(33, 456, 226, true)]
    public void LinearLayersAndTheirGradientsEqualTheirFormulas(int count, int inputs, int outputs, bool library)
    {
        using var scene = new OpsScene();
        using CublasContext? cublas = library ? scene.Stream.Runtime.CreateCublas(scene.Stream) : null;
        Skip.If(library && cublas is null, scene.Stream.Runtime.WithoutCublas);
        using var ops = new DeviceOps(scene.Stream, cublas);
        var shape = new LinearShape(count, inputs, outputs);
        float[] x = OpsScene.Integers(count * inputs, 1), weight = OpsScene.Integers(outputs * inputs, 2), bias = OpsScene.Integers(outputs, 3), d = OpsScene.Integers(count * outputs, 4);
        DeviceSpan<float> xs = scene.Put(x), weights = scene.Put(weight), ds = scene.Put(d), y = scene.Room<float>(count * outputs),
            dX = scene.Room<float>(count * inputs), dWeight = scene.Room<float>(outputs * inputs), dBias = scene.Room<float>(outputs);
        ops.Linear.Forward(xs, weights, scene.Put(bias), y, shape);
        ops.Linear.Gradient(ds, xs, weights, dX, dWeight, dBias, shape);

        float[] expected = new float[count * outputs], expectedX = new float[count * inputs], expectedWeight = new float[outputs * inputs], expectedBias = new float[outputs];
        for (int n = 0; n < count; n++)
            for (int k = 0; k < outputs; k++)
            {
                expected[n * outputs + k] = bias[k];
                expectedBias[k] += d[n * outputs + k];
                for (int c = 0; c < inputs; c++)
                {
                    expected[n * outputs + k] += x[n * inputs + c] * weight[k * inputs + c];
                    expectedX[n * inputs + c] += d[n * outputs + k] * weight[k * inputs + c];
                    expectedWeight[k * inputs + c] += d[n * outputs + k] * x[n * inputs + c];
                }
            }
        Assert.Equal(expected, scene.Get(y));
        Assert.Equal(expectedX, scene.Get(dX));
        Assert.Equal(expectedWeight, scene.Get(dWeight));
        Assert.Equal(expectedBias, scene.Get(dBias));
    }

    static float[] Reference(float[] a, float[] b, float[] initial, int initialRow, float[] gate, int rows, int columns, int terms, MatrixEpilogue epilogue)
    {
        float[] output = new float[rows * columns];
        MatrixOps ops = MatrixOps.For(CpuKernelSets.Chosen);
        fixed (float* pa = a)
        fixed (float* pb = b)
        fixed (float* start = initial)
        fixed (float* open = gate)
        fixed (float* to = output)
        {
            MatrixProductArguments arguments = MatrixProductArguments.Of(rows, columns, terms, pa, terms, pb, columns, start, initialRow, to, columns);
            arguments.Gate = open;
            if (epilogue == MatrixEpilogue.Rectify)
                ops.RectifiedProduct(arguments);
            else if (epilogue == MatrixEpilogue.Gate)
                ops.GatedProduct(arguments);
            else
                ops.Product(arguments);
        }
        return output;
    }

    static float[] Transpose(float[] matrix, int rows, int columns)
    {
        float[] turned = new float[matrix.Length];
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++)
                turned[j * rows + i] = matrix[i * columns + j];
        return turned;
    }
}
