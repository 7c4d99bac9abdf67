namespace JpegQualityEstimation.Training;

/// <summary>What checkpoints and the training loop need to know of a kind of recipe.</summary>
interface ITrainingRecipe<TSelf>
{
    static abstract TrainingMeasures Measures { get; }

    static abstract TSelf Parse(string json, string file);

    TSelf WithSteps(int steps);
}
