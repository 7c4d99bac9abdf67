using System.Text.RegularExpressions;
using JpegQualityEstimation.Training;
using Xunit;

namespace JpegQualityEstimation.Tests.Training;

public sealed partial class TrainingDocumentTests
{
    [Fact]
    public void The_table_of_keys_is_that_of_the_recipe()
    {
        string text = File.ReadAllText(Path.Combine(RepositoryFolder.Root, "docs", "training.md"));
        Assert.Equal(QualityRecipe.Keys, Row().Matches(text).Select(match => match.Groups[1].Value));
        Assert.All(QualityRecipe.BundledNames, name => Assert.Contains($"`{name}`", text));
    }

    [GeneratedRegex(@"^\| `(\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
