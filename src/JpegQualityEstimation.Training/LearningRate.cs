namespace JpegQualityEstimation.Training;

// The learning rate of a step: linear warm-up, then constant or half a cosine down to floor * base at the last step.

static class LearningRate
{
    /// <param name="recipe">Base rate and schedule.</param>
    /// <param name="step">Counts from 0.</param>
    public static double At(TrainingRecipe recipe, long step)
    {
        if (step < recipe.WarmUpSteps)
            return recipe.LearningRate * (step + 1) / recipe.WarmUpSteps;
        if (recipe.Schedule == LearningRateSchedule.Constant)
            return recipe.LearningRate;
        double progress = Math.Min(1, (double)(step - recipe.WarmUpSteps) / Math.Max(1, recipe.Steps - recipe.WarmUpSteps));
        return recipe.LearningRate * (recipe.Floor + (1 - recipe.Floor) * 0.5 * (1 + Math.Cos(Math.PI * progress)));
    }
}
