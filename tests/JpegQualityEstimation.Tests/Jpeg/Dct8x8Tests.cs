using JpegQualityEstimation.Jpeg;
using Xunit;

namespace JpegQualityEstimation.Tests.Jpeg;

// The bounds: islow keeps 2 extra bits between passes and rounds 3 times; libjpeg's own account is that it meets the
// IEEE 1180 accuracy, a peak error of 1 in the samples. Forward results carry a factor 8: 1 unit is 1/8 coefficient.
public sealed class Dct8x8Tests
{
    static readonly QuantTable ones = new(Enumerable.Repeat((ushort)1, 64).ToArray());

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void ForwardIsNearTheIdeal(int seed)
    {
        var random = new Random(seed);
        var samples = new byte[64];
        var coefficients = new short[64];
        for (int block = 0; block < 300; block++)
        {
            random.NextBytes(samples);
            if (block % 3 == 0)
                for (int i = 0; i < 64; i++)
                    samples[i] = (byte)(samples[i] < 128 ? 0 : 255);
            double[] ideal = SlowDct.Forward(samples);
            Dct8x8.Forward(samples, 8, coefficients);
            for (int i = 0; i < 64; i++)
                Assert.InRange(coefficients[i] - 8 * ideal[i], -4, 4);
        }
    }

    [Theory]
    [InlineData(1, 300)]
    [InlineData(2, 40)]
    [InlineData(3, 5)]
    public void InverseIsWithinOneOfTheIdeal(int seed, int magnitude)
    {
        var random = new Random(seed);
        var coefficients = new short[64];
        var samples = new byte[64];
        for (int block = 0; block < 300; block++)
        {
            for (int i = 0; i < 64; i++)
                coefficients[i] = (short)(random.Next(-magnitude, magnitude + 1) / (1 + i / 8 + i % 8));
            double[] ideal = SlowDct.Inverse(coefficients);
            Dct8x8.Inverse(coefficients, samples, 8);
            for (int i = 0; i < 64; i++)
                Assert.InRange(samples[i] - Math.Clamp(ideal[i], 0, 255), -1, 1);
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void StepsOfOneGiveTheSamplesBackWithinOne(int seed)
    {
        var random = new Random(seed);
        var samples = new byte[64];
        var back = new byte[64];
        var coefficients = new short[64];
        for (int block = 0; block < 1000; block++)
        {
            random.NextBytes(samples);
            Dct8x8.Forward(samples, 8, coefficients);
            ones.Quantizer.Quantize(coefficients, coefficients);
            Dct8x8.Inverse(coefficients, back, 8);
            // 64 roundings of at most 1/2 with orthonormal weights: mean square 1/12; 2 is over 5 deviations.
            for (int i = 0; i < 64; i++)
                Assert.InRange(back[i] - samples[i], -2, 2);
        }
    }

    [Fact]
    public void AFlatBlockIsItsDc()
    {
        var samples = new byte[64];
        var back = new byte[64];
        var coefficients = new short[64];
        for (int value = 0; value < 256; value++)
        {
            samples.AsSpan().Fill((byte)value);
            Dct8x8.Forward(samples, 8, coefficients);
            Assert.Equal(64 * (value - 128), coefficients[0]);
            Assert.All(coefficients[1..], c => Assert.Equal(0, c));
            coefficients[0] = (short)(8 * (value - 128));
            Dct8x8.Inverse(coefficients, back, 8);
            Assert.Equal(samples, back);
        }
    }

    [Fact]
    public void StrideIsKeptAndWhatLiesBetweenIsUntouched()
    {
        const int stride = 19;
        byte[] samples = KernelSets.Bytes(7 * stride + 8, 1);
        var packed = new byte[64];
        for (int y = 0; y < 8; y++)
            samples.AsSpan(y * stride, 8).CopyTo(packed.AsSpan(y * 8));
        var a = new short[64];
        var b = new short[64];
        Dct8x8.Forward(samples, stride, a);
        Dct8x8.Forward(packed, 8, b);
        Assert.Equal(b, a);

        byte[] before = [.. samples];
        var block = new short[64];
        block[9] = 100;
        Dct8x8.Inverse(block, samples, stride);
        Dct8x8.Inverse(block, packed, 8);
        for (int i = 0; i < samples.Length; i++)
            Assert.Equal(i % stride < 8 ? packed[i / stride * 8 + i % stride] : before[i], samples[i]);
    }

    [Fact]
    public void ASingleCoefficientMakesItsCosine()
    {
        var coefficients = new short[64];
        var samples = new byte[64];
        for (int i = 1; i < 64; i++)
        {
            Array.Clear(coefficients);
            coefficients[i] = 200;
            Dct8x8.Inverse(coefficients, samples, 8);
            double[] ideal = SlowDct.Inverse(coefficients);
            for (int k = 0; k < 64; k++)
                Assert.InRange(samples[k] - ideal[k], -1, 1);
        }
    }
}
