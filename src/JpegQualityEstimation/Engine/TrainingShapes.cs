using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine;

/// <summary>Training of the quality network on a device.</summary>
/// <param name="BatchSize">Patches a step.</param>
/// <param name="PatchSize">Their side in pixels.</param>
/// <param name="QualityLossWeight">Factor of the mean squared error of the quality map.</param>
/// <param name="FlagLossWeight">Factor of the mean squared error of the flag map.</param>
/// <param name="Matrices">For Muon, in rising order.</param>
/// <param name="Precision">Of the convolutions.</param>
sealed record QualityTrainingShape(int BatchSize, int PatchSize, double QualityLossWeight, double FlagLossWeight,
    IReadOnlyList<ParameterMatrix> Matrices, ComputePrecision Precision);

/// <summary>Training of DenseNet-40 on a device.</summary>
/// <param name="Input">What the network looks at.</param>
/// <param name="Outputs">226 class scores, or 15 steps.</param>
/// <param name="BatchSize">Windows a step.</param>
/// <param name="Dropout">Share of convolution outputs dropped.</param>
/// <param name="Seed">Of the dropout masks.</param>
/// <param name="Loss">Over the outputs.</param>
/// <param name="PhaseWeight">Factor of the cross-entropy of the grid phase; 0: not learnt, and its head is not among the parameters.</param>
/// <param name="Matrices">For Muon, in rising order.</param>
/// <param name="Precision">Of the convolutions.</param>
sealed record DenseNetTrainingShape(PrimaryInput Input, int Outputs, int BatchSize, double Dropout, ulong Seed, BlockLossTerms Loss,
    double PhaseWeight, IReadOnlyList<ParameterMatrix> Matrices, ComputePrecision Precision);

/// <summary>Training of a phase-histogram network on a device.</summary>
/// <param name="Options">Its shape.</param>
/// <param name="BatchSize">Windows a step.</param>
/// <param name="Loss">Over the outputs.</param>
/// <param name="PhaseWeight">Factor of the cross-entropy of the grid phase.</param>
/// <param name="Matrices">For Muon, in rising order.</param>
/// <param name="Precision">Of the matrix products.</param>
sealed record PhaseHistogramTrainingShape(PhaseHistogramOptions Options, int BatchSize, BlockLossTerms Loss, double PhaseWeight,
    IReadOnlyList<ParameterMatrix> Matrices, ComputePrecision Precision);

/// <summary>
/// A loss over the 15 output blocks of a window: CrossEntropy/15 sum -t log f + Distance sum f |j - q|^Power, t the true step or
/// exp(-|j - q| / Tau) normalised; or, of 15 outputs, the mean squared error (Regression).
/// </summary>
/// <param name="CrossEntropy">Factor of the mean cross-entropy of the blocks.</param>
/// <param name="Distance">Factor of the expected distance, summed over the blocks.</param>
/// <param name="Power">Of the distance, 1 or 2.</param>
/// <param name="Tau">Width of soft targets in steps; 0: the true step alone.</param>
/// <param name="Regression">Mean squared error of 15 outputs; the other members are not read.</param>
readonly record struct BlockLossTerms(double CrossEntropy, double Distance, int Power, double Tau, bool Regression);
