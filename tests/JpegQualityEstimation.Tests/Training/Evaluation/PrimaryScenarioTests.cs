using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Training.Evaluation;
using Xunit;

namespace JpegQualityEstimation.Tests.Training.Evaluation;

public sealed class PrimaryScenarioTests
{
    [Theory]
    [InlineData("mixed-90")]
    [InlineData("nonaligned-80")]
    [InlineData("aligned-1")]
    [InlineData("single-100")]
    [InlineData("half-nonaligned-90")]
    [InlineData("half-photoshop-aligned-95")]
    [InlineData("photoshop-mixed-90-told-92")]
    [InlineData("half-single-90-told-80")]
    public void A_name_says_all_of_a_scenario(string name) => Assert.Equal(name, PrimaryScenario.Parse(name).Name);

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("half")]
    [InlineData("mixed")]
    [InlineData("mixed-")]
    [InlineData("mixed-0")]
    [InlineData("mixed-101")]
    [InlineData("mixed-+9")]
    [InlineData("mixed-90-told")]
    [InlineData("mixed-90-tell-80")]
    [InlineData("mixed-90-told-80-70")]
    [InlineData("photoshop-single-90")]
    [InlineData("photoshop-half-mixed-90")]
    [InlineData("Mixed-90")]
    public void Another_name_is_refused(string name)
    {
        FormatException error = Assert.Throws<FormatException>(() => PrimaryScenario.Parse(name));
        Assert.Contains($"'{name}'", error.Message);
    }

    [Fact]
    public void The_lists_name_each_scenario_once()
    {
        foreach (IReadOnlyList<PrimaryScenario> list in new[] { PrimaryScenarios.Quick, PrimaryScenarios.Full, PrimaryScenarios.OfSecond([70, 98]) })
            Assert.Equal(list.Count, list.Select(scenario => scenario.Name).Distinct().Count());
        Assert.Equal(["nonaligned-70", "aligned-70", "single-70"], PrimaryScenarios.OfSecond([70]).Select(scenario => scenario.Name));
    }

    [Theory]
    [InlineData("mixed-90", 60, 98)]
    [InlineData("aligned-95", 60, 98)]
    [InlineData("nonaligned-80", 55, 98)]
    [InlineData("half-mixed-75", 55, 98)]
    public void First_qualities_are_those_of_the_paper(string name, int from, int to)
    {
        PrimaryFirst[] firsts = PrimaryScenario.Parse(name).Firsts(ChromaSubsampling.Samp422);
        Assert.Equal(Enumerable.Range(from, to - from + 1), firsts.Select(first => first.Label));
        Assert.All(firsts, first =>
        {
            Assert.Equal(QuantTable.StandardLuminance(first.Label), first.Compression!.Luminance);
            Assert.Equal(ChromaSubsampling.Samp422, first.Compression.Subsampling);
            Assert.Equal(QuantTable.StandardLuminance(first.Label).ZigZagOrder().Take(15).Select(step => (int)step), first.Steps);
        });
    }

    [Fact]
    public void Without_a_first_compression_every_step_is_1()
    {
        PrimaryFirst first = Assert.Single(PrimaryScenario.Parse("single-90").Firsts(ChromaSubsampling.Samp420));
        Assert.Null(first.Compression);
        Assert.Equal(Enumerable.Repeat(1, 15), first.Steps);
    }

    [Fact]
    public void Photoshop_keeps_its_own_tables_and_full_chroma()
    {
        PrimaryFirst[] firsts = PrimaryScenario.Parse("photoshop-aligned-90").Firsts(ChromaSubsampling.Samp420);
        Assert.Equal(PhotoshopTables.Levels, firsts.Select(first => first.Label));
        Assert.All(firsts, first =>
        {
            Assert.Equal(new JpegCompression(PhotoshopTables.Luminance(first.Label), PhotoshopTables.Chrominance(first.Label), ChromaSubsampling.Samp444), first.Compression);
            Assert.Equal(PhotoshopTables.Luminance(first.Label).ZigZagOrder().Take(15).Select(step => (int)step), first.Steps);
        });
    }
}
