using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Networks;
using Field = JpegQualityEstimation.Training.RecipeField<JpegQualityEstimation.Training.PrimaryRecipe>;
using Table = JpegQualityEstimation.Training.RecipeTable<JpegQualityEstimation.Training.PrimaryRecipe>;

namespace JpegQualityEstimation.Training;

// Recipe files of the primary-quantization networks (see RecipeTable).

public sealed partial class PrimaryRecipe : ITrainingRecipe<PrimaryRecipe>
{
    static readonly string[] Bundled =
    [
        "primary", "primary-refined", "primary-settled", "primary-matured", "primary-common", "primary-common-again", "primary-90", "primary-80", "densenet40-start", "densenet40-shifts", "densenet40-90", "densenet40-90-further", "densenet40-90-phases", "densenet40-90-whitened", "densenet40-90-dct", "densenet40-80", "densenet40-90-regression", "tondi2021-90", "tondi2021-80",
    ];

    static readonly Table Fields = new("primary", Bundled,
    [
        Table.Name(),
        Table.BatchSize(),
        Field.Choice("phase", r => r.Phase, (r, v) => r.Phase = v),
        Table.Range("firstQuality", LeastFirstQuality, 100, r => r.FirstQuality, (r, v) => r.FirstQuality = v),
        Field.Polyline("firstQualityFloor", 1, 100, 1, 100, r => r.FirstQualityFloor, (r, v) => r.FirstQualityFloor = v),
        Table.Range("secondQuality", 1, 100, r => r.SecondQuality, (r, v) => r.SecondQuality = v),
        Field.WholeList("secondQualities", 1, 100, r => r.SecondQualities, (r, v) => r.SecondQualities = v),
        Field.Knots("secondQualityWeights", 1, 100, r => r.SecondQualityWeights, (r, v) => r.SecondQualityWeights = v),
        Table.Share("customFirstShare", r => r.CustomFirstShare, (r, v) => r.CustomFirstShare = v),
        Table.Share("customSecondShare", r => r.CustomSecondShare, (r, v) => r.CustomSecondShare = v),
        Table.Range("customSpread", 0, 3, r => r.CustomSpread, (r, v) => r.CustomSpread = v),
        Table.Share("photoshopFirstShare", r => r.PhotoshopFirstShare, (r, v) => r.PhotoshopFirstShare = v),
        Table.Share("singleShare", r => r.SingleShare, (r, v) => r.SingleShare = v),
        Table.Share("otherSamplingShare", r => r.OtherSamplingShare, (r, v) => r.OtherSamplingShare = v),
        Table.Share("alignedShare", r => r.AlignedShare, (r, v) => r.AlignedShare = v),
        Table.Whole("shiftPeriod", 8, 16, r => r.ShiftPeriod, (r, v) => r.ShiftPeriod = v),
        .. Table.Pictures(),
        Field.Named("loss", [("combined", PrimaryLossKind.Combined), ("crossEntropy", PrimaryLossKind.CrossEntropy), ("smooth", PrimaryLossKind.Smooth)],
            r => r.Loss, (r, v) => r.Loss = v),
        Table.Share("crossEntropyShare", r => r.CrossEntropyShare, (r, v) => r.CrossEntropyShare = v),
        Table.Whole("distancePower", 1, 2, r => r.DistancePower, (r, v) => r.DistancePower = v),
        Field.Number("smoothWidth", 0.01, 100, r => r.SmoothWidth, (r, v) => r.SmoothWidth = v),
        Table.Weight("attentionWeight", r => r.AttentionWeight, (r, v) => r.AttentionWeight = v),
        Table.Weight("phaseWeight", r => r.PhaseWeight, (r, v) => r.PhaseWeight = v),
        Field.Named("network", [("densenet40", PrimaryNetworkKind.DenseNet40), ("phase-histogram", PrimaryNetworkKind.PhaseHistogram)],
            r => r.Network, (r, v) => r.Network = v),
        Field.Choice("input", r => r.Input, (r, v) => r.Input = v),
        Field.Choice("head", r => r.Head, (r, v) => r.Head = v),
        Field.Choice("initialization", r => r.Initialization, (r, v) => r.Initialization = v),
        Field.Choice("firstBlock", r => r.FirstBlock, (r, v) => r.FirstBlock = v),
        Field.Number("dropout", 0, 0.95, r => r.Dropout, (r, v) => r.Dropout = v),
        Table.Whole("statisticsBatches", 0, 100_000, r => r.StatisticsBatches, (r, v) => r.StatisticsBatches = v),
        Field.Number("whitening", 0, 1, r => r.Whitening, (r, v) => r.Whitening = v),
        Table.Whole("coefficients", 15, 64, r => r.Histogram.Coefficients, (r, v) => r.Histogram = r.Histogram with { Coefficients = v }),
        Table.Whole("bins", 4, 1024, r => r.Histogram.Bins, (r, v) => r.Histogram = r.Histogram with { Bins = v }),
        Field.Number("binWidth", 0.01, 100, r => r.Histogram.BinWidth, (r, v) => r.Histogram = r.Histogram with { BinWidth = (float)v }),
        Table.Whole("periods", 0, 1024, r => r.Histogram.Periods, (r, v) => r.Histogram = r.Histogram with { Periods = v }),
        Table.Whole("hidden", 16, 1024, r => r.Histogram.Hidden, (r, v) => r.Histogram = r.Histogram with { Hidden = v }),
        Table.Whole("phaseWidth", 16, 1024, r => r.Histogram.PhaseWidth, (r, v) => r.Histogram = r.Histogram with { PhaseWidth = v }),
        Table.Whole("pooledWidth", 16, 1024, r => r.Histogram.PooledWidth, (r, v) => r.Histogram = r.Histogram with { PooledWidth = v }),
        Table.Whole("heads", 1, 15, r => r.Histogram.Heads, (r, v) => r.Histogram = r.Histogram with { Heads = v }),
        Table.Whole("coefficientWidth", 16, 1024, r => r.Histogram.CoefficientWidth, (r, v) => r.Histogram = r.Histogram with { CoefficientWidth = v }),
        Table.Whole("trunk", 16, 4096, r => r.Histogram.Trunk, (r, v) => r.Histogram = r.Histogram with { Trunk = v }),
        Field.Bool("secondTable", r => r.Histogram.SecondTable, (r, v) => r.Histogram = r.Histogram with { SecondTable = v }),
        .. Table.Optimisation(),
    ]);

    // The outputs name no larger steps than those of the standard table of 50.
    const int LeastFirstQuality = 50;

    // Below, inverse roots run out of the digits of 32-bit floats.
    const double LeastWhitening = 1e-4;

    /// <summary>The keys that a recipe file may hold, in the order in which they are written.</summary>
    public static IReadOnlyList<string> Keys => Fields.Keys;

    /// <summary>Names of the recipes that come with the package.</summary>
    public static IReadOnlyList<string> BundledNames => Bundled;

    /// <summary>A recipe by the name of a bundled one, or else by the path of a file.</summary>
    /// <exception cref="RecipeException">There is neither, or the file is not a recipe.</exception>
    public static PrimaryRecipe Load(string nameOrPath) => Fields.Load(nameOrPath, Parse);

    /// <summary>Reads a recipe from JSON text.</summary>
    /// <param name="json">One object; comments are allowed.</param>
    /// <param name="file">What error messages call it.</param>
    /// <exception cref="RecipeException">Not JSON, an unknown or repeated key, or a value out of range.</exception>
    public static PrimaryRecipe Parse(string json, string file)
    {
        var recipe = new PrimaryRecipe();
        Fields.Read(json, file, recipe);
        recipe.Check(file);
        return recipe;
    }

    /// <summary>The recipe with another number of steps.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public PrimaryRecipe WithSteps(int steps)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        var copy = (PrimaryRecipe)MemberwiseClone();
        copy.Steps = steps;
        return copy;
    }

    /// <inheritdoc/>
    public override string ToJson() => Fields.Write(this);

    internal IBlockLoss CreateLoss() => (Head, Loss) switch
    {
        (PrimaryHead.Regression, _) => new RegressionLoss(),
        (_, PrimaryLossKind.CrossEntropy) => PrimaryLoss.CrossEntropy(),
        (_, PrimaryLossKind.Smooth) => PrimaryLoss.Smooth(SmoothWidth),
        _ => PrimaryLoss.Combined(CrossEntropyShare, DistancePower),
    };

    internal BlockLossTerms LossTerms => CreateLoss() is PrimaryLoss loss ? loss.Terms : RegressionLoss.Terms;

    static TrainingMeasures ITrainingRecipe<PrimaryRecipe>.Measures => TrainingMeasures.Primary;

    void Check(string file)
    {
        if (!FirstQuality.IsWhole)
            throw new RecipeException(file, "firstQuality", "must be whole numbers");
        if (!SecondQuality.IsWhole)
            throw new RecipeException(file, "secondQuality", "must be whole numbers");
        for (int i = 1; i < FirstQualityFloor.Count; i += 2)
        {
            if (FirstQualityFloor[i] > FirstQuality.To)
                throw new RecipeException(file, "firstQualityFloor", "must not be above the upper end of 'firstQuality'");
        }
        if (ShiftPeriod is not (8 or 16))
            throw new RecipeException(file, "shiftPeriod", "must be 8 or 16");
        if (Network == PrimaryNetworkKind.PhaseHistogram && Head == PrimaryHead.Regression)
            throw new RecipeException(file, "head", "must be \"softmax\" for the phase-histogram network");
        if (Whitening > 0 && (Network != PrimaryNetworkKind.DenseNet40 || Optimizer != TrainingOptimizer.Muon))
            throw new RecipeException(file, "whitening", "must be 0 but for \"densenet40\" and \"muon\"");
        if (Whitening is > 0 and < LeastWhitening)
            throw new RecipeException(file, "whitening", "must be 0 or at least 0.0001");
        if (FirstBlock == DenseNetFirstBlock.Dct && (Network != PrimaryNetworkKind.DenseNet40 || Dropout > 0))
            throw new RecipeException(file, "firstBlock", "must be \"learned\" but for \"densenet40\" without dropout");
        if (Histogram.Fault() is string fault)
            throw new RecipeException(file, fault[..fault.IndexOf(' ')], fault[(fault.IndexOf(' ') + 1)..]);
    }
}
