using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Training.Evaluation;

// The numbers of an evaluation of the last compression. Shares are 0..1; NaN never appears: where nothing was asked, 0.

/// <summary>An evaluation of the estimator of the last compression.</summary>
/// <param name="Pictures">Pictures used.</param>
/// <param name="DataManifest">SHA-256 over names and hashes of the pictures used.</param>
/// <param name="Seed">Seed of crops and shifts.</param>
/// <param name="Scenarios">One entry a history.</param>
public sealed record LastEvaluationReport(int Pictures, string DataManifest, ulong Seed, IReadOnlyList<LastScenarioEvaluation> Scenarios);

/// <summary>Kinds of histories.</summary>
public enum LastHistory
{
    /// <summary>Never compressed: what is detected is a false alarm.</summary>
    None,

    /// <summary>One compression with standard tables.</summary>
    Single,

    /// <summary>One compression with Photoshop's tables.</summary>
    Photoshop,

    /// <summary>Two compressions, grids shifted.</summary>
    Shifted,

    /// <summary>Two compressions on one grid.</summary>
    Aligned,
}

/// <summary>All pictures after one history; the last grid is anywhere.</summary>
/// <param name="History">Kind.</param>
/// <param name="Sampling">Of all compressions; Gray: grayscale copies.</param>
/// <param name="First">Quality factor of the first of two compressions, else 0.</param>
/// <param name="Last">Quality factor or Photoshop level of the last compression, 0 without one.</param>
/// <param name="Count">Pictures.</param>
/// <param name="Detected">Share with a grid detected.</param>
/// <param name="RightOrigin">Share with the right grid detected.</param>
/// <param name="RightTable">Share with the whole table right.</param>
/// <param name="WrongTable">Share with a whole table that is wrong.</param>
/// <param name="AnsweredSteps">Share of the 64 steps that have an answer, of the pictures with a grid detected.</param>
/// <param name="RightSteps">Share of the answers that are right.</param>
/// <param name="MultipleSteps">Share of the answers that are multiples of the right step.</param>
public sealed record LastScenarioEvaluation(
    LastHistory History, ChromaSubsampling Sampling, int First, int Last, int Count,
    double Detected, double RightOrigin, double RightTable, double WrongTable, double AnsweredSteps, double RightSteps, double MultipleSteps);
