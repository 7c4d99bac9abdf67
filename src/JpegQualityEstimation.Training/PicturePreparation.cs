using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Training;

// PicturePreparation: what a photograph goes through before it is compressed, drawn and carried out, in this order: cut +
// scale, flips and rotations, blur, sharpen, noise, exposure, tone, grayscale, each for the share of crops that the recipe
// says. Thread-safe; the crop depends on the random numbers alone.
sealed class PicturePreparation(TrainingRecipe recipe, TrainingPictures training)
{
    readonly IReadOnlyList<TrainingPicture> pictures = training.Pictures;

    /// <summary>Draws a random place of a random picture and what is done to it.</summary>
    public PatchPreparation Draw(int side, ref CounterRandom random, bool gray)
    {
        int index = random.NextInt(pictures.Count);
        ImageBuffer picture = pictures[index].Pixels;
        double scale = recipe.ScaleShare > 0 && random.NextBool(recipe.ScaleShare) ? random.NextLogIn(recipe.Scale) : 1;
        // The picture need not be large enough for that much shrinking.
        scale = Math.Max(scale, (double)side / Math.Min(picture.Width, picture.Height));
        double x, y;
        ResampleKernel kernel = ResampleKernel.Box;
        if (scale == 1)
            (x, y) = (random.NextInt(picture.Width - side + 1), random.NextInt(picture.Height - side + 1));
        else
        {
            double source = side / scale;
            kernel = (ResampleKernel)random.NextInt(3);
            (x, y) = ((picture.Width - source) * random.NextDouble(), (picture.Height - source) * random.NextDouble());
        }
        int turn = recipe.Flips ? random.NextInt(8) : 0;
        double blur = random.NextBool(recipe.BlurShare) ? random.NextIn(recipe.Blur) : 0;
        double? sharpen = random.NextBool(recipe.SharpenShare) ? random.NextIn(recipe.Sharpen) : null;
        PatchNoise? noise = null;
        if (random.NextBool(recipe.NoiseShare))
        {
            float sigma = (float)random.NextIn(recipe.Noise);
            bool same = random.NextBool(0.5);
            noise = new PatchNoise(random.State, sigma, same);
            random.Skip((same ? 1 : 3) * (long)side * side);
        }
        float? exposure = random.NextBool(recipe.ExposureShare) ? (float)Math.Pow(2, random.NextIn(recipe.Exposure)) : null;
        PatchTone? tone = random.NextBool(recipe.ToneShare)
            ? new PatchTone(
                (float)random.NextIn(recipe.Contrast), (float)random.NextIn(recipe.Brightness),
                (float)random.NextIn(recipe.Saturation), (float)random.NextLogIn(recipe.Gamma))
            : null;
        return new PatchPreparation(index, side, x, y, scale, kernel, turn, gray)
        {
            Blur = blur, Sharpen = sharpen, Noise = noise, Exposure = exposure, Tone = tone,
        };
    }

    /// <summary>Makes the bytes [side, side, 3] of a crop as large as drawn.</summary>
    public void Apply(PatchCrop crop, in PatchPreparation drawn, Span<byte> bytes)
    {
        if (drawn is { Scale: 1, Blur: 0, Sharpen: null, Noise: null, Exposure: null, Tone: null, Gray: false })
        {
            PatchTurn.Cut(pictures[drawn.Picture].Pixels, (int)drawn.X, (int)drawn.Y, drawn.Side, drawn.Turn, bytes);
            return;
        }
        Apply(crop, drawn);
        crop.Store(bytes);
    }

    /// <summary>Fills the crop, as large as drawn.</summary>
    public void Apply(PatchCrop crop, in PatchPreparation drawn)
    {
        ImageBuffer picture = pictures[drawn.Picture].Pixels;
        if (drawn.Scale == 1)
            crop.Cut(picture, (int)drawn.X, (int)drawn.Y);
        else
            crop.CutScaled(picture, drawn.X, drawn.Y, drawn.Scale, drawn.Kernel);
        crop.Turn(drawn.Turn);
        crop.Blur(drawn.Blur);
        if (drawn.Sharpen is { } amount)
            crop.Sharpen(amount);
        if (drawn.Noise is { } noise)
            crop.AddNoise(CounterRandom.At(noise.State), noise.Sigma, noise.SameInAllChannels);
        if (drawn.Exposure is { } factor)
            crop.Expose(factor);
        if (drawn.Tone is { } tone)
            crop.Tone(tone.Contrast, tone.Brightness, tone.Saturation, tone.Gamma);
        if (drawn.Gray)
            crop.Gray();
    }
}
