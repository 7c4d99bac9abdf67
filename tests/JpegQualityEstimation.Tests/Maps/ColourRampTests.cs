using JpegQualityEstimation.Maps;
using Xunit;

namespace JpegQualityEstimation.Tests.Maps;

public sealed class ColourRampTests
{
    public static TheoryData<string> Ramps => ["quality", "flag"];

    static ColourRamp Ramp(string name) => name == "quality" ? ColourRamp.Quality : ColourRamp.Flag;

    static double Luminance(Rgb c) => 0.2126 * Linear(c.R) + 0.7152 * Linear(c.G) + 0.0722 * Linear(c.B);

    static double Linear(byte v) => v <= 10 ? v / 255.0 / 12.92 : Math.Pow((v / 255.0 + 0.055) / 1.055, 2.4);

    [Theory]
    [MemberData(nameof(Ramps))]
    public void LuminanceRisesAllTheWay(string name)
    {
        for (int i = 8; i < 256; i += 8)
            Assert.True(Luminance(Ramp(name).At(i / 255.0)) > Luminance(Ramp(name).At((i - 8) / 255.0)), $"at {i}");
    }

    [Theory]
    [MemberData(nameof(Ramps))]
    public void NeighboursDifferLittle(string name)
    {
        for (int i = 1; i < 256; i++)
        {
            Rgb a = Ramp(name).At((i - 1) / 255.0), b = Ramp(name).At(i / 255.0);
            Assert.InRange(Math.Abs(a.R - b.R) + Math.Abs(a.G - b.G) + Math.Abs(a.B - b.B), 0, 12);
        }
    }

    [Theory]
    [MemberData(nameof(Ramps))]
    public void ValuesOutsideTakeTheEnds(string name)
    {
        Assert.Equal(Ramp(name).At(0), Ramp(name).At(-3));
        Assert.Equal(Ramp(name).At(1), Ramp(name).At(7));
    }
}
