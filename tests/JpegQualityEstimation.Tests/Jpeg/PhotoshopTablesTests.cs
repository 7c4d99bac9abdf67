using System.Security.Cryptography;
using System.Text;
using JpegQualityEstimation.Jpeg;
using Xunit;

namespace JpegQualityEstimation.Tests.Jpeg;

public sealed class PhotoshopTablesTests
{
    // JPEGsnoop's list of signatures: "Adobe Photoshop", "Save As". A level has several where versions of Photoshop differ.
    static readonly Dictionary<int, string[]> Signatures = new()
    {
        [7] = ["014219E79BBC5C20BABF374762AAA745"],
        [8] = ["01180AF3DE63318828A86409EF4013DD", "01A20F69263117021CD16AEF44D6E650"],
        [9] = ["0108A9C11C74DD59416AC689A4C00A55", "0108A0C92E083893457EBEE6BC99F12C"],
        [10] = ["0166B0BC0B82C8233430BF67FA31C829"],
        [11] = ["014C6C24A9EE0C6BDCC1598CEECCE808"],
        [12] = ["01C1158E443D1C90F302FF6BE49DDD87", "01DADDC4908E9BA57CC067EEAD54E67D"],
    };

    [Fact]
    public void Every_level_has_the_signature_of_the_list()
    {
        Assert.Equal(Enumerable.Range(7, 6), PhotoshopTables.Levels);
        Assert.All(PhotoshopTables.Levels, level => Assert.Contains(
            Signature(PhotoshopTables.Luminance(level), PhotoshopTables.Chrominance(level)), Signatures[level]));
        Assert.Contains(Signature(PhotoshopTables.Earlier8.Luminance, PhotoshopTables.Earlier8.Chrominance), Signatures[8]);
        Assert.NotEqual(PhotoshopTables.Earlier8.Luminance, PhotoshopTables.Luminance(8));
    }

    [Fact]
    public void Higher_levels_quantize_less()
    {
        foreach ((int lower, int higher) in PhotoshopTables.Levels.Zip(PhotoshopTables.Levels.Skip(1)))
        {
            Assert.True(Sum(PhotoshopTables.Luminance(lower)) > Sum(PhotoshopTables.Luminance(higher)));
            Assert.True(Sum(PhotoshopTables.Chrominance(lower)) > Sum(PhotoshopTables.Chrominance(higher)));
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(6)]
    [InlineData(13)]
    public void Other_levels_are_refused(int level)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => PhotoshopTables.Luminance(level));
        Assert.Throws<ArgumentOutOfRangeException>(() => PhotoshopTables.Chrominance(level));
    }

    // MD5 of the tables in natural order as text, its first byte replaced by the version of the signature, 1.
    static string Signature(params QuantTable[] tables)
    {
        var text = new StringBuilder("JPEGsnoop");
        for (int i = 0; i < tables.Length; i++)
        {
            text.Append($"*DQT{i},");
            foreach (ushort step in tables[i].NaturalOrder)
                text.Append($"{step:D3},");
        }
        byte[] hash = MD5.HashData(Encoding.ASCII.GetBytes(text.Append("*END").ToString()));
        hash[0] = 1;
        return Convert.ToHexString(hash);
    }

    static int Sum(QuantTable table)
    {
        int sum = 0;
        foreach (ushort step in table.NaturalOrder)
            sum += step;
        return sum;
    }
}
