using JpegQualityEstimation.Images;
using Xunit;

namespace JpegQualityEstimation.Tests.Images;

public sealed class OutputFileTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("jqe").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ReplacesTheFileAndLeavesNothingElse()
    {
        string path = Path.Combine(_folder, "a.bin");
        File.WriteAllText(path, "before, and longer");
        OutputFile.Write(path, s => s.Write("after"u8));
        Assert.Equal("after", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void AFailureLeavesWhatWasThere()
    {
        string path = Path.Combine(_folder, "a.bin");
        File.WriteAllText(path, "before");
        Assert.Throws<InvalidOperationException>(() => OutputFile.Write(path, s =>
        {
            s.Write("half"u8);
            throw new InvalidOperationException();
        }));
        Assert.Equal("before", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void AMissingFolderIsAnIOException() =>
        Assert.ThrowsAny<IOException>(() => OutputFile.Write(Path.Combine(_folder, "no", "a.bin"), s => s.WriteByte(1)));
}
