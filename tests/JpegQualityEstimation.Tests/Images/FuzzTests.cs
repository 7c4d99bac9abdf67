using JpegQualityEstimation.Fuzz;
using Xunit;

namespace JpegQualityEstimation.Tests.Images;

/// <summary>The small edition of tests/JpegQualityEstimation.Fuzz; docs/fuzzing.md has the large one.</summary>
public sealed class FuzzTests
{
    public static TheoryData<string> Formats() => [.. FuzzTarget.Names];

    /// <summary>As many as take a fraction of a second.</summary>
    static int Inputs(string format) => format switch
    {
        "network" or "densenet40" or "quality-checkpoint" => 100,
        "phase-histogram" or "primary-checkpoint" => 500,
        _ => 2000,
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public void OnlyTypedRefusalsInTimeAndMemory(string format)
    {
        string folder = Path.Combine(Path.GetTempPath(), "jqe-fuzz");
        FuzzOptions options = new(Inputs: Inputs(format), Seed: 11, OutFolder: folder, Format: format);
        FuzzTally tally = Assert.Single(new FuzzRun(options, FuzzTarget.All(), TextWriter.Null).Execute());
        Assert.Empty(tally.Failures);
        Assert.Equal(options.Inputs, tally.Inputs);
        Assert.True(tally.Refused.Values.Sum() > 0, "nothing was refused: the mutations do not bite");
        Assert.True(tally.Accepted > 0, "nothing was read: the seeds are not valid");
    }

    [Fact]
    public void EverySeedIsReadOrRefusedByName()
    {
        FuzzOptions options = new(Inputs: 0);
        Assert.Empty(new FuzzRun(options, FuzzTarget.All(), TextWriter.Null).Execute());
    }

    [Fact]
    public void AReaderThatThrowsSomethingElseIsFound()
    {
        string folder = Directory.CreateTempSubdirectory("jqe").FullName;
        FuzzTarget broken = new("png", 1, [[1, 2, 3]], static _ => throw new IndexOutOfRangeException());
        FuzzTally tally = Assert.Single(new FuzzRun(new FuzzOptions(Inputs: 3, OutFolder: folder), [broken], TextWriter.Null).Execute());
        Assert.Equal(3, tally.Failures.Count);
        Assert.Equal(3, Directory.GetFiles(folder).Length);
        Directory.Delete(folder, recursive: true);
    }
}
