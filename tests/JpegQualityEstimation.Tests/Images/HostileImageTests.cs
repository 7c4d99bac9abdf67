using System.Text;
using JpegQualityEstimation.Images;
using Xunit;

namespace JpegQualityEstimation.Tests.Images;

public sealed class HostileImageTests
{
    static readonly ImageReadOptions s_small = new() { MaxPixels = 1 << 16 };

    public static TheoryData<string> Files() => [.. ImageGolden.All.Where(g => !g.IsRefused).Select(g => g.Name)];

    /// <summary>A file cut off anywhere is refused, or what is missing was not needed; it never gives other pixels.</summary>
    [Theory]
    [MemberData(nameof(Files))]
    public void NoPrefixGivesOtherPixels(string name)
    {
        ImageGolden golden = ImageGolden.All.Single(g => g.Name == name);
        byte[] bytes = golden.Bytes;
        // The last number of a text file may lose digits unnoticed.
        int end = name.StartsWith("pnm-2", StringComparison.Ordinal) || name.StartsWith("pnm-3", StringComparison.Ordinal) ? bytes.Length - 5 : bytes.Length;
        for (int length = 0; length < end; length++)
        {
            ImageBuffer image;
            try
            {
                image = ImageFile.Read(bytes.AsSpan(0, length), name, s_small);
            }
            catch (ImageFormatException e)
            {
                Assert.InRange(e.Offset, 0, length);
                continue;
            }
            Assert.Equal(golden.HashOrWords, ImageGolden.Hash(image));
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void APictureOverTheLimitIsTooLarge(string name)
    {
        ImageGolden golden = ImageGolden.All.Single(g => g.Name == name);
        int[] size = [.. golden.Size.Split('x').Select(int.Parse)];
        long pixels = (long)size[0] * size[1];
        if (pixels == 1)
            return;
        ImageFormatException e = Assert.Throws<ImageFormatException>(
            () => ImageFile.Read(golden.Bytes, name, new ImageReadOptions { MaxPixels = pixels - 1 }));
        Assert.Equal(ImageErrorCode.TooLarge, e.Code);
        Assert.Contains(golden.Size, e.Reason);
    }

    [Theory]
    [InlineData("bad-png-bomb.png")]
    [InlineData("bad-tiff-bomb.tif")]
    [InlineData("bad-bmp-bomb.bmp")]
    [InlineData("bad-pnm-bomb.ppm")]
    public void AFewBytesDoNotAllocateAPicture(string name)
    {
        byte[] bytes = ImageGolden.All.Single(g => g.Name == name).Bytes;
        Assert.Throws<ImageFormatException>(() => ImageFile.Read(bytes, name));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<ImageFormatException>(() => ImageFile.Read(bytes, name));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 16);
    }

    [Theory]
    [InlineData("", ImageErrorCode.Truncated, "empty")]
    [InlineData("hello", ImageErrorCode.UnknownFormat, "no known picture format")]
    [InlineData("GIF89a", ImageErrorCode.UnknownFormat, "GIF")]
    [InlineData("RIFF\0\0\0\0WEBPVP8 ", ImageErrorCode.UnknownFormat, "WebP")]
    [InlineData("\0\0\0 ftypavif", ImageErrorCode.UnknownFormat, "AVIF")]
    [InlineData("8BPS\0", ImageErrorCode.UnknownFormat, "Photoshop")]
    [InlineData("BM", ImageErrorCode.Truncated, "BMP header")]
    [InlineData("P6\n3", ImageErrorCode.Truncated, "height")]
    [InlineData("P6\n3 0 255\n", ImageErrorCode.Corrupt, "3x0")]
    [InlineData("P5 99999999999 1 255\n", ImageErrorCode.Corrupt, "larger than any picture")]
    [InlineData("P5 2147483647 2147483647 255\n", ImageErrorCode.TooLarge, "limit")]
    [InlineData("P5 1 1 70000\n", ImageErrorCode.Corrupt, "largest value")]
    [InlineData("P7\nWIDTH 2\nHEIGHT 2\nDEPTH 7\nMAXVAL 255\nENDHDR\n", ImageErrorCode.Unsupported, "7 samples")]
    [InlineData("P7\nWIDTH two\n", ImageErrorCode.Corrupt, "PAM header")]
    [InlineData("II*\0\0\0\0\0", ImageErrorCode.Corrupt, "directory")]
    [InlineData("II*\0\u00ff\u00ff\u00ff\u007f", ImageErrorCode.Truncated, "directory")]
    public void RefusesInWords(string latin1, ImageErrorCode code, string words)
    {
        ImageFormatException e = Assert.Throws<ImageFormatException>(() => ImageFile.Read(Encoding.Latin1.GetBytes(latin1), "a name"));
        Assert.Equal(code, e.Code);
        Assert.Contains(words, e.Reason);
        Assert.StartsWith("a name: at byte ", e.Message);
    }

    [Fact]
    public void TheNameOfAFileDoesNotTellItsFormat()
    {
        string folder = Directory.CreateTempSubdirectory("jqe").FullName;
        string path = Path.Combine(folder, "picture.jpg");
        File.Copy(Path.Combine(ImageGolden.Folder, "png-rgb8.png"), path);
        Assert.Equal(PixelFormat.Rgb24, ImageFile.Read(path).Format);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void MissingFilesAndFoldersAreTheSystemsErrors()
    {
        Assert.Throws<FileNotFoundException>(() => ImageFile.Read(Path.Combine(Path.GetTempPath(), "no such file.png")));
        Assert.Throws<UnauthorizedAccessException>(() => ImageFile.Read(Path.GetTempPath()));
    }
}
