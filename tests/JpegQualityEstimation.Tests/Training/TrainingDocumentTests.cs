using System.Text.RegularExpressions;
using JpegQualityEstimation.Training;
using Xunit;

namespace JpegQualityEstimation.Tests.Training;

public sealed partial class TrainingDocumentTests
{
    static readonly string[] Parts = File.ReadAllText(Path.Combine(RepositoryFolder.Root, "docs", "training.md"))
        .Split("# Training the primary-quantization networks");

    [Fact]
    public void The_table_of_keys_is_that_of_the_recipe()
    {
        Assert.Equal(QualityRecipe.Keys, Keys(Parts[0]));
        Assert.All(QualityRecipe.BundledNames, name => Assert.Contains($"`{name}`", Parts[0]));
    }

    [Fact]
    public void The_second_table_of_keys_is_that_of_the_primary_recipe()
    {
        Assert.Equal(PrimaryRecipe.Keys, Keys(Parts[1]));
        Assert.All(PrimaryRecipe.BundledNames, name => Assert.Contains($"`{name}`", Parts[1]));
    }

    static IEnumerable<string> Keys(string text) => Row().Matches(text).Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"^\| `(\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
