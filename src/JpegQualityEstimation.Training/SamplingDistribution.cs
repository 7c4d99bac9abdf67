using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Training;

// The distribution that chroma samplings are drawn from: the five weights of a recipe.
sealed class SamplingDistribution
{
    readonly (ChromaSubsampling Sampling, double UpTo)[] samplings;

    public SamplingDistribution(TrainingRecipe recipe)
    {
        samplings =
        [
            (ChromaSubsampling.Samp420, recipe.Weight420),
            (ChromaSubsampling.Samp422, recipe.Weight422),
            (ChromaSubsampling.Samp440, recipe.Weight440),
            (ChromaSubsampling.Samp444, recipe.Weight444),
            (ChromaSubsampling.Gray, recipe.WeightGray),
        ];
        for (int i = 1; i < samplings.Length; i++)
            samplings[i].UpTo += samplings[i - 1].UpTo;
    }

    public ChromaSubsampling Draw(ref CounterRandom random) => At(random.NextDouble() * samplings[^1].UpTo);

    /// <summary>Any but gray; 4:2:0 where gray alone has a weight.</summary>
    public ChromaSubsampling DrawColour(ref CounterRandom random)
    {
        double colour = samplings[^2].UpTo;
        return colour == 0 ? ChromaSubsampling.Samp420 : At(random.NextDouble() * colour);
    }

    ChromaSubsampling At(double at)
    {
        foreach ((ChromaSubsampling sampling, double upTo) in samplings)
        {
            if (at < upTo)
                return sampling;
        }
        return samplings[^1].Sampling;
    }
}
