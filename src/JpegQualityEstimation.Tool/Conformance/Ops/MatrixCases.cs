using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Ops;

namespace JpegQualityEstimation.Tool.Conformance.Ops;

// Products of matrices: our own with the processor's bits, cuBLAS's on whole numbers, where every order of sums is exact.
static unsafe class MatrixCases
{
    public static IEnumerable<OpCase> All(TrialScale scale)
    {
        (int m, int n, int k) = scale.Pick((33, 48, 31), (300, 208, 144), (4096, 4096, 4096));
        string size = $"[{m},{k}] [{k},{n}]";
        yield return new("matrix product", size, scene => Product(scene, m, n, k));
        (int count, int inputs, int outputs) = scale.Pick((5, 37, 15), (33, 456, 226), (4096, 456, 226));
        yield return new("linear layer", $"[{count},{inputs}] -> {outputs}", scene => Linear(scene, count, inputs, outputs));
        yield return new("linear layer, gradients", $"[{count},{inputs}] -> {outputs}", scene => LinearGradient(scene, count, inputs, outputs));
        (int batch, int rows, int columns, int terms) = scale.Pick((3, 37, 48, 33), (48, 640, 96, 65), (48, 16384, 96, 64));
        foreach (ComputePrecision precision in (ComputePrecision[])[ComputePrecision.Float32, ComputePrecision.TensorFloat32])
            yield return new($"products of one shape, {precision}", $"{batch} x [{rows},{terms}] [{terms},{columns}]", scene => Strided(scene, precision, batch, rows, columns, terms));
        foreach (ComputePrecision precision in Enum.GetValues<ComputePrecision>())
            foreach (bool transposed in scale == TrialScale.Timing ? [false] : (bool[])[false, true])
                yield return new($"cuBLAS product, {precision}{(transposed ? ", transposed" : "")}", size, scene => Gemm(scene, precision, transposed, m, n, k));
    }

    static OpTrial Product(DeviceScene scene, int rows, int columns, int terms)
    {
        float[] a = StoredNumbers.Even((long)rows * terms, 1), b = StoredNumbers.Even((long)terms * columns, 2), start = StoredNumbers.Even((long)rows * columns, 3);
        MatrixFactor first = MatrixFactor.Of(scene.Put(a), rows, terms), second = MatrixFactor.Of(scene.Put(b), terms, columns);
        DeviceSpan<float> initial = scene.Put(start), output = scene.Room<float>(start.Length);
        ProductTerms product = ProductTerms.Plain with { Epilogue = MatrixEpilogue.Rectify };
        return new(() => scene.Ops.Products.Product(first, second, initial, columns, output, columns, product, ProductBatch.One), comparison =>
        {
            float[] expected = new float[start.Length];
            fixed (float* left = a, right = b, from = start, to = expected)
                MatrixOps.For(CpuKernelSets.Chosen).RectifiedProduct(MatrixProductArguments.Of(rows, columns, terms, left, terms, right, columns, from, columns, to, columns));
            comparison.Equal<float>("products", expected, scene.Get(output));
        })
        { Operations = 2.0 * rows * columns * terms, Bytes = 4.0 * (a.Length + b.Length + 2.0 * start.Length) };
    }

    static OpTrial Linear(DeviceScene scene, int count, int inputs, int outputs)
    {
        float[] x = StoredNumbers.Whole((long)count * inputs, 1, 3), weight = StoredNumbers.Whole((long)outputs * inputs, 2, 3), bias = StoredNumbers.Whole(outputs, 3, 3);
        DeviceSpan<float> given = scene.Put(x), weights = scene.Put(weight), biases = scene.Put(bias), y = scene.Room<float>((long)count * outputs);
        return new(() => scene.Ops.Linear.Forward(given, weights, biases, y, new(count, inputs, outputs)), comparison =>
        {
            float[] actual = scene.Get(y);
            for (int n = 0; n < count; n++)
                for (int k = 0; k < outputs; k++)
                {
                    float sum = bias[k];
                    for (int c = 0; c < inputs; c++)
                        sum += x[n * inputs + c] * weight[k * inputs + c];
                    comparison.Near("outputs", sum, actual[n * outputs + k], 0);
                }
        })
        { Operations = 2.0 * count * inputs * outputs, Bytes = 4.0 * (x.Length + weight.Length + (double)count * outputs) };
    }

    static OpTrial LinearGradient(DeviceScene scene, int count, int inputs, int outputs)
    {
        float[] x = StoredNumbers.Whole((long)count * inputs, 1, 3), weight = StoredNumbers.Whole((long)outputs * inputs, 2, 3), d = StoredNumbers.Whole((long)count * outputs, 4, 3);
        DeviceSpan<float> given = scene.Put(x), weights = scene.Put(weight), dOut = scene.Put(d);
        DeviceSpan<float> dX = scene.Room<float>(x.Length), dWeight = scene.Room<float>(weight.Length), dBias = scene.Room<float>(outputs);
        return new(() => scene.Ops.Linear.Gradient(dOut, given, weights, dX, dWeight, dBias, new(count, inputs, outputs)), comparison =>
        {
            float[] expectedX = new float[x.Length], expectedWeight = new float[weight.Length], expectedBias = new float[outputs];
            for (int n = 0; n < count; n++)
                for (int k = 0; k < outputs; k++)
                {
                    float slope = d[n * outputs + k];
                    expectedBias[k] += slope;
                    for (int c = 0; c < inputs; c++)
                    {
                        expectedX[n * inputs + c] += slope * weight[k * inputs + c];
                        expectedWeight[k * inputs + c] += slope * x[n * inputs + c];
                    }
                }
            comparison.Equal<float>("gradient of the input", expectedX, scene.Get(dX));
            comparison.Equal<float>("gradient of the weights", expectedWeight, scene.Get(dWeight));
            comparison.Equal<float>("gradient of the bias", expectedBias, scene.Get(dBias));
        })
        { Operations = 4.0 * count * inputs * outputs, Bytes = 4.0 * (2.0 * x.Length + 2.0 * weight.Length + d.Length) };
    }

    // Whole numbers: exact in every order and in tf32.
    static OpTrial Strided(DeviceScene scene, ComputePrecision precision, int batch, int rows, int columns, int terms)
    {
        float[] a = StoredNumbers.Sparse((long)batch * rows * terms, 1), b = StoredNumbers.Whole((long)batch * terms * columns, 2), start = StoredNumbers.Whole((long)batch * columns, 3, 5);
        DeviceSpan<float> output = scene.Room<float>((long)batch * rows * columns);
        var product = new StridedProduct(rows, columns, terms)
        {
            Batch = batch, A = scene.Put(a), ABatch = (long)rows * terms, ARow = terms, B = scene.Put(b), BBatch = (long)terms * columns, BTerm = columns,
            Initial = scene.Put(start), InitialBatch = columns, Out = output, OutBatch = (long)rows * columns, OutRow = columns, Epilogue = MatrixEpilogue.Rectify,
        };
        var ops = new StridedProductOps(scene.Stream, precision);
        return new(() => ops.Run(product), comparison =>
        {
            float[] actual = scene.Get(output), sums = new float[columns];
            for (int row = 0; row < batch * rows; row++)
            {
                int z = row / rows;
                start.AsSpan(z * columns, columns).CopyTo(sums);
                for (int t = 0; t < terms; t++)
                    for (int j = 0; j < columns; j++)
                        sums[j] += a[row * terms + t] * b[(z * terms + t) * columns + j];
                for (int j = 0; j < columns; j++)
                    comparison.Near("products", Math.Max(0, sums[j]), actual[row * columns + j], 0);
            }
        })
        {
            Operations = 2.0 * batch * rows * columns * terms, Bytes = 4.0 * (a.Length + b.Length + (double)output.Length),
            Precision = precision, TensorCores = precision != ComputePrecision.Float32,
        };
    }

    static OpTrial Gemm(DeviceScene scene, ComputePrecision precision, bool transposed, int m, int n, int k)
    {
        StorageType type = StorageTypes.Of(precision);
        float[] a = StoredNumbers.Sparse((long)m * k, 1), b = StoredNumbers.Whole((long)k * n, 2);
        CublasContext cublas = scene.Cublas;
        DeviceValues left = scene.Put(a, type), right = scene.Put(b, type);
        DeviceSpan<float> c = scene.Room<float>((long)m * n);
        var shape = new GemmShape(m, n, k) { Precision = precision, TransposeA = transposed, TransposeB = transposed };
        return new(Launch, Compare)
        {
            Operations = 2.0 * m * n * k, Bytes = (double)type.Bytes() * (a.Length + b.Length) + 4.0 * m * n,
            Precision = precision, TensorCores = precision != ComputePrecision.Float32,
        };

        void Launch()
        {
            if (type == StorageType.Float16)
                cublas.Gemm(shape, new DeviceSpan<Half>(left.Address, left.Length), new DeviceSpan<Half>(right.Address, right.Length), c);
            else if (type == StorageType.BFloat16)
                cublas.Gemm(shape, new DeviceSpan<BFloat16>(left.Address, left.Length), new DeviceSpan<BFloat16>(right.Address, right.Length), c);
            else
                cublas.Gemm(shape, new DeviceSpan<float>(left.Address, left.Length), new DeviceSpan<float>(right.Address, right.Length), c);
        }

        void Compare(Comparison comparison)
        {
            float[] actual = scene.Get(c);
            for (int i = 0; i < m; i++)
                for (int j = 0; j < n; j++)
                {
                    double sum = 0;
                    for (int t = 0; t < k; t++)
                        sum += (double)(transposed ? a[t * m + i] : a[i * k + t]) * (transposed ? b[j * k + t] : b[t * n + j]);
                    comparison.Near("products", sum, actual[i * n + j], 0);
                }
        }
    }
}
