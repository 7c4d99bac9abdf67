using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Training;

namespace JpegQualityEstimation.Tool.Conformance.Ops;

// A step of the optimiser against the processor's AdamOptimizer and MuonOptimizer: the same bits.
static class OptimizerCases
{
    static readonly OptimizerStep Adam = new(3, 1e-3, false, 1, 0.95, 0.9, 0.999, 1e-3, 1e-2, 0, 0.99);

    public static IEnumerable<OpCase> All(TrialScale scale)
    {
        int count = scale.Pick(5001, 200_001, 32_000_000);
        yield return new("Adam with running average", $"[{count}]", scene => Prepare(scene, count, [], Adam));
        (int number, int rows, int columns) = scale.Pick((2, 12, 40), (5, 64, 576), (64, 576, 576));
        int length = number * (rows * columns + 5);
        ParameterMatrix[] matrices = [.. Enumerable.Range(0, number).Select(i => new ParameterMatrix(3 + i * (rows * columns + 5), rows, columns))];
        OptimizerStep muon = Adam with { Muon = true, AdamRate = 0.1, LearningRate = 0.02 };
        yield return new("Muon", $"{number} x [{rows},{columns}]", scene => Prepare(scene, length, matrices, muon));
    }

    static OpTrial Prepare(DeviceScene scene, int length, ParameterMatrix[] matrices, OptimizerStep step)
    {
        float[] parameters = StoredNumbers.Even(length, 1), first = StoredNumbers.Even(length, 2, 0.1f), average = StoredNumbers.Even(length, 4), gradient = StoredNumbers.Even(length, 5);
        float[] second = [.. StoredNumbers.Even(length, 3, 0.1f).Select(Math.Abs)];
        CudaOptimizer optimizer = scene.Own(scene.Ops.CreateOptimizer(length, length, matrices));
        optimizer.Upload(parameters, first, second, average);
        scene.Stream.Upload<float>(gradient, optimizer.Gradient);
        optimizer.Set(step);
        // Five Newton-Schulz steps of three products each on the tall matrix.
        double products = matrices.Sum(m => 5 * (4.0 * Math.Max(m.Rows, m.Columns) + 2.0 * Math.Min(m.Rows, m.Columns)) * Math.Pow(Math.Min(m.Rows, m.Columns), 2));
        return new(() => optimizer.Run(step.Muon, default), Compare) { Operations = products, Bytes = 9.0 * 4 * length };

        void Compare(Comparison comparison)
        {
            float[][] actual = [new float[length], new float[length], new float[length], new float[length]];
            optimizer.Download(actual[0], actual[1], actual[2], actual[3]);
            foreach (float[] vector in actual)
                scene.See<float>(vector);
            double rate = step.Muon ? step.LearningRate * step.AdamRate : step.LearningRate;
            var settings = new AdamOptimizer.Settings(rate, step.Beta1, step.Beta2, step.Epsilon, step.WeightDecay);
            int done = 0;
            foreach (ParameterMatrix matrix in matrices)
            {
                new MuonOptimizer(matrix.Rows, matrix.Columns).Update(parameters.AsSpan(matrix.Offset, matrix.Length), gradient.AsSpan(matrix.Offset, matrix.Length),
                    first.AsSpan(matrix.Offset, matrix.Length), (float)step.Momentum, step.LearningRate);
                Update(done, matrix.Offset - done);
                done = matrix.Offset + matrix.Length;
            }
            Update(done, length - done);
            AdamOptimizer.Average(average, parameters, step.AverageDecay);
            comparison.Equal<float>("parameters", parameters, actual[0]);
            comparison.Equal<float>("first moments", first, actual[1]);
            comparison.Equal<float>("second moments", second, actual[2]);
            comparison.Equal<float>("running average", average, actual[3]);

            void Update(int from, int count) => AdamOptimizer.Update(parameters.AsSpan(from, count), gradient.AsSpan(from, count),
                first.AsSpan(from, count), second.AsSpan(from, count), step.Step + 1, settings);
        }
    }
}
