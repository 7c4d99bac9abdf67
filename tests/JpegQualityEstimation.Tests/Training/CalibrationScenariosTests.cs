using JpegQualityEstimation.Training;
using JpegQualityEstimation.Training.Calibration;
using Xunit;

namespace JpegQualityEstimation.Tests.Training;

public sealed class CalibrationScenariosTests
{
    static string[] Names(string? recipe) =>
        [.. CalibrationScenarios.Of(recipe is null ? null : PrimaryRecipe.Parse(recipe, "test")).Select(scenario => scenario.Name)];

    [Fact]
    public void WithoutARecipeThereIsEverything()
    {
        string[] names = Names(null);
        Assert.Equal(29, names.Length);
        Assert.Equal(9, names.Count(name => name.StartsWith("single-", StringComparison.Ordinal)));
        Assert.Equal(["photoshop-nonaligned-90", "photoshop-aligned-90"], names[^2..]);
    }

    [Theory]
    [InlineData("{}", "nonaligned-90 aligned-90")]
    [InlineData("""{ "secondQuality": [77, 77] }""", "nonaligned-77 aligned-77")]
    [InlineData("""{ "secondQuality": [76, 79] }""", "nonaligned-77 aligned-77")]
    [InlineData("""{ "secondQualities": [80, 92, 80] }""", "nonaligned-80 aligned-80 nonaligned-92 aligned-92")]
    [InlineData("""{ "secondQuality": [91, 93], "photoshopFirstShare": 0.1 }""", "nonaligned-92 aligned-92")]
    [InlineData("""{ "secondQuality": [88, 91], "photoshopFirstShare": 0.1, "singleShare": 0.1 }""", "nonaligned-90 aligned-90 single-90 photoshop-nonaligned-90 photoshop-aligned-90")]
    public void ARecipeLeavesWhatItWasMadeFor(string recipe, string names) => Assert.Equal(names.Split(' '), Names(recipe));

    [Fact]
    public void TheBundledRecipesAreForEverythingAndForOneSecondTable()
    {
        Assert.Equal(Names(null), CalibrationScenarios.Of(PrimaryRecipe.Load("primary-settled")).Select(scenario => scenario.Name));
        Assert.Equal(["nonaligned-80", "aligned-80"], CalibrationScenarios.Of(PrimaryRecipe.Load("primary-80")).Select(scenario => scenario.Name));
    }
}
