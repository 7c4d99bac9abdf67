using System.Text.Json;
using JpegQualityEstimation.Tool;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Conformance;

/// <summary>jqe selftest: its table, its JSON, its exit status.</summary>
public sealed class SelfTestVerbTests
{
    [SkippableFact]
    public void TheTableHasALineACase()
    {
        TestDevice.Require();
        (int status, string output, string error) = Run("selftest", "--device", "cuda", "--quick", "--filter", "map stitching");
        Assert.Equal(ExitStatus.Done, status);
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length);
        Assert.All(lines.Skip(1), line => Assert.Contains("equal", line));
        Assert.Contains("3 cases: 3 passed, 0 not there, 0 failed", error);
    }

    [SkippableFact]
    public void JsonHasAnObjectACase()
    {
        TestDevice.Require();
        (int status, string output, _) = Run("selftest", "--device", "cuda:0", "--quick", "--json", "--filter", "GLOBAL AVERAGE, F32");
        Assert.Equal(ExitStatus.Done, status);
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        foreach (string line in lines)
        {
            JsonElement outcome = JsonDocument.Parse(line).RootElement;
            Assert.Contains(outcome.GetProperty("verdict").GetString(), (string[])["equal", "within"]);
            Assert.InRange(outcome.GetProperty("error").GetDouble(), 0, outcome.GetProperty("bound").GetDouble());
        }
    }

    [Fact]
    public void TheProcessorIsHeldToItself()
    {
        (int status, string output, _) = Run("selftest", "--device", "cpu", "--quick", "--filter", "JPEG");
        Assert.Equal(ExitStatus.Done, status);
        Assert.Equal(6, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(ExitStatus.Done, Run("selftest", "--device", "cpu", "--quick", "--filter", "quality network").Status);
    }

    [Fact]
    public void WhatIsNotThereIsWrongUsage()
    {
        (int status, _, string error) = Run("selftest", "--device", "cuda:99");
        Assert.Equal(ExitStatus.WrongUsage, status);
        Assert.Contains("cuda:99", error);
        Assert.Equal(ExitStatus.WrongUsage, Run("selftest", "--device", "cpu", "--filter", "no such case").Status);
    }

    static (int Status, string Output, string Error) Run(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        int status = Application.Run(arguments, new ToolConsole(TextReader.Null, output, error, false, default));
        return (status, output.ToString(), error.ToString());
    }
}
