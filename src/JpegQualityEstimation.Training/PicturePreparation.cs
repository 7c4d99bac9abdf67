using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Training;

// PicturePreparation: what a photograph goes through before it is compressed, in this order: cut + scale, flips and
// rotations, blur, sharpen, noise, exposure, tone, grayscale, each for the share of crops that the recipe says.
// Thread-safe; the crop depends on the random numbers alone.
sealed class PicturePreparation(TrainingRecipe recipe, TrainingPictures training)
{
    readonly IReadOnlyList<TrainingPicture> pictures = training.Pictures;

    /// <summary>Fills the crop from a random place of a random picture.</summary>
    public void Apply(PatchCrop crop, ref CounterRandom random, bool gray)
    {
        ImageBuffer picture = pictures[random.NextInt(pictures.Count)].Pixels;
        double scale = recipe.ScaleShare > 0 && random.NextBool(recipe.ScaleShare) ? random.NextLogIn(recipe.Scale) : 1;
        // The picture need not be large enough for that much shrinking.
        scale = Math.Max(scale, (double)crop.Side / Math.Min(picture.Width, picture.Height));
        if (scale == 1)
            crop.Cut(picture, random.NextInt(picture.Width - crop.Side + 1), random.NextInt(picture.Height - crop.Side + 1));
        else
        {
            double source = crop.Side / scale;
            var kernel = (ResampleKernel)random.NextInt(3);
            crop.CutScaled(picture, (picture.Width - source) * random.NextDouble(), (picture.Height - source) * random.NextDouble(), scale, kernel);
        }
        if (recipe.Flips)
            crop.Turn(random.NextInt(8));
        if (random.NextBool(recipe.BlurShare))
            crop.Blur(random.NextIn(recipe.Blur));
        if (random.NextBool(recipe.SharpenShare))
            crop.Sharpen(random.NextIn(recipe.Sharpen));
        if (random.NextBool(recipe.NoiseShare))
            crop.AddNoise(ref random, (float)random.NextIn(recipe.Noise), random.NextBool(0.5));
        if (random.NextBool(recipe.ExposureShare))
            crop.Expose((float)Math.Pow(2, random.NextIn(recipe.Exposure)));
        if (random.NextBool(recipe.ToneShare))
        {
            crop.Tone(
                (float)random.NextIn(recipe.Contrast), (float)random.NextIn(recipe.Brightness),
                (float)random.NextIn(recipe.Saturation), (float)random.NextLogIn(recipe.Gamma));
        }
        if (gray)
            crop.Gray();
    }
}
