using JpegQualityEstimation.Maps;
using Xunit;

namespace JpegQualityEstimation.Tests.Maps;

public sealed class QualityMapTests
{
    static QualityMap Map(int width, int height, Func<int, (float Quality, float Flag, byte Reliability)> at)
    {
        int n = width * height;
        float[] quality = new float[n], flag = new float[n];
        byte[] reliability = new byte[n];
        for (int i = 0; i < n; i++)
            (quality[i], flag[i], reliability[i]) = at(i);
        return new QualityMap(width, height, quality, flag, reliability);
    }

    [Fact]
    public void MeansArePlainAndWeighted()
    {
        QualityMap map = Map(2, 2, i => i < 2 ? (80f, 1f, (byte)255) : (20f, 0f, (byte)0));
        Assert.Equal(50, map.MeanQuality);
        Assert.Equal(0.5, map.MeanCompressed);
        Assert.Equal(80, map.ReliableQuality);
        Assert.Equal(1, map.ReliableCompressed);
        Assert.Equal(0.5, map.ReliableShare);
        Assert.Equal(QualityVerdict.Jpeg, map.Verdict);
    }

    [Fact]
    public void WithoutReliablePixelsThePlainMeansStandAndTheVerdictIsOpen()
    {
        QualityMap map = Map(3, 1, i => (30f * i, 1f, 0));
        Assert.Equal(30, map.ReliableQuality);
        Assert.Equal(1, map.ReliableCompressed);
        Assert.Equal(0, map.ReliableShare);
        Assert.Equal(QualityVerdict.Undetermined, map.Verdict);
    }

    [Theory]
    [InlineData(1.0, 0.97, QualityVerdict.Jpeg)]
    [InlineData(1.0, 0.02, QualityVerdict.NeverCompressed)]
    [InlineData(1.0, 0.5, QualityVerdict.Undetermined)]
    [InlineData(0.0, 0.97, QualityVerdict.Undetermined)]
    [InlineData(0.0, 0.02, QualityVerdict.Undetermined)]
    [InlineData(VerdictRule.MinimumReliableShare, 1.0, QualityVerdict.Jpeg)]
    [InlineData(VerdictRule.MinimumReliableShare - 1e-9, 1.0, QualityVerdict.Undetermined)]
    [InlineData(1.0, VerdictRule.JpegAbove, QualityVerdict.Undetermined)]
    [InlineData(1.0, VerdictRule.NeverCompressedBelow, QualityVerdict.Undetermined)]
    public void TheVerdictNeedsTextureAndAClearFlag(double reliable, double flag, QualityVerdict expected) =>
        Assert.Equal(expected, VerdictRule.Decide(reliable, flag));

    [Fact]
    public void ARegionIsSummarizedAlone()
    {
        QualityMap map = Map(10, 4, i => i % 10 < 5 ? (90f, 1f, (byte)255) : (10f, 0f, (byte)255));
        Assert.Equal(90, map.Summarize(0, 0, 5, 4).MeanQuality);
        Assert.Equal(QualityVerdict.NeverCompressed, map.Summarize(5, 1, 5, 2).Verdict);
        Assert.Equal(map.Summary, map.Summarize(0, 0, 10, 4));
    }

    [Theory]
    [InlineData(-1, 0, 1, 1)]
    [InlineData(0, 0, 0, 1)]
    [InlineData(0, 0, 11, 1)]
    [InlineData(9, 3, 1, 2)]
    [InlineData(int.MaxValue, 0, 1, 1)]
    public void ARegionOutsideIsRefused(int x, int y, int width, int height)
    {
        QualityMap map = Map(10, 4, _ => (1f, 1f, 255));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.Summarize(x, y, width, height));
    }
}
