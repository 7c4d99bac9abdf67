using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Networks;
using Xunit;

namespace JpegQualityEstimation.Tests.Engine;

public sealed class QualityTrainingStepTests
{
    const int Size = 9;
    const int Batch = 3;

    public static TheoryData<string, string> Sets()
    {
        var data = new TheoryData<string, string>();
        foreach (CpuKernelSet set in CpuKernelSets.Available)
            foreach (ConvolutionAlgorithm algorithm in Enum.GetValues<ConvolutionAlgorithm>())
                data.Add(set.ToString(), algorithm.ToString());
        return data;
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void GradientIsTheSlopeOfTheLossInDouble(string set, string algorithm)
    {
        (float[] parameters, byte[] patches, float[] targets) = Case(5);
        float[] gradient = new float[parameters.Length];
        QualityLoss loss = Step(set, 1, algorithm).Run(parameters, patches, targets, gradient);
        (double reference, (int Layer, int Parameter, double Slope)[] slopes) = s_reference.Value;
        Assert.Equal(reference, loss.Total, 5e-6 * reference);
        // 1e-4 of the slope for float32 sums of some hundred terms, 1e-6 where it is near nothing.
        foreach ((int l, int i, double slope) in slopes)
            Assert.True(Math.Abs(slope - gradient[i]) <= 1e-6 + 1e-4 * Math.Abs(slope), $"layer {l + 1}, parameter {i}: slope {slope}, gradient {gradient[i]}");
    }

    // Central differences in double of the reference network, at parameters spread over all layers: once for all widths.
    static readonly Lazy<(double Loss, (int Layer, int Parameter, double Slope)[] Slopes)> s_reference = new(() =>
    {
        (float[] parameters, byte[] patches, float[] targets) = Case(5);
        double[] exact = Array.ConvertAll(parameters, p => (double)p);
        double reference = QualityReferenceNetwork.Loss(exact, patches, targets, Batch, Size);
        var slopes = new List<(int, int, double)>();
        for (int l = 0; l < QualityArchitecture.Layers; l++)
        {
            int[] at =
            [
                QualityArchitecture.WeightOffset(l), QualityArchitecture.WeightOffset(l) + 4,
                QualityArchitecture.WeightOffset(l) + QualityArchitecture.WeightCount(l) / 2 + 5,
                QualityArchitecture.BiasOffset(l) - 1, QualityArchitecture.BiasOffset(l), QualityArchitecture.BiasOffset(l) + 1,
            ];
            foreach (int i in at)
            {
                const double Step = 1e-6;
                double keep = exact[i];
                exact[i] = keep + Step;
                double up = QualityReferenceNetwork.Loss(exact, patches, targets, Batch, Size);
                exact[i] = keep - Step;
                double down = QualityReferenceNetwork.Loss(exact, patches, targets, Batch, Size);
                exact[i] = keep;
                slopes.Add((l, i, (up - down) / (2 * Step)));
            }
        }
        return (reference, slopes.ToArray());
    });

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void ThreadCountChangesNoBit(int threads)
    {
        (float[] parameters, byte[] patches, float[] targets) = Case(6);
        float[] one = new float[parameters.Length];
        float[] many = new float[parameters.Length];
        QualityLoss first = Step(CpuKernelSets.Chosen.ToString(), 1).Run(parameters, patches, targets, one);
        QualityLoss second = Step(CpuKernelSets.Chosen.ToString(), threads).Run(parameters, patches, targets, many);
        Assert.Equal(first, second);
        Assert.Equal(one, many);
    }

    [Fact]
    public void RunsRepeat()
    {
        (float[] parameters, byte[] patches, float[] targets) = Case(7);
        QualityTrainingStep step = Step(CpuKernelSets.Chosen.ToString(), 2);
        float[] one = new float[parameters.Length];
        float[] again = new float[parameters.Length];
        step.Run(parameters, patches, targets, one);
        step.Run(parameters, patches, targets, again);
        Assert.Equal(one, again);
    }

    [Fact]
    public void LossWeightsScaleTheGradientOfEachMap()
    {
        (float[] parameters, byte[] patches, float[] targets) = Case(8);
        float[] both = new float[parameters.Length];
        float[] quality = new float[parameters.Length];
        float[] flag = new float[parameters.Length];
        Step(CpuKernelSets.Chosen.ToString(), 1).Run(parameters, patches, targets, both);
        new QualityTrainingStep(Batch, Size, 1) { LossWeights = (1, 0) }.Run(parameters, patches, targets, quality);
        new QualityTrainingStep(Batch, Size, 1) { LossWeights = (0, 1) }.Run(parameters, patches, targets, flag);
        for (int i = 0; i < both.Length; i += 97)
            Assert.Equal(both[i], quality[i] + flag[i], 1e-6 + 1e-4 * Math.Abs(both[i]));
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 0, 0)]
    [InlineData(0, 1, 0)]
    [InlineData(0, 0, 1)]
    public void WrongLengthsAreRefusedByName(int moreParameters, int morePatches, int moreTargets)
    {
        (float[] parameters, byte[] patches, float[] targets) = Case(9);
        QualityTrainingStep step = Step(CpuKernelSets.Chosen.ToString(), 1);
        int moreGradient = moreParameters + morePatches + moreTargets == 0 ? 1 : 0;
        string expected = moreParameters > 0 ? "parameters" : morePatches > 0 ? "patches" : moreTargets > 0 ? "targets" : "gradient";
        var error = Assert.Throws<ArgumentException>(() => step.Run(
            new float[parameters.Length + moreParameters], new byte[patches.Length + morePatches],
            new float[targets.Length + moreTargets], new float[parameters.Length + moreGradient]));
        Assert.Equal(expected, error.ParamName);
    }

    static QualityTrainingStep Step(string set, int threads, string algorithm = "Winograd") =>
        new(Batch, Size, threads, Enum.Parse<CpuKernelSet>(set), Enum.Parse<ConvolutionAlgorithm>(algorithm));

    static (float[] Parameters, byte[] Patches, float[] Targets) Case(int seed)
    {
        var random = new Random(seed);
        float[] parameters = (float[])QualityNetwork.CreateInitialized((ulong)seed, QualityInitialization.Glorot).Parameters.Clone();
        for (int l = 0; l < QualityArchitecture.Layers; l++)
            for (int k = 0; k < QualityArchitecture.OutputChannels(l); k++)
                parameters[QualityArchitecture.BiasOffset(l) + k] = (random.NextSingle() - 0.5f) * 0.2f;
        byte[] patches = new byte[Batch * Size * Size * 3];
        random.NextBytes(patches);
        float[] targets = new float[Batch * Size * Size * 2];
        foreach (ref float t in targets.AsSpan())
            t = random.NextSingle();
        return (parameters, patches, targets);
    }
}
