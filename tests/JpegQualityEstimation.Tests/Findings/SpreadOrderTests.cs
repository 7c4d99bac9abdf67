using JpegQualityEstimation.Findings;
using Xunit;

namespace JpegQualityEstimation.Tests.Findings;

public sealed class SpreadOrderTests
{
    [Fact]
    public void EveryIndexComesOnceAndBeginningsAreSpread()
    {
        for (int count = 1; count < 300; count++)
        {
            var order = new SpreadOrder(count);
            Assert.Equal(Enumerable.Range(0, count), Enumerable.Range(0, count).Select(i => order[i]).Order());
        }
        var many = new SpreadOrder(100_000);
        int[] firsts = [.. Enumerable.Range(0, 100).Select(i => many[i]).Order()];
        Assert.True(firsts.Zip(firsts.Skip(1), (a, b) => b - a).Max() <= 3000);
    }
}
