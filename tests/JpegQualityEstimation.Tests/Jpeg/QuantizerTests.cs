using JpegQualityEstimation.Jpeg;
using Xunit;

namespace JpegQualityEstimation.Tests.Jpeg;

public sealed class QuantizerTests
{
    [Theory]
    [InlineData(1, 64)]
    [InlineData(65, 128)]
    [InlineData(129, 192)]
    [InlineData(193, 255)]
    public void EveryNumeratorOfEveryBaselineStepIsExact(int firstStep, int lastStep)
    {
        for (int q = firstStep; q <= lastStep; q++)
            CheckAllNumerators(q);
    }

    [Fact]
    public void EveryNumeratorOfSampledLargeStepsIsExact()
    {
        var random = new Random(1);
        for (int q = 256; q <= 65535; q += random.Next(1, 800))
            CheckAllNumerators(q);
        foreach (int q in (int[])[256, 257, 511, 512, 513, 4095, 4096, 4097, 8190, 8191, 8192, 32767, 32768, 65534, 65535])
            CheckAllNumerators(q);
    }

    static void CheckAllNumerators(int q)
    {
        var (half, factor, scale) = Quantizer.Factors(q);
        for (int x = 0; x <= Quantizer.MaxMagnitude; x++)
        {
            int expected = (x + 4 * q) / (8 * q);
            // From 8192 on the documented result is 0.
            if (q >= 8192)
                expected = 0;
            int actual = Quantizer.Divide(x, half, factor, scale);
            if (expected != actual)
                Assert.Fail($"{x} by {q}: {actual} instead of {expected}");
        }
    }

    [Fact]
    public void HalvesGoAwayFromZeroAndSignsAreSymmetric()
    {
        var table = new QuantTable(Enumerable.Repeat((ushort)3, 64).ToArray());
        short[] x = new short[64];
        (x[0], x[1], x[2], x[3], x[4], x[5]) = (11, 12, -11, -12, 36, -36);
        table.Quantizer.Quantize(x, x);
        Assert.Equal(new short[] { 0, 1, 0, -1, 2, -2 }, x[..6]);
    }

    [Fact]
    public void DequantizeMultiplies()
    {
        QuantTable table = QuantTable.StandardLuminance(50);
        short[] x = [.. Enumerable.Range(-32, 64).Select(i => (short)i)];
        table.Quantizer.Dequantize(x, x);
        for (int i = 0; i < 64; i++)
            Assert.Equal((i - 32) * table.NaturalOrder[i], x[i]);
    }

    [Fact]
    public void DequantizeWrapsAsTheVectorsDo()
    {
        var table = new QuantTable(Enumerable.Repeat((ushort)40000, 64).ToArray());
        short[] x = [.. Enumerable.Repeat((short)3, 64)];
        table.Quantizer.Dequantize(x, x);
        Assert.All(x, v => Assert.Equal(unchecked((short)120000), v));
    }

    [Fact]
    public void ATableKeepsItsQuantizer()
    {
        var table = new QuantTable(QuantTable.StandardLuminance(7).NaturalOrder);
        Assert.Same(table.Quantizer, table.Quantizer);
    }
}
