using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using Xunit;

namespace JpegQualityEstimation.Tests.Jpeg;

public sealed class QuantTableTests
{
    [Fact]
    public void Quality50IsAnnexKItself()
    {
        QuantTable luminance = QuantTable.StandardLuminance(50);
        Assert.Equal(16, luminance[0, 0]);
        Assert.Equal(11, luminance[0, 1]);
        Assert.Equal(12, luminance[1, 0]);
        Assert.Equal(99, luminance[7, 7]);
        Assert.Equal(17, QuantTable.StandardChrominance(50)[0, 0]);
    }

    [Theory]
    [InlineData(100, 1, 1)]
    [InlineData(75, 8, 50)]
    [InlineData(90, 3, 20)]
    [InlineData(25, 32, 198)]
    [InlineData(10, 80, 255)]
    [InlineData(1, 255, 255)]
    public void ScalesAsLibjpegDoes(int quality, int first, int last)
    {
        QuantTable table = QuantTable.StandardLuminance(quality);
        Assert.Equal(first, table[0, 0]);
        Assert.Equal(last, table[7, 7]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    [InlineData(int.MinValue)]
    public void RefusesAQualityOutside1To100(int quality)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => QuantTable.StandardLuminance(quality));
        Assert.Throws<ArgumentOutOfRangeException>(() => QuantTable.StandardChrominance(quality));
        Assert.Throws<ArgumentOutOfRangeException>(() => JpegCompression.FromQuality(quality));
    }

    [Fact]
    public void EveryStandardTableIsFoundAgain()
    {
        for (int quality = 1; quality <= 100; quality++)
        {
            Assert.Equal(quality, QuantTable.StandardLuminance(quality).StandardLuminanceQuality());
            Assert.Equal(Math.Max(quality, 3), QuantTable.StandardChrominance(quality).StandardChrominanceQuality());
            Assert.Equal(new StandardQualityMatch(quality, 0), QuantTable.StandardLuminance(quality).NearestStandardLuminance());
            Assert.Equal(new StandardQualityMatch(Math.Max(quality, 3), 0), QuantTable.StandardChrominance(quality).NearestStandardChrominance());
        }
    }

    [Fact]
    public void ADisturbedTableIsNearItsOrigin()
    {
        for (int quality = 10; quality <= 95; quality += 5)
        {
            ushort[] steps = QuantTable.StandardLuminance(quality).NaturalOrder.ToArray();
            steps[5]++;
            steps[40]++;
            var table = new QuantTable(steps);
            StandardQualityMatch match = table.NearestStandardLuminance();
            Assert.Null(table.StandardLuminanceQuality());
            Assert.Equal(quality, match.QualityFactor);
            Assert.False(match.IsExact);
            Assert.InRange(match.Distance, 1e-6, 0.05);
        }
    }

    [Fact]
    public void DistanceIsTheMeanOfLogRatios()
    {
        var ones = new QuantTable(Enumerable.Repeat((ushort)1, 64).ToArray());
        var twos = new QuantTable(Enumerable.Repeat((ushort)2, 64).ToArray());
        Assert.Equal(Math.Log(2), ones.Distance(twos), 12);
        Assert.Equal(ones.Distance(twos), twos.Distance(ones));
        Assert.Equal(0, ones.Distance(ones));
    }

    [Fact]
    public void ZigZagStartsAsInTheStandardAndTurnsBack()
    {
        ushort[] natural = [.. Enumerable.Range(1, 64).Select(i => (ushort)i)];
        var table = new QuantTable(natural);
        ushort[] zigZag = table.ZigZagOrder();
        Assert.Equal(new ushort[] { 1, 2, 9, 17, 10, 3, 4, 11, 18, 25 }, zigZag[..10]);
        Assert.Equal(64, zigZag[63]);
        Assert.Equal(natural, zigZag.Order());
        Assert.Equal(table, QuantTable.FromZigZag(zigZag));
    }

    [Fact]
    public void ZigZagWalksNeighboursOnAntidiagonals()
    {
        for (int k = 1; k < 64; k++)
        {
            int a = ZigZag.ToNatural[k - 1], b = ZigZag.ToNatural[k];
            int step = b / 8 + b % 8 - (a / 8 + a % 8);
            Assert.InRange(step, 0, 1);
            Assert.InRange(Math.Abs(b / 8 - a / 8), 0, 1);
            Assert.InRange(Math.Abs(b % 8 - a % 8), 0, 1);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(65)]
    public void Needs64Steps(int count)
    {
        ushort[] steps = [.. Enumerable.Repeat((ushort)1, count)];
        Assert.Throws<ArgumentException>(() => new QuantTable(steps));
        Assert.Throws<ArgumentException>(() => QuantTable.FromZigZag(steps));
    }

    [Fact]
    public void RefusesAStepOf0()
    {
        ushort[] steps = [.. Enumerable.Range(0, 64).Select(i => (ushort)i)];
        Assert.Throws<ArgumentException>(() => new QuantTable(steps));
        Assert.Throws<ArgumentException>(() => QuantTable.FromZigZag(steps));
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 8)]
    [InlineData(8, 0)]
    public void RefusesAFrequencyOutsideTheBlock(int row, int column) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => QuantTable.StandardLuminance(50)[row, column]);

    [Fact]
    public void EqualStepsAreEqualTables()
    {
        var copy = new QuantTable(QuantTable.StandardLuminance(77).NaturalOrder);
        Assert.Equal(QuantTable.StandardLuminance(77), copy);
        Assert.Equal(QuantTable.StandardLuminance(77).GetHashCode(), copy.GetHashCode());
        Assert.NotEqual(QuantTable.StandardLuminance(78), copy);
        Assert.Equal(JpegCompression.FromQuality(77), new JpegCompression(copy, QuantTable.StandardChrominance(77), ChromaSubsampling.Samp420));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    [InlineData(100)]
    public void TextIsReadBack(int quality)
    {
        QuantTable table = QuantTable.StandardChrominance(quality);
        Assert.Equal(8, table.ToString().Split('\n').Length);
        Assert.Equal(table, QuantTable.Parse(table.ToString(), "text"));
    }

    [Fact]
    public void CommentsCommasAndLineEndsAreAllowed()
    {
        string text = "# camera\r\n" + string.Join(", ", Enumerable.Range(1, 32)) + " # half\n" + string.Join("\t", Enumerable.Range(33, 32)) + "#end";
        QuantTable table = QuantTable.Parse(text, "text");
        Assert.Equal(1, table[0, 0]);
        Assert.Equal(9, table[1, 0]);
        Assert.Equal(64, table[7, 7]);
    }

    [Theory]
    [InlineData("", 0, "0 quantization steps, 64 are needed")]
    [InlineData("1 2 3", 5, "3 quantization steps, 64 are needed")]
    [InlineData("1 2 x3", 4, "\"x3\"")]
    [InlineData("1 0 3", 2, "\"0\"")]
    [InlineData("1 65536", 2, "\"65536\"")]
    [InlineData("1 -2", 2, "\"-2\"")]
    [InlineData("1 2.5", 2, "\"2.5\"")]
    [InlineData("12345678901234567890123", 0, "\"12345678901234567890...\"")]
    public void BadTextNamesFilePlaceAndReason(string text, long offset, string reason)
    {
        var error = Assert.Throws<ImageFormatException>(() => QuantTable.Parse(text, "my.txt"));
        Assert.Equal("my.txt", error.File);
        Assert.Equal(offset, error.Offset);
        Assert.Contains(reason, error.Message);
    }

    [Fact]
    public void MoreThan64StepsAreRefused()
    {
        var error = Assert.Throws<ImageFormatException>(() => QuantTable.Parse(string.Join(' ', Enumerable.Repeat("1", 65)), "my.txt"));
        Assert.Equal(128, error.Offset);
    }

    [Fact]
    public void FilesAreReadAndHugeOnesRefused()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, QuantTable.StandardLuminance(33).ToString());
            Assert.Equal(QuantTable.StandardLuminance(33), QuantTable.ReadFile(path));
            File.WriteAllBytes(path, new byte[70000]);
            Assert.Equal(ImageErrorCode.TooLarge, Assert.Throws<ImageFormatException>(() => QuantTable.ReadFile(path)).Code);
        }
        finally
        {
            File.Delete(path);
        }
        Assert.Throws<FileNotFoundException>(() => QuantTable.ReadFile(path));
    }
}
