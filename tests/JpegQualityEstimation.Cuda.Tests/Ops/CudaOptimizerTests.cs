using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Training;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Ops;

// A step of the optimiser on the device against TrainingLoop's: clip, Muon and Adam, average.
public sealed class CudaOptimizerTests
{
    static readonly OptimizerStep Adam = new(0, 1e-3, false, 1, 0.95, 0.9, 0.999, 1e-3, 1e-2, 0, 0.99);

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(1023)]
    [InlineData(4099)]
    [InlineData(9001)]
    public void AdamHasTheProcessorsBits(int length)
    {
        using var scene = new OpsScene();
        var state = new State(length, 1);
        using CudaOptimizer optimizer = scene.Ops.CreateOptimizer(length, length, []);
        state.Upload(optimizer);
        for (int step = 0; step < 4; step++)
        {
            state.Step(Adam with { Step = step, AverageDecay = step == 0 ? 0 : 0.9 }, step, scene, optimizer, []);
            state.AssertEqual(optimizer);
        }
    }

    [SkippableFact]
    public void StatisticsBehindTheTrainablePartAreOnlyCopiedToTheAverage()
    {
        using var scene = new OpsScene();
        const int Length = 2100, Trainable = 1050;
        var state = new State(Length, 2);
        using CudaOptimizer optimizer = scene.Ops.CreateOptimizer(Length, Trainable, []);
        state.Upload(optimizer);
        state.Step(Adam, 0, scene, optimizer, [], Trainable);
        state.AssertEqual(optimizer);
        Assert.Equal(state.Parameters[Trainable..], state.Average[Trainable..]);
    }

    // The norm is summed in another order: its square is within n roundings of a double, its root within half as many.
    [SkippableTheory]
    [InlineData(0.5)]
    [InlineData(1e6)]
    public void TheNormIsWithinItsTermsAndClips(double limit)
    {
        using var scene = new OpsScene();
        const int Length = 10_000;
        var state = new State(Length, 3);
        using CudaOptimizer optimizer = scene.Ops.CreateOptimizer(Length, Length, []);
        state.Upload(optimizer);
        float[] gradient = OpsScene.Random(Length, 30);
        double norm = AdamOptimizer.Clip((float[])gradient.Clone(), 0);
        state.Step(Adam with { ClipNorm = limit }, 30, scene, optimizer, []);
        StepVerdict verdict = optimizer.ReadVerdict();
        Assert.Equal(1, verdict.Finite);
        Assert.Equal(norm, verdict.Norm, norm * Length * Math.ScaleB(1, -53));
        Assert.Equal(norm > limit ? (float)(limit / verdict.Norm) : 1, verdict.Factor);
        // One unit of the factor, three roundings of v, and what is left in Adam's quotient.
        state.AssertNear(optimizer, 8 * Math.ScaleB(1, -23));
    }

    public static TheoryData<int[]> Shapes() => new([[1, 1], [3, 5], [64, 40], [12, 90, 12, 198, 33, 33]]);

    // Rows, columns of matrices, with odd gaps between. The products have the processor's bits; the norm of the direction is
    // summed in another order, but in doubles: its inverse is the same float unless it lies 1e-16 from the middle of two.
    [SkippableTheory]
    [MemberData(nameof(Shapes))]
    public void MuonHasTheProcessorsBits(int[] sizes)
    {
        using var scene = new OpsScene();
        var matrices = new List<ParameterMatrix>();
        int at = 3;
        for (int i = 0; i < sizes.Length; i += 2)
        {
            matrices.Add(new ParameterMatrix(at, sizes[i], sizes[i + 1]));
            at = matrices[^1].Offset + matrices[^1].Length + 5;
        }
        var state = new State(at, 4);
        using CudaOptimizer optimizer = scene.Ops.CreateOptimizer(at, at, matrices);
        state.Upload(optimizer);
        for (int step = 0; step < 2; step++)
            state.Step(Adam with { Step = step, Muon = true, AdamRate = 0.1, LearningRate = 0.02, ClipNorm = 1e9 }, step, scene, optimizer, matrices);
        state.AssertEqual(optimizer);
    }

    [SkippableFact]
    public void AStepWithoutAGradientLeavesMatricesAlone()
    {
        using var scene = new OpsScene();
        using CudaOptimizer optimizer = scene.Ops.CreateOptimizer(48, 48, [new ParameterMatrix(0, 6, 8)]);
        var state = new State(48, 5);
        Array.Clear(state.First);
        state.Upload(optimizer);
        optimizer.Apply(Adam with { Muon = true });
        var read = new State(48, 0);
        read.Download(optimizer);
        Assert.Equal(state.Parameters, read.Parameters);
    }

    [SkippableTheory]
    [InlineData(float.NaN, 1.0)]
    [InlineData(float.PositiveInfinity, 1.0)]
    [InlineData(0.5f, double.NaN)]
    [InlineData(0.5f, double.NegativeInfinity)]
    public void AStepThatIsNotFiniteChangesNothing(float gradient, double value)
    {
        using var scene = new OpsScene();
        const int Length = 700;
        var state = new State(Length, 6);
        using CudaOptimizer optimizer = scene.Ops.CreateOptimizer(Length, Length, [new ParameterMatrix(8, 10, 20)]);
        state.Upload(optimizer);
        float[] gradients = OpsScene.Random(Length, 7);
        gradients[5] = gradient;
        scene.Stream.Upload<float>(gradients, optimizer.Gradient);
        optimizer.Apply(Adam with { Muon = true }, scene.Put<double>([1, value]));
        Assert.Equal(0, optimizer.ReadVerdict().Finite);
        state.AssertEqual(optimizer);
    }

    [SkippableFact]
    public void ACapturedStepIsTheSameStep()
    {
        using var scene = new OpsScene();
        const int Length = 1500;
        ParameterMatrix[] matrices = [new(16, 20, 30)];
        OptimizerStep step = Adam with { Muon = true, LearningRate = 0.01, ClipNorm = 1 };
        var results = new List<State>();
        foreach (bool captured in (bool[])[false, true])
        {
            using CudaOptimizer optimizer = scene.Ops.CreateOptimizer(Length, Length, matrices);
            DeviceSpan<double> values = scene.Put<double>([1]);
            optimizer.Run(true, values);
            using CudaGraph? graph = captured ? scene.Stream.Capture(_ => optimizer.Run(true, values)) : null;
            new State(Length, 8).Upload(optimizer);
            for (int i = 0; i < 2; i++)
            {
                scene.Stream.Upload<float>(OpsScene.Random(Length, i), optimizer.Gradient);
                optimizer.Set(step with { Step = i });
                if (graph is null)
                    optimizer.Run(true, values);
                else
                    scene.Stream.Launch(graph);
            }
            var state = new State(Length, 0);
            state.Download(optimizer);
            results.Add(state);
            scene.Stream.Synchronize();
        }
        Assert.Equal(results[0].Parameters, results[1].Parameters);
        Assert.Equal(results[0].Average, results[1].Average);
        Assert.NotEqual(new State(Length, 8).Parameters, results[0].Parameters);
    }

    [Fact]
    public void RunsCoverEveryParameterOnce()
    {
        ParameterMatrix[] matrices = [new(7, 3, 500), new(1507, 40, 40), new(5000, 1, 1)];
        ParameterRun[] runs = ParameterRun.Cut(9000, 6001, matrices);
        int at = 0, index = 0;
        foreach (ParameterRun run in runs)
        {
            Assert.Equal(at, run.Offset);
            Assert.InRange(run.Count, 1, ParameterRun.Longest);
            int owner = Array.FindIndex(matrices, matrix => at >= matrix.Offset && at < matrix.Offset + matrix.Length);
            Assert.Equal(owner >= 0 ? owner : at >= 6001 ? ParameterRun.Statistics : ParameterRun.Adam, run.Kind);
            if (owner >= 0)
                Assert.Equal(index++, run.Index);
            at += run.Count;
        }
        Assert.Equal(9000, at);
        Assert.Throws<ArgumentException>(() => ParameterRun.Cut(100, 100, [new(0, 5, 5), new(24, 2, 2)]));
        Assert.Throws<ArgumentException>(() => ParameterRun.Cut(100, 10, [new(0, 5, 5)]));
    }

    sealed class State(int length, int seed)
    {
        public float[] Parameters { get; } = OpsScene.Random(length, seed);

        public float[] First { get; } = OpsScene.Random(length, seed + 1000, 0.1f);

        public float[] Second { get; } = [.. OpsScene.Random(length, seed + 2000, 0.1f).Select(Math.Abs)];

        public float[] Average { get; } = OpsScene.Random(length, seed + 3000);

        public void Upload(CudaOptimizer optimizer) => optimizer.Upload(Parameters, First, Second, Average);

        public void Download(CudaOptimizer optimizer) => optimizer.Download(Parameters, First, Second, Average);

        // As TrainingLoop and ParameterUpdate do.
        public void Step(in OptimizerStep step, int gradientSeed, OpsScene scene, CudaOptimizer optimizer, IReadOnlyList<ParameterMatrix> matrices, int? trainable = null)
        {
            int moved = trainable ?? length;
            float[] gradient = OpsScene.Random(length, gradientSeed);
            scene.Stream.Upload<float>(gradient, optimizer.Gradient);
            optimizer.Apply(step);

            AdamOptimizer.Clip(gradient.AsSpan(0, moved), step.ClipNorm);
            double rate = step.Muon ? step.LearningRate * step.AdamRate : step.LearningRate;
            var settings = new AdamOptimizer.Settings(rate, step.Beta1, step.Beta2, step.Epsilon, step.WeightDecay);
            int done = 0;
            foreach (ParameterMatrix matrix in matrices)
            {
                new MuonOptimizer(matrix.Rows, matrix.Columns).Update(Parameters.AsSpan(matrix.Offset, matrix.Length), gradient.AsSpan(matrix.Offset, matrix.Length),
                    First.AsSpan(matrix.Offset, matrix.Length), (float)step.Momentum, step.LearningRate);
                Update(done, matrix.Offset - done, step.Step);
                done = matrix.Offset + matrix.Length;
            }
            Update(done, moved - done, step.Step);
            AdamOptimizer.Average(Average.AsSpan(0, moved), Parameters.AsSpan(0, moved), step.AverageDecay);
            Parameters.AsSpan(moved).CopyTo(Average.AsSpan(moved));

            void Update(int from, int count, long before) => AdamOptimizer.Update(Parameters.AsSpan(from, count), gradient.AsSpan(from, count),
                First.AsSpan(from, count), Second.AsSpan(from, count), before + 1, settings);
        }

        public void AssertEqual(CudaOptimizer optimizer)
        {
            var read = new State(length, 0);
            read.Download(optimizer);
            Assert.Equal(Parameters, read.Parameters);
            Assert.Equal(First, read.First);
            Assert.Equal(Second, read.Second);
            Assert.Equal(Average, read.Average);
        }

        public void AssertNear(CudaOptimizer optimizer, double relative)
        {
            var read = new State(length, 0);
            read.Download(optimizer);
            foreach ((float[] expected, float[] actual) in ((float[], float[])[])[(Parameters, read.Parameters), (First, read.First), (Second, read.Second), (Average, read.Average)])
                for (int i = 0; i < length; i++)
                    Assert.Equal(expected[i], actual[i], relative);
        }
    }
}
