using JpegQualityEstimation.Images;
using Xunit;

namespace JpegQualityEstimation.Tests.Images;

public sealed class ImageGoldenTests
{
    public static TheoryData<string> Readable() => [.. ImageGolden.All.Where(g => !g.IsRefused).Select(g => g.Name)];

    public static TheoryData<string> Refused() => [.. ImageGolden.All.Where(g => g.IsRefused).Select(g => g.Name)];

    [Theory]
    [MemberData(nameof(Readable))]
    public void DecodesToTheKnownPixels(string name)
    {
        ImageGolden golden = ImageGolden.All.Single(g => g.Name == name);
        ImageBuffer image = ImageFile.Read(Path.Combine(ImageGolden.Folder, name));
        Assert.Equal(golden.Size, $"{image.Width}x{image.Height}");
        Assert.Equal(golden.FormatOrCode, image.Format.ToString().ToLowerInvariant());
        Assert.Equal(golden.HashOrWords, ImageGolden.Hash(image));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void RefusesByName(string name)
    {
        ImageGolden golden = ImageGolden.All.Single(g => g.Name == name);
        ImageFormatException e = Assert.Throws<ImageFormatException>(() => ImageFile.Read(golden.Bytes, name));
        Assert.Equal(golden.FormatOrCode, e.Code.ToString());
        Assert.Contains(golden.HashOrWords, e.Reason);
        Assert.Equal(name, e.File);
        Assert.InRange(e.Offset, 0, golden.Bytes.Length);
    }

    [Fact]
    public void TheSetIsWhole()
    {
        Assert.True(ImageGolden.All.Count > 190);
        Assert.Equal(ImageGolden.All.Count + 1, Directory.GetFiles(ImageGolden.Folder).Length);
    }
}
