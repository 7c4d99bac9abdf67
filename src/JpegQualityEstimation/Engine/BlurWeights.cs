namespace JpegQualityEstimation.Engine;

// BlurWeights: a Gaussian cut off at three standard deviations, at most 9 pixels away, its weights summing to 1.
static class BlurWeights
{
    /// <summary>Largest distance that has a weight.</summary>
    public const int MaxRadius = 9;

    /// <summary>Standard deviation of the blur behind an unsharp mask.</summary>
    public const double OfSharpening = 1;

    /// <summary>Fills the weights by distance.</summary>
    /// <param name="sigma">Standard deviation in pixels, above 0.</param>
    /// <param name="weights">weights[d] of the two pixels d away, d = 0 .. radius.</param>
    /// <returns>The radius.</returns>
    public static int Fill(double sigma, Span<float> weights)
    {
        int radius = Math.Min((int)Math.Ceiling(3 * sigma), MaxRadius);
        float sum = 0;
        for (int k = -radius; k <= radius; k++)
            sum += weights[Math.Abs(k)] = (float)Math.Exp(-k * k / (2 * sigma * sigma));
        for (int k = 0; k <= radius; k++)
            weights[k] /= sum;
        return radius;
    }
}
