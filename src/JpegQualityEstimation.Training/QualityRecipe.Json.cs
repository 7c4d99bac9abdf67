using Field = JpegQualityEstimation.Training.RecipeField<JpegQualityEstimation.Training.QualityRecipe>;
using Table = JpegQualityEstimation.Training.RecipeTable<JpegQualityEstimation.Training.QualityRecipe>;

namespace JpegQualityEstimation.Training;

// Recipe files of the quality network (see RecipeTable).

public sealed partial class QualityRecipe : ITrainingRecipe<QualityRecipe>
{
    static readonly string[] Bundled = ["quality", "quality-refined", "uchida2019"];

    static readonly Table Fields = new("quality", Bundled,
    [
        Table.Name(),
        Table.Whole("patchSize", 8, 512, r => r.PatchSize, (r, v) => r.PatchSize = v),
        Table.BatchSize(),
        Field.Choice("phase", r => r.Phase, (r, v) => r.Phase = v),
        Table.Range("quality", 1, 100, r => r.Quality, (r, v) => r.Quality = v),
        Field.Knots("qualityWeights", 1, 100, r => r.QualityWeights, (r, v) => r.QualityWeights = v),
        Table.Share("neverCompressed", r => r.NeverCompressed, (r, v) => r.NeverCompressed = v),
        .. Table.Pictures(),
        Table.Share("earlierShare", r => r.EarlierShare, (r, v) => r.EarlierShare = v),
        Table.Range("earlierQuality", 1, 100, r => r.EarlierQuality, (r, v) => r.EarlierQuality = v),
        Table.Share("spliceShare", r => r.SpliceShare, (r, v) => r.SpliceShare = v),
        Table.Weight("qualityLossWeight", r => r.QualityLossWeight, (r, v) => r.QualityLossWeight = v),
        Table.Weight("flagLossWeight", r => r.FlagLossWeight, (r, v) => r.FlagLossWeight = v),
        Field.Choice("initialization", r => r.Initialization, (r, v) => r.Initialization = v),
        .. Table.Optimisation(),
    ]);

    /// <summary>The keys that a recipe file may hold, in the order in which they are written.</summary>
    public static IReadOnlyList<string> Keys => Fields.Keys;

    /// <summary>Names of the recipes that come with the package.</summary>
    public static IReadOnlyList<string> BundledNames => Bundled;

    /// <summary>A recipe by the name of a bundled one, or else by the path of a file.</summary>
    /// <exception cref="RecipeException">There is neither, or the file is not a recipe.</exception>
    public static QualityRecipe Load(string nameOrPath) => Fields.Load(nameOrPath, Parse);

    /// <summary>Reads a recipe from JSON text.</summary>
    /// <param name="json">One object; comments are allowed.</param>
    /// <param name="file">What error messages call it.</param>
    /// <exception cref="RecipeException">Not JSON, an unknown or repeated key, or a value out of range.</exception>
    public static QualityRecipe Parse(string json, string file)
    {
        var recipe = new QualityRecipe();
        Fields.Read(json, file, recipe);
        recipe.Check(file);
        return recipe;
    }

    /// <summary>The recipe with another number of steps.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public QualityRecipe WithSteps(int steps)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        var copy = (QualityRecipe)MemberwiseClone();
        copy.Steps = steps;
        return copy;
    }

    /// <inheritdoc/>
    public override string ToJson() => Fields.Write(this);

    static TrainingMeasures ITrainingRecipe<QualityRecipe>.Measures => TrainingMeasures.Quality;

    void Check(string file)
    {
        if (!Quality.IsWhole)
            throw new RecipeException(file, "quality", "must be whole numbers");
        if (!EarlierQuality.IsWhole)
            throw new RecipeException(file, "earlierQuality", "must be whole numbers");
        double reachable = 0;
        for (int quality = (int)Quality.From; quality <= (int)Quality.To; quality++)
            reachable += QualityDistribution.WeightAt(QualityWeights, quality);
        if (reachable <= 0)
            throw new RecipeException(file, "qualityWeights", "are 0 for every quality of the range");
    }
}
