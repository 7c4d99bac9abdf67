namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

/// <summary>What <see cref="CombLikelihood"/> says of one window.</summary>
/// <param name="Table">Index of the most probable candidate table.</param>
/// <param name="Phase">Its most probable grid phase, 8 * row + column.</param>
/// <param name="TablePosterior">Probability of each candidate, summed over phases.</param>
/// <param name="Marginals">[coefficient][step]: probability of each step, index 0 unused.</param>
sealed record CombEstimate(int Table, int Phase, double[] TablePosterior, double[][] Marginals);
