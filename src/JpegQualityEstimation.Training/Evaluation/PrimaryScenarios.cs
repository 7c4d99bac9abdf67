namespace JpegQualityEstimation.Training.Evaluation;

/// <summary>The scenarios of section 5 of the paper, and those that a network for any second table needs beside them.</summary>
public static class PrimaryScenarios
{
    /// <summary>One of each kind, for a quick look.</summary>
    public static IReadOnlyList<PrimaryScenario> Quick { get; } = Parse(
        "nonaligned-90", "aligned-90", "nonaligned-80", "aligned-80", "nonaligned-95", "mixed-92", "mixed-92-told-90",
        "half-nonaligned-90", "photoshop-nonaligned-90", "photoshop-aligned-90", "single-90");

    /// <summary>All of the paper's, more second qualities, and more wrong tables.</summary>
    public static IReadOnlyList<PrimaryScenario> Full { get; } = Parse(
        "mixed-90", "nonaligned-90", "aligned-90", "mixed-80", "nonaligned-80", "aligned-80", "mixed-95", "nonaligned-95", "aligned-95",
        "nonaligned-70", "nonaligned-75", "nonaligned-85", "nonaligned-98",
        "mixed-92", "mixed-92-told-90", "aligned-92", "aligned-92-told-90", "mixed-88", "mixed-88-told-90",
        "half-mixed-90", "half-nonaligned-90", "photoshop-nonaligned-90", "photoshop-aligned-90",
        "single-80", "single-90", "single-95");

    /// <summary>What every second quality is measured in.</summary>
    /// <param name="second">Quality factors, 1..100.</param>
    public static IReadOnlyList<PrimaryScenario> OfSecond(IEnumerable<int> second) =>
        Parse([.. second.SelectMany(quality => new[] { $"nonaligned-{quality}", $"aligned-{quality}", $"single-{quality}" })]);

    static PrimaryScenario[] Parse(params string[] names) => Array.ConvertAll(names, PrimaryScenario.Parse);
}
