namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

/// <summary>Means over the windows of a batch.</summary>
/// <param name="Block">Loss of the output blocks.</param>
/// <param name="Attention">Cross-entropy of the first head against the true phase, not weighted; 0 where it is unknown.</param>
readonly record struct PhaseHistogramLoss(double Block, double Attention);
