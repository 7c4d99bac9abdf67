using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Engine.Ops;
using Xunit;

namespace JpegQualityEstimation.Tests.Engine.DenseNet;

/// <summary>Grid phases at the places of the last block: products on small integers, the loss against its slopes and against what a phase is.</summary>
public sealed unsafe class GridPhaseHeadTests
{
    const int Features = 456, Places = GridPhaseHead.Places, Classes = GridPhaseHead.Classes;
    static readonly uint[] s_rows = [.. Enumerable.Range(0, Places).Select(p => (uint)(7 * p % Places / 16))];
    static readonly uint[] s_columns = [.. Enumerable.Range(0, Places).Select(p => (uint)(7 * p % Places % 16))];

    public static TheoryData<string> Sets => [.. CpuKernelSets.Available.Select(set => set.ToString())];

    [Theory]
    [MemberData(nameof(Sets))]
    public void ProductsEqualTheirDefinitions(string set)
    {
        var head = new GridPhaseHead(DenseBlockOps.For(Enum.Parse<CpuKernelSet>(set)));
        AlignedFloats values = Integers(Features * Places, 1), weights = Integers(Classes * Features, 2), bias = Integers(Classes, 3), averages = Integers(Features, 4);
        AlignedFloats outputs = Integers(Classes * Places, 5), dOutputs = Integers(Classes * Places, 6), dWeights = Integers(Classes * Features, 7), dBias = Integers(Classes, 8);
        AlignedFloats scale = new(Features), shift = new(Features);
        scale.Span.Fill(1);
        float[] dWeightsBefore = dWeights.Span.ToArray(), dBiasBefore = dBias.Span.ToArray();
        head.Activate(new PlaneRows(values.Pointer, Places, 16), scale.Pointer, shift.Pointer);
        head.Outputs(weights.Pointer, bias.Pointer, outputs.Pointer);
        head.Backward(dOutputs.Pointer, weights.Pointer, averages.Pointer, dWeights.Pointer, dBias.Pointer);
        float Feature(int c, int p) => Math.Max(0, values.Span[c * Places + p]);
        for (int k = 0; k < Classes; k++)
        {
            for (int p = 0; p < Places; p++)
                Assert.Equal(bias.Span[k] + Enumerable.Range(0, Features).Sum(c => weights.Span[k * Features + c] * Feature(c, p)), outputs.Span[k * Places + p]);
            for (int c = 0; c < Features; c++)
                Assert.Equal(dWeightsBefore[k * Features + c] + Enumerable.Range(0, Places).Sum(p => dOutputs.Span[k * Places + p] * Feature(c, p)), dWeights.Span[k * Features + c]);
            Assert.Equal(dBiasBefore[k] + Enumerable.Range(0, Places).Sum(p => dOutputs.Span[k * Places + p]), dBias.Span[k]);
        }
        for (int c = 0; c < Features; c++)
            for (int p = 0; p < Places; p++)
                Assert.Equal(averages.Span[c] + Enumerable.Range(0, Classes).Sum(k => weights.Span[k * Features + c] * dOutputs.Span[k * Places + p]),
                    head.Gradients.At(p / 16)[c * head.Gradients.ChannelStride + p % 16]);
    }

    // In the rows of a window whose first grid begins in row r, pixel row r is row 0 of a block; columns alike.
    [Fact]
    public void OutputsThatSayTheGridCostNothing()
    {
        float[] posterior = new float[64];
        for (int phase = 0; phase < 64; phase++)
        {
            float[] outputs = new float[Classes * Places];
            for (int p = 0; p < Places; p++)
            {
                outputs[(4 * (int)s_rows[p] + 8 - phase / 8) % 8 * Places + p] = 40;
                outputs[(8 + (4 * (int)s_columns[p] + 8 - phase % 8) % 8) * Places + p] = 40;
            }
            double loss = GridPhaseHead.Apply(outputs, phase, s_rows, s_columns, 1, posterior);
            Assert.InRange(loss, 0, 14 * Math.Exp(-40));
            Assert.Equal(phase, Array.IndexOf(posterior, posterior.Max()));
        }
    }

    [Fact]
    public void AWindowWithoutAGridHasNoLoss()
    {
        float[] outputs = Integers(Classes * Places, 1).Span.ToArray(), posterior = new float[64];
        Assert.Equal(0, GridPhaseHead.Apply(outputs, 255, s_rows, s_columns, 1, posterior));
        Assert.All(outputs, value => Assert.Equal(0, value));
    }

    // Of outputs that know nothing the loss is that of eight equal guesses for a row and for a column, and all phases are alike.
    [Fact]
    public void IndifferenceCostsTheLogarithmOfEight()
    {
        float[] posterior = new float[64];
        Assert.Equal(Math.Log(8), GridPhaseHead.Apply(new float[Classes * Places], 11, s_rows, s_columns, 1, posterior), 12);
        Assert.All(posterior, value => Assert.Equal(posterior[0], value));
    }

    // Central differences over 2 h: wrong by h^2 / 6 of the third derivative, below 1/512 in each output; gradients are floats.
    [Fact]
    public void GradientIsTheSlopeOfTheLoss()
    {
        const float Step = 1f / 64;
        const double Factor = 3;
        float[] outputs = [.. Integers(Classes * Places, 9).Span.ToArray().Select(value => value / 4)];
        float[] gradient = (float[])outputs.Clone();
        GridPhaseHead.Apply(gradient, 29, s_rows, s_columns, Factor, []);
        for (int i = 0; i < outputs.Length; i += 37)
        {
            double slope = Factor * (Loss(i, Step) - Loss(i, -Step)) / (2 * Step);
            Assert.Equal(slope, gradient[i], Factor / (2 * Places) * (Step * Step / 6 + 1e-7));
        }

        double Loss(int i, float by)
        {
            float[] moved = (float[])outputs.Clone();
            moved[i] += by;
            return GridPhaseHead.Apply(moved, 29, s_rows, s_columns, 1, []);
        }
    }

    static AlignedFloats Integers(int count, int seed)
    {
        var random = new Random(seed);
        var values = new AlignedFloats(count);
        for (int i = 0; i < count; i++)
            values.Span[i] = random.Next(-3, 4);
        return values;
    }
}
