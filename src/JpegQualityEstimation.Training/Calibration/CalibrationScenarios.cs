using JpegQualityEstimation.Training.Evaluation;

namespace JpegQualityEstimation.Training.Calibration;

// CalibrationScenarios: the windows that a network for primary quantization is calibrated on, by the recipe in its metadata: what it
// was trained for, and all of it alike.
//   second qualities   those of Qualities within the recipe's; the recipe's own where it names them, or one only
//   single             one compression only, where the recipe has such windows
//   Photoshop's tables first, where the recipe has some and 90 is among the second qualities
// Everything, where there is no recipe.
static class CalibrationScenarios
{
    /// <summary>Second qualities of a network for any.</summary>
    public static IReadOnlyList<int> Qualities { get; } = [60, 70, 75, 80, 85, 90, 92, 95, 98];

    const int PhotoshopQuality = 90;

    public static IReadOnlyList<PrimaryScenario> Of(PrimaryRecipe? recipe)
    {
        int[] qualities = [.. recipe is null ? Qualities : Second(recipe)];
        IEnumerable<PrimaryScenario> scenarios = PrimaryScenarios.OfSecond(qualities);
        if (recipe is { SingleShare: 0 })
            scenarios = scenarios.Where(scenario => scenario.First != FirstCompression.None);
        if (recipe is not { PhotoshopFirstShare: 0 } && qualities.Contains(PhotoshopQuality))
            scenarios = scenarios.Concat(new[] { GridAlignment.NonAligned, GridAlignment.Aligned }.Select(
                alignment => new PrimaryScenario(FirstCompression.Photoshop, alignment, PhotoshopQuality, PhotoshopQuality)));
        return [.. scenarios];
    }

    static IEnumerable<int> Second(PrimaryRecipe recipe)
    {
        if (recipe.SecondQualities.Count > 0)
            return recipe.SecondQualities.Select(quality => (int)quality).Distinct();
        int from = (int)recipe.SecondQuality.From, to = (int)recipe.SecondQuality.To;
        int[] within = [.. Qualities.Where(quality => quality >= from && quality <= to)];
        return from == to ? [from] : within.Length > 0 ? within : [(from + to) / 2];
    }
}
