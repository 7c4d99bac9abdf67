using JpegQualityEstimation.Engine.Cpu;
using Xunit;

namespace JpegQualityEstimation.Tests.Engine;

public sealed unsafe class TranspositionTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 5)]
    [InlineData(4, 4)]
    [InlineData(16, 48)]
    [InlineData(17, 6)]
    [InlineData(35, 31)]
    [InlineData(48, 64)]
    public void EveryElementIsAtItsPlaceAndNothingElseIsWritten(int rows, int columns)
    {
        const int Slack = 3;
        float[] from = [.. Enumerable.Range(1, rows * (columns + Slack)).Select(i => (float)i)];
        float[] to = new float[columns * (rows + Slack)];
        fixed (float* source = from, target = to)
            Transposition.Apply(source, columns + Slack, rows, columns, target, rows + Slack);
        for (int j = 0; j < columns; j++)
            for (int i = 0; i < rows + Slack; i++)
                Assert.Equal(i < rows ? from[i * (columns + Slack) + j] : 0, to[j * (rows + Slack) + i]);
    }
}
