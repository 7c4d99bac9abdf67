using System.Text.Json.Serialization;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Training.Evaluation;

// The numbers of an evaluation. "Plain" is the paper's image-level estimate, the mean of the map; "Reliable" is the
// mean weighted by the reliability plane. Shares are 0..1, qualities 0..100.

/// <summary>An evaluation of one or several models on the same pictures.</summary>
/// <param name="Pictures">Pictures used.</param>
/// <param name="DataManifest">SHA-256 over names and hashes of the pictures used.</param>
/// <param name="Seed">Seed of masks, splice qualities and shifts.</param>
/// <param name="Models">One entry a model.</param>
public sealed record QualityEvaluationReport(int Pictures, string DataManifest, ulong Seed, IReadOnlyList<ModelEvaluation> Models);

/// <summary>The numbers of one model.</summary>
/// <param name="Name">The model.</param>
/// <param name="Samplings">One entry a sampling.</param>
/// <param name="DoubleCompression">Pictures compressed twice; empty where that was not evaluated.</param>
/// <param name="NetworkOnly">Whether the network was measured alone, without evidence of the last JPEG grid.</param>
public sealed record ModelEvaluation(
    string Name, IReadOnlyList<SamplingEvaluation> Samplings, IReadOnlyList<DoubleCompressionPoint> DoubleCompression, bool NetworkOnly = false);

/// <summary>The numbers of one model and sampling.</summary>
/// <param name="Sampling">The chroma sampling; Gray: grayscale copies.</param>
/// <param name="Points">One entry a quality (Figure 2, Table 1).</param>
/// <param name="NeverCompressed">The same pictures uncompressed; its Quality is 0 and its errors are from 100.</param>
/// <param name="Error">Mean absolute error of the plain estimate over the qualities of 5, 10 ... 100.</param>
/// <param name="ErrorInner">The same over 10 ... 95.</param>
/// <param name="ReliableError">Mean absolute error of the reliable estimate over 5, 10 ... 100.</param>
/// <param name="ReliableErrorInner">The same over 10 ... 95.</param>
/// <param name="FlaggedAtMost95">Share of pictures of quality 95 and below whose plain mean flag is 0.5 or more.</param>
/// <param name="ReliableFlaggedAtMost95">The same for the reliable mean.</param>
/// <param name="Splices">One entry a kind of splice; empty where none were made.</param>
public sealed record SamplingEvaluation(
    ChromaSubsampling Sampling,
    IReadOnlyList<QualityPoint> Points,
    QualityPoint NeverCompressed,
    double Error,
    double ErrorInner,
    double ReliableError,
    double ReliableErrorInner,
    double FlaggedAtMost95,
    double ReliableFlaggedAtMost95,
    IReadOnlyList<SpliceEvaluation> Splices);

/// <summary>All pictures at one quality.</summary>
/// <param name="Quality">True quality; 0: never compressed.</param>
/// <param name="Mean">Mean of the plain estimates.</param>
/// <param name="Deviation">Standard deviation of the plain estimates.</param>
/// <param name="Error">Mean absolute error of the plain estimates.</param>
/// <param name="ReliableMean">Mean of the reliable estimates.</param>
/// <param name="ReliableDeviation">Standard deviation of the reliable estimates.</param>
/// <param name="ReliableError">Mean absolute error of the reliable estimates.</param>
/// <param name="Flagged">Share of pictures with a plain mean flag of 0.5 or more (Table 1 prints 1 - this).</param>
/// <param name="ReliableFlagged">The same for the reliable mean.</param>
/// <param name="MeanFlag">Mean over the pictures of the plain mean flag.</param>
/// <param name="Undetermined">Share of pictures whose verdict is "undetermined".</param>
public sealed record QualityPoint(
    int Quality, double Mean, double Deviation, double Error,
    double ReliableMean, double ReliableDeviation, double ReliableError,
    double Flagged, double ReliableFlagged, double MeanFlag, double Undetermined);

/// <summary>Kinds of synthetic splices.</summary>
public enum SpliceKind
{
    /// <summary>A JPEG region in a picture that was never compressed.</summary>
    JpegInNeverCompressed,
    /// <summary>A never compressed region in a JPEG picture.</summary>
    NeverCompressedInJpeg,
    /// <summary>A JPEG region in a JPEG picture of another quality.</summary>
    JpegInJpeg,
}

/// <summary>All splices of one kind; the positive class is the foreign region, means are over pictures.</summary>
/// <param name="Kind">What was put into what.</param>
/// <param name="Count">Splices.</param>
/// <param name="FlagAuc">Area under the ROC curve of the flag map; null where both parts were JPEG.</param>
/// <param name="FlagBestF1">F1 of the flag map at the best threshold for each picture.</param>
/// <param name="FlagF1">F1 of the flag map at 0.5.</param>
/// <param name="QualityAuc">Area under the ROC curve of the quality map.</param>
/// <param name="QualityBestF1">F1 of the quality map at the best threshold for each picture.</param>
/// <param name="Bands">The same by quality of the JPEG part; null where both parts were JPEG.</param>
public sealed record SpliceEvaluation(
    SpliceKind Kind, int Count, double? FlagAuc, double? FlagBestF1, double? FlagF1, double QualityAuc, double QualityBestF1,
    IReadOnlyList<SpliceBandEvaluation>? Bands = null);

/// <summary>Splices of one kind whose JPEG part has a quality of one band.</summary>
/// <param name="Qualities">The band: least and greatest quality factor, "50-89".</param>
/// <param name="Count">Splices.</param>
/// <param name="FlagAuc">As for all splices of the kind.</param>
/// <param name="FlagBestF1">As for all splices of the kind.</param>
/// <param name="FlagF1">As for all splices of the kind.</param>
/// <param name="QualityAuc">As for all splices of the kind.</param>
/// <param name="QualityBestF1">As for all splices of the kind.</param>
public sealed record SpliceBandEvaluation(
    string Qualities, int Count, double FlagAuc, double FlagBestF1, double FlagF1, double QualityAuc, double QualityBestF1);

/// <summary>All pictures compressed at one quality, then at another, on a shifted grid or on the same.</summary>
/// <param name="Sampling">Sampling of both.</param>
/// <param name="First">Quality of the first compression.</param>
/// <param name="Last">Quality of the last compression: what the estimate should read.</param>
/// <param name="Mean">Mean of the plain estimates.</param>
/// <param name="Error">Mean absolute error of the plain estimates from the last quality.</param>
/// <param name="ReliableMean">Mean of the reliable estimates.</param>
/// <param name="ReliableError">Mean absolute error of the reliable estimates from the last quality.</param>
/// <param name="Aligned">Whether both compressions have the same grid.</param>
public sealed record DoubleCompressionPoint(
    ChromaSubsampling Sampling, int First, int Last, double Mean, double Error, double ReliableMean, double ReliableError, bool Aligned = false)
{
    /// <summary>What tells it from the others: "Samp420-60-90", "Samp420-60-90-aligned".</summary>
    [JsonPropertyOrder(-1)]
    public string Name => $"{Sampling}-{First}-{Last}{(Aligned ? "-aligned" : "")}";
}
