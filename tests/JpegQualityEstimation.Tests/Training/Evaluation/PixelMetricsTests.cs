using JpegQualityEstimation.Training;
using JpegQualityEstimation.Training.Evaluation;
using Xunit;

namespace JpegQualityEstimation.Tests.Training.Evaluation;

public sealed class PixelMetricsTests
{
    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 10)]
    [InlineData(3, 50)]
    [InlineData(4, 200)]
    [InlineData(5, 200)]
    public void Figures_equal_the_brute_force(int seed, int levels)
    {
        var random = new Random(seed);
        float[] scores = [.. Enumerable.Range(0, 157).Select(_ => random.Next(levels) / (float)levels)];
        bool[] truth = [.. scores.Select(score => random.NextDouble() < 0.2 + 0.6 * score)];

        double wins = 0, pairs = 0, best = 0;
        for (int i = 0; i < scores.Length; i++)
            for (int j = 0; j < scores.Length; j++)
                if (truth[i] && !truth[j])
                    (wins, pairs) = (wins + (scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0), pairs + 1);
        foreach (float threshold in scores.Distinct().Append(-1))
            best = Math.Max(best, BruteF1(threshold));
        Assert.Equal(wins / pairs, PixelMetrics.Auc(scores, truth), 12);
        Assert.Equal(best, PixelMetrics.BestF1(scores, truth), 12);
        Assert.Equal(BruteF1(0.5f), PixelMetrics.F1(scores, truth, 0.5f), 12);

        double BruteF1(float threshold)
        {
            int tp = 0, fp = 0, fn = 0;
            for (int i = 0; i < scores.Length; i++)
            {
                bool call = scores[i] > threshold;
                (tp, fp, fn) = (tp + (call && truth[i] ? 1 : 0), fp + (call && !truth[i] ? 1 : 0), fn + (!call && truth[i] ? 1 : 0));
            }
            return 2.0 * tp / (2 * tp + fp + fn);
        }
    }

    [Fact]
    public void Perfect_inverted_constant_and_empty()
    {
        bool[] truth = [true, true, false, false];
        Assert.Equal(1, PixelMetrics.Auc([4, 3, 2, 1], truth));
        Assert.Equal(0, PixelMetrics.Auc([1, 2, 3, 4], truth));
        Assert.Equal(0.5, PixelMetrics.Auc([1, 1, 1, 1], truth));
        Assert.Equal(0.5, PixelMetrics.Auc([1, 2], [true, true]));
        Assert.Equal(1, PixelMetrics.BestF1([4, 3, 2, 1], truth));
        Assert.Equal(2.0 / 3, PixelMetrics.BestF1([1, 1, 1, 1], truth), 12);
        Assert.Equal(0, PixelMetrics.F1([0, 0], [false, false], 0.5f));
        Assert.Throws<ArgumentException>(() => PixelMetrics.Auc([1], [true, false]));
    }

    [Fact]
    public void Masks_keep_their_share_and_their_seed()
    {
        var shares = new HashSet<int>();
        for (ulong i = 0; i < 60; i++)
        {
            var random = new CounterRandom(1, 2, i);
            bool[] mask = SpliceMask.Create(97, 61, 0.05, 0.4, ref random);
            double share = mask.Count(inside => inside) / (97.0 * 61);
            Assert.InRange(share, 0.049, 0.401);
            shares.Add((int)(share * 100));
            var again = new CounterRandom(1, 2, i);
            Assert.Equal(mask, SpliceMask.Create(97, 61, 0.05, 0.4, ref again));
        }
        Assert.True(shares.Count > 15);
    }
}
