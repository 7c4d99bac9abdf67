using System.Text.Json;
using JpegQualityEstimation.Cuda;
using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

public sealed class DoctorVerbTests : IDisposable
{
    readonly ToolFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TextNamesKernelsAndLibraries()
    {
        ToolRun run = folder.Run("doctor");
        Assert.Equal(0, run.Status);
        foreach (string word in (string[])["system", "runtime", "vectors", "kernels", "CUDA driver", "cuDNN 9", "cuBLAS 12/13"])
            Assert.Contains(word, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void JsonSaysWhereFoundOrWhatWasTried()
    {
        JsonElement report = Assert.Single(folder.Run("doctor", "--json").Json);
        Assert.Equal(3, report.GetProperty("libraries").GetArrayLength());
        foreach (JsonElement library in report.GetProperty("libraries").EnumerateArray())
        {
            bool found = library.GetProperty("foundAs").ValueKind == JsonValueKind.String;
            Assert.True(found || library.GetProperty("tried").GetArrayLength() > 0);
        }
        Assert.Equal(Environment.ProcessorCount, report.GetProperty("processors").GetInt32());
    }

    [Fact]
    public void EveryFailedTryCarriesAReason()
    {
        NativeLibraryReport report = NativeLibrarySearch.Find("nothing", ["libjqe-absent.so.7"], "JQE_TEST_ABSENT", [], _ => null);
        Assert.Null(report.FoundAs);
        Assert.Equal(2, report.Tried.Count);
        Assert.StartsWith("libjqe-absent.so.7: ", report.Tried[0], StringComparison.Ordinal);
        Assert.True(report.Tried[0].Length > "libjqe-absent.so.7: ".Length + 5);
        Assert.Equal("JQE_TEST_ABSENT: not set", report.Tried[1]);
    }

    [Fact]
    public void TheVariablesPlaceIsTried()
    {
        string broken = folder.AddBytes("libjqe-absent.so.7", 1, 2, 3);
        Environment.SetEnvironmentVariable("JQE_TEST_PLACE", folder.Path);
        NativeLibraryReport report = NativeLibrarySearch.Find("nothing", ["libjqe-absent.so.7"], "JQE_TEST_PLACE", [], _ => null);
        Assert.Null(report.FoundAs);
        Assert.StartsWith(broken + ": ", report.Tried[0], StringComparison.Ordinal);
        Assert.StartsWith("JQE_TEST_PLACE: ", report.Tried[1], StringComparison.Ordinal);
    }
}
