using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

public sealed class UsageTests : IDisposable
{
    readonly ToolFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("quality")]
    [InlineData("quality x.png --threads 0")]
    [InlineData("quality x.png --threads many")]
    [InlineData("quality x.png --device gpu")]
    [InlineData("quality x.png --device cuda:x")]
    [InlineData("quality x.png --resume")]
    [InlineData("quality x.png --maps-root .")]
    [InlineData("quality x.png --null")]
    [InlineData("quality x.png --skip .")]
    [InlineData("quality x.png --results .")]
    [InlineData("quality x.png --shard 3")]
    [InlineData("quality x.png --shard 3/3")]
    [InlineData("quality x.png --shard -1/3")]
    [InlineData("quality x.png --shard 0/0")]
    [InlineData("quality x.png --colour")]
    [InlineData("quality x.png --model absent.safetensors")]
    [InlineData("simulate in.png")]
    [InlineData("simulate in.png out.png")]
    [InlineData("simulate in.png out.gif --qf1 50")]
    [InlineData("simulate in.png out.png --qf1 0")]
    [InlineData("simulate in.png out.png --qf1 101")]
    [InlineData("simulate in.png out.png --qf1 50 --shift 1,2")]
    [InlineData("simulate in.png out.png --qf1 50 --qf2 60 --shift 1")]
    [InlineData("simulate in.png out.png --qf1 50 --qf2 60 --shift -1,2")]
    [InlineData("simulate in.png out.png --qf1 50 --subsampling 411")]
    [InlineData("simulate in.png out.png --table1 absent.txt")]
    [InlineData("train quality")]
    [InlineData("train quality --data absent --out x.safetensors --device cuda")]
    [InlineData("train quality --data absent --out x.safetensors")]
    [InlineData("train primary")]
    [InlineData("train primary --data absent --out x.safetensors")]
    [InlineData("train primary --data . --out x.safetensors --device cuda")]
    [InlineData("train primary --data . --out x.safetensors --recipe absent.json")]
    [InlineData("train primary --data . --out x.safetensors --from absent.safetensors")]
    [InlineData("train primary --data . --out x.safetensors --minutes 0")]
    [InlineData("train primary --data . --out x.safetensors --steps 0")]
    [InlineData("evaluate quality")]
    [InlineData("evaluate quality --data absent")]
    [InlineData("evaluate quality --data . --model absent.safetensors")]
    [InlineData("evaluate quality --data . --device cuda")]
    [InlineData("evaluate quality --data . --qualities 0")]
    [InlineData("evaluate primary")]
    [InlineData("evaluate last")]
    [InlineData("evaluate primary --data absent")]
    [InlineData("evaluate primary --data . --model absent.safetensors")]
    [InlineData("evaluate primary --data . --device cuda")]
    [InlineData("demo")]
    [InlineData("primary")]
    [InlineData("primary x.png --second 0")]
    [InlineData("primary x.png --second 101")]
    [InlineData("primary x.png --second absent.txt")]
    [InlineData("primary x.png --stride 0")]
    [InlineData("primary x.png --patch --maps m")]
    [InlineData("primary x.png --patch --stride 8")]
    [InlineData("primary x.png --resume")]
    [InlineData("primary x.png --model absent.safetensors")]
    [InlineData("primary x.png --device cuda")]
    [InlineData("report")]
    [InlineData("report x.png")]
    [InlineData("report --out o")]
    [InlineData("report x.png --out o --second 0")]
    [InlineData("report x.png --out o --model absent.safetensors")]
    [InlineData("report x.png --out o --primary-model absent.safetensors")]
    [InlineData("report x.png --out o --device cuda")]
    [InlineData("selftest --device gpu")]
    [InlineData("selftest --device cpu --filter nothing-is-called-so")]
    [InlineData("bench --device cuda:7")]
    [InlineData("bench --device cpu --filter nothing-is-called-so")]
    [InlineData("export")]
    public void WrongUsageIsStatus2WithAMessageOnStandardError(string line)
    {
        ToolRun run = folder.Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2, run.Status);
        Assert.Empty(run.Output);
        Assert.StartsWith("jqe: ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AnExplicitCudaDeviceSaysWhatWasTried()
    {
        ToolRun run = folder.Run("quality", "x.png", "--device", "cuda:3", "--model", folder.Model);
        Assert.Equal(2, run.Status);
        Assert.Contains("cuda:3 is not available", run.Error, StringComparison.Ordinal);
        Assert.Contains("cuDNN 9: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ABrokenModelIsNamedWithItsReason()
    {
        string model = folder.AddBytes("broken.safetensors", 1, 2, 3);
        ToolRun run = folder.Run("quality", "x.png", "--model", model);
        Assert.Equal(2, run.Status);
        Assert.Contains("broken.safetensors", run.Error, StringComparison.Ordinal);
    }

    static readonly string[] AllVerbs = ["quality", "primary", "report", "simulate", "train", "train quality", "train primary", "evaluate", "evaluate quality", "evaluate primary", "demo", "export", "doctor", "selftest", "bench"];

    public static TheoryData<string> Verbs => [.. AllVerbs];

    [Theory]
    [MemberData(nameof(Verbs))]
    public void HelpEndsWithAnExample(string verb)
    {
        ToolRun run = folder.Run([.. verb.Split(' '), "--help"]);
        Assert.Equal(0, run.Status);
        int example = run.Output.IndexOf("Example:", StringComparison.Ordinal);
        Assert.True(example > 0);
        // Every line is an example of this verb, or feeds one.
        string[] lines = [.. run.Output[example..].Split('\n').Skip(1).Select(line => line.Trim()).Where(line => line.Length > 0)];
        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.Contains($"jqe {verb} ", line + " ", StringComparison.Ordinal));
        Assert.Empty(run.Error);
    }

    [Fact]
    public void TheRootsHelpNamesEveryVerb()
    {
        ToolRun run = folder.Run("--help");
        Assert.Equal(0, run.Status);
        foreach (string verb in AllVerbs.Select(verb => verb.Split(' ')[0]))
            Assert.Contains($"  {verb} ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void TheVersionIsTold()
    {
        ToolRun run = folder.Run("--version");
        Assert.Equal(0, run.Status);
        Assert.Matches(@"^\d+\.\d+\.\d+", run.Output);
    }
}
