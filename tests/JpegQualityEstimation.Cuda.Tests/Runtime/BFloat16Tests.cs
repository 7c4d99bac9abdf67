using JpegQualityEstimation.Cuda.Runtime;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Runtime;

public sealed class BFloat16Tests
{
    [Fact]
    public void EveryValueSurvivesTheWayThere()
    {
        for (int bits = 0; bits <= ushort.MaxValue; bits++)
        {
            float value = (float)new BFloat16((ushort)bits);
            if (float.IsNaN(value))
                Assert.True(float.IsNaN((float)(BFloat16)value));
            else
                Assert.Equal((ushort)bits, ((BFloat16)value).Bits);
        }
    }

    [Fact]
    public void BetweenTwoValuesTheNearerIsTakenAndOfEquallyNearTheEvenOne()
    {
        for (int bits = 0; bits < 0x7F7F; bits++)
        {
            float low = (float)new BFloat16((ushort)bits), high = (float)new BFloat16((ushort)(bits + 1));
            float middle = BitConverter.UInt32BitsToSingle(((uint)bits << 16) + 0x8000);
            Assert.Equal(bits % 2 == 0 ? bits : bits + 1, ((BFloat16)middle).Bits);
            Assert.Equal(bits, ((BFloat16)MathF.BitDecrement(middle)).Bits);
            Assert.Equal(bits + 1, ((BFloat16)MathF.BitIncrement(middle)).Bits);
            Assert.Equal(-low, (float)(BFloat16)(-low));
            Assert.True(low < high);
        }
        Assert.Equal(float.PositiveInfinity, (float)(BFloat16)float.MaxValue);
    }
}
