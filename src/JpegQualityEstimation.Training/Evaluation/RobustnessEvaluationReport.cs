namespace JpegQualityEstimation.Training.Evaluation;

// The numbers of an evaluation after alterations. Shares are 0..1; null: nothing was answered, or there is nothing to find.

/// <summary>What is left of quality maps and primary quantization when pictures were altered after their last compression.</summary>
/// <param name="Pictures">Pictures used, the middle square of each.</param>
/// <param name="DataManifest">SHA-256 over names and hashes of the pictures used.</param>
/// <param name="Seed">Seed of shifts and noise.</param>
/// <param name="FirstQualities">First quality factors of what was compressed twice.</param>
/// <param name="SecondQuality">The second one.</param>
/// <param name="Alterations">One entry an alteration; the first altered nothing.</param>
public sealed record RobustnessEvaluationReport(
    int Pictures, string DataManifest, ulong Seed, IReadOnlyList<int> FirstQualities, int SecondQuality, IReadOnlyList<AlterationEvaluation> Alterations);

/// <summary>All pictures after one alteration.</summary>
/// <param name="Name">What was done.</param>
/// <param name="Qualities">Compressed once before: one entry a quality factor.</param>
/// <param name="NeverCompressed">Never compressed; its error is from 100.</param>
/// <param name="Told">Compressed twice before; the second table told, its grid believed to begin at the top left pixel.</param>
/// <param name="Found">The same pictures; table and grid of the last compression as the pixels tell.</param>
/// <param name="Unchanged">Whether the alteration left every pixel of every picture as it was.</param>
public sealed record AlterationEvaluation(
    string Name, IReadOnlyList<AlteredQuality> Qualities, AlteredQuality NeverCompressed, AlteredPrimary Told, AlteredPrimary Found, bool Unchanged);

/// <summary>Quality maps of pictures of one quality factor.</summary>
/// <param name="Quality">Quality factor; 0: never compressed.</param>
/// <param name="Error">Mean absolute error of the picture's quality, the plain mean of the map.</param>
/// <param name="Flagged">Share of pictures with a mean flag of 0.5 or more.</param>
/// <param name="Undetermined">Share of pictures without a verdict.</param>
public sealed record AlteredQuality(int Quality, double Error, double Flagged, double Undetermined);

/// <summary>Primary quantization in 64x64 windows, one every 32 pixels.</summary>
/// <param name="Pictures">Share of pictures that were read: with a second table.</param>
/// <param name="RightTable">Share of pictures that were read with the table and the grid of the true second compression.</param>
/// <param name="Windows">Windows of the pictures that were read.</param>
/// <param name="Undetermined">Share of them without an answer.</param>
/// <param name="Accuracy">Share of the 15 steps that are right, over the windows with an answer.</param>
/// <param name="Mse">Mean of the squared errors of these steps.</param>
/// <param name="PhaseFound">Share of the windows with an answer whose most probable shift of the first grid is the true one.</param>
public sealed record AlteredPrimary(
    double Pictures, double RightTable, long Windows, double? Undetermined, double? Accuracy, double? Mse, double? PhaseFound);
