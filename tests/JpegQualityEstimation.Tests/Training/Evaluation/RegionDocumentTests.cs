using JpegQualityEstimation.Training.Evaluation;
using Xunit;

namespace JpegQualityEstimation.Tests.Training.Evaluation;

public sealed class RegionDocumentTests
{
    static readonly string docs = Path.Combine(RepositoryFolder.Root, "docs");

    [Fact]
    public void The_tables_are_those_of_the_committed_report()
    {
        RegionEvaluationReport report = RegionEvaluationFiles.FromJson(File.ReadAllText(Path.Combine(docs, "results", "regions-val.json")));
        Assert.Equal(RegionEvaluationFiles.ToMarkdown(report), File.ReadAllText(Path.Combine(docs, "results", "regions-val.md")));
        string document = File.ReadAllText(Path.Combine(docs, "accuracy.md"));
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("accuracy.md"), document);
        RegionEvaluationFiles.WriteInto(report, folder.File("accuracy.md"));
        Assert.Equal(File.ReadAllText(folder.File("accuracy.md")), document);
    }

    [Fact]
    public void The_report_covers_the_standard_scenarios()
    {
        RegionEvaluationReport report = RegionEvaluationFiles.FromJson(File.ReadAllText(Path.Combine(docs, "results", "regions-val.json")));
        Assert.Equal(
            RegionScenario.Standard.Select(scenario => scenario.Name), report.Finders.Single(finder => finder.Name == "primary").Scenarios.Select(scenario => scenario.Name));
    }
}
