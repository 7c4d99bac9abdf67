using System.Text.RegularExpressions;
using JpegQualityEstimation.Tests.Tool;
using JpegQualityEstimation.Training.Evaluation;
using Xunit;

namespace JpegQualityEstimation.Tests.Training.Evaluation;

public sealed class AccuracyPageTests : IDisposable
{
    static readonly string Docs = Path.Combine(RepositoryFolder.Root, "docs");

    readonly ToolFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TheCommittedPageIsWhatTheCommandMakes()
    {
        Assert.Equal(0, folder.Run("evaluate", "page", "--results", Path.Combine(Docs, "results"), "--out", folder["page.md"]).Status);
        Assert.Equal(File.ReadAllText(folder["page.md"]), File.ReadAllText(Path.Combine(Docs, "accuracy.md")));
    }

    [Fact]
    public void TheTablesOfAllStepsAreThoseOfTheCommittedReport()
    {
        string results = Path.Combine(Docs, "results");
        foreach (string json in Directory.GetFiles(results, "primary-*.json"))
            Assert.Equal(
                PrimaryEvaluationFiles.ToMarkdown(PrimaryEvaluationFiles.FromJson(File.ReadAllText(json))), File.ReadAllText(Path.ChangeExtension(json, ".md")));
        Assert.Equal(
            RobustnessEvaluationFiles.ToMarkdown(RobustnessEvaluationFiles.FromJson(File.ReadAllText(Path.Combine(results, "robustness-val.json")))),
            File.ReadAllText(Path.Combine(results, "robustness-val.md")));
    }

    [Fact]
    public void FilesThatThePageLinksAreThere()
    {
        foreach (Match link in Regex.Matches(File.ReadAllText(Path.Combine(Docs, "accuracy.md")), @"\]\(([^)#:]+)(#[^)]*)?\)"))
            Assert.True(Path.Exists(Path.Combine(Docs, link.Groups[1].Value)), link.Value);
    }

    [Fact]
    public void PlacesAreFilled()
    {
        File.WriteAllText(folder["last.md"], "opening\n\n## One\n\nfirst\n\n### Below\n\nmore\n\n## Two\n\nsecond\n");
        File.WriteAllText(folder["n.json"], """{"models":[{"name":"a","x":{"of":[{"quality":97,"share":0.25}]}},{"name":"b c","x":0.5}]}""");
        Assert.Equal(
            "opening\nfirst\n\n### Below\n\nmore\nsecond\n0.250 and 0.5, 0.50\n",
            Render("{{opening last.md}}\n{{section last.md: One}}\n{{section last.md: Two}}\n{{number n.json models/a/x/of/97/share 3}} and {{number n.json models/b c/x 1}}, {{number n.json models/a/x/of/97/share:models/b c/x 2}}\n"));
        Assert.Equal("a\nkept\nb\n", Render("a\n{{if n.json}}\nkept\n{{end}}\n{{if absent.json}}\n{{tables absent.json}}\n{{end}}\nb\n"));
    }

    [Theory]
    [InlineData("{{aim a.json x/One+90/y 2 >= 0.5}}", "0.50")]
    [InlineData("{{aim a.json x/One+90/y 2 > 0.5}}", "*0.50*")]
    [InlineData("{{aim a.json x/One/y 1 <= 0.3}}", "0.2")]
    [InlineData("{{aim a.json x/One/y 1 < 0.2}}", "*0.2*")]
    [InlineData("{{aim a.json x/One/y 1 > x/One+90/y}} or so", "*0.2* or so")]
    [InlineData("{{number a.json 4:2:0 1}} {{number a.json 4:2:0:x/One+90/y 1}}", "1.0 2.0")]
    [InlineData("{{aim a.json x/One+90/y:x/One/y 1 > x/One+80/y:x/One+90/y}}", "2.5")]
    public void AimsThatAreMissedAreInItalics(string line, string expected)
    {
        File.WriteAllText(folder["a.json"], """{"4:2:0":1,"x":[{"kind":"One","last":80,"y":0.2},{"kind":"One","last":90,"y":0.5}]}""");
        Assert.Equal(expected, Render(line));
    }

    [Theory]
    [InlineData("{{aim a.json y 2}}")]
    [InlineData("{{aim a.json y 2 = 1}}")]
    [InlineData("{{aim a.json y 2 > absent}}")]
    [InlineData("{{tables absent.md}}")]
    [InlineData("{{tables other-val.json}}")]
    [InlineData("{{tables}}")]
    [InlineData("{{section a.md: Absent}}")]
    [InlineData("{{number a.json x 2}}")]
    [InlineData("{{number a.json y/z 2}}")]
    [InlineData("{{nonsense}}")]
    [InlineData("{{number a.json")]
    [InlineData("{{if a.md}}")]
    [InlineData("{{end}}")]
    public void PlacesThatNameNothingAreErrorsThatSayTheLine(string line)
    {
        File.WriteAllText(folder["a.md"], "## There\n");
        File.WriteAllText(folder["a.json"], """{"y":1}""");
        File.WriteAllText(folder["other-val.json"], "{}");
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Render("first\n" + line + "\n"));
        Assert.Contains("line 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFolderWithoutTemplateIsRefused() => Assert.Equal(2, folder.Run("evaluate", "page", "--results", folder.Path).Status);

    string Render(string template)
    {
        File.WriteAllText(folder[AccuracyPage.TemplateName], template);
        return AccuracyPage.Render(folder.Path);
    }
}
