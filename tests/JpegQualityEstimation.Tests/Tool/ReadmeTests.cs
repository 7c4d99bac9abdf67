using System.Text.RegularExpressions;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using Xunit;

namespace JpegQualityEstimation.Tests.Tool;

public sealed partial class ReadmeTests
{
    static readonly string Root = RepositoryFolder.Root;

    static string Text(string relative) => File.ReadAllText(Path.Combine(Root, relative)).ReplaceLineEndings("\n");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void ExamplesAreTheCompiledOnes(int number)
    {
        string[] blocks = [.. CodeBlock().Matches(Text("README.md")).Select(m => m.Groups[1].Value)];
        Assert.Equal(3, blocks.Length);
        string file = Text("tests/JpegQualityEstimation.Tests/Tool/ReadmeExamples.cs");
        string region = file.Split($"// README {number}\n")[1].Split("// README end")[0];
        string[] usings = [.. blocks[number - 1].Split('\n').TakeWhile(line => line.StartsWith("using ", StringComparison.Ordinal) && line.EndsWith(';'))];
        Assert.All(usings, line => Assert.Contains(line + "\n", file, StringComparison.Ordinal));
        string body = string.Join('\n', blocks[number - 1].Split('\n').Skip(usings.Length)).Trim('\n');
        Assert.Equal(body, Dedented(region));
    }

    static string Dedented(string region)
    {
        string[] lines = region.TrimEnd(' ', '\n').Split('\n');
        int indent = lines.Where(l => l.Length > 0).Min(l => l.Length - l.TrimStart().Length);
        return string.Join('\n', lines.Select(l => l.Length > 0 ? l[indent..] : l));
    }

    [Fact]
    public void TheCallersBufferExampleRuns()
    {
        using IQualityMapEstimator estimator = QualityMapEstimator.Create(new() { Network = QualityNetwork.CreateInitialized(1) });
        Assert.Equal(QualityVerdict.Undetermined, ReadmeExamples.CallersBuffer(estimator, new byte[10 * 88]));
    }

    [Fact]
    public void TheQuickStartIsTwoCommands()
    {
        string shell = ShellBlock().Match(Text("README.md")).Groups[1].Value.Trim('\n');
        Assert.Equal(2, shell.Split('\n').Length);
    }

    [Theory]
    [InlineData("quality")]
    [InlineData("primary")]
    [InlineData("report")]
    [InlineData("simulate")]
    [InlineData("train quality")]
    [InlineData("evaluate quality")]
    [InlineData("evaluate primary")]
    [InlineData("evaluate robustness")]
    [InlineData("evaluate page")]
    [InlineData("export")]
    [InlineData("demo")]
    [InlineData("doctor")]
    public void EveryOptionOfAVerbIsDocumented(string verb)
    {
        using var folder = new ToolFolder();
        string help = folder.Run([.. verb.Split(' '), "--help"]).Output;
        string documented = Text("docs/cli.md");
        Assert.Contains($"jqe {verb}", Text("README.md"), StringComparison.Ordinal);
        foreach (string option in OptionName().Matches(help).Select(m => m.Value).Where(o => o is not "--help" and not "--csv"))
            Assert.True(documented.Contains(option, StringComparison.Ordinal), $"docs/cli.md does not know {option}");
    }

    [Fact]
    public void EveryLinkInTheDocumentsLeadsSomewhere()
    {
        foreach (string document in (string[])["README.md", "docs/api.md", "docs/cli.md", "docs/decisions.md"])
        {
            string folder = Path.Combine(Root, Path.GetDirectoryName(document)!);
            foreach (string link in Link().Matches(Text(document)).Select(m => m.Groups[1].Value).Where(l => !l.StartsWith("http", StringComparison.Ordinal)))
            {
                string[] parts = link.Split('#');
                string target = parts[0].Length == 0 ? Path.Combine(Root, document) : Path.Combine(folder, parts[0]);
                Assert.True(File.Exists(target), $"{document}: {link}");
                if (parts.Length == 2)
                    Assert.True(Anchors(File.ReadAllText(target)).Contains(parts[1]), $"{document}: no heading for {link}");
            }
        }
    }

    static HashSet<string> Anchors(string markdown) =>
        [.. Heading().Matches(markdown).Select(m => m.Groups[1].Value.Trim().ToLowerInvariant().Replace(' ', '-'))];

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex ShellBlock();

    [GeneratedRegex("--[a-z][a-z0-9]+")]
    private static partial Regex OptionName();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
