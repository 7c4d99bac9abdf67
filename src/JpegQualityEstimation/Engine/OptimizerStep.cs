namespace JpegQualityEstimation.Engine;

/// <summary>What the optimiser does in one step of training on a device.</summary>
/// <param name="Step">Updates done before; Adam's t is one more.</param>
/// <param name="LearningRate">Of this step.</param>
/// <param name="Muon">Whether the shape's matrices take Muon; Adam takes all else.</param>
/// <param name="AdamRate">Factor of the rate for Adam beside Muon.</param>
/// <param name="Momentum">Muon's.</param>
/// <param name="Beta1">Adam's.</param>
/// <param name="Beta2">Adam's.</param>
/// <param name="Epsilon">Adam's.</param>
/// <param name="WeightDecay">Decoupled.</param>
/// <param name="ClipNorm">Longest gradient; 0 is any.</param>
/// <param name="AverageDecay">Of the running average, as it is in this step: 0 takes the parameters themselves.</param>
readonly record struct OptimizerStep(long Step, double LearningRate, bool Muon, double AdamRate, double Momentum, double Beta1, double Beta2,
    double Epsilon, double WeightDecay, double ClipNorm, double AverageDecay);
