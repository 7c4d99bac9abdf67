using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Findings;

// RegionColours: grey for the background, then one hue a source (OKLCH), neighbours far apart; after twelve they come again.
static class RegionColours
{
    static readonly Rgb[] donors = [.. Enumerable.Range(0, 12).Select(i => ColourRamp.Oklch(i % 2 == 0 ? 0.62 : 0.78, 0.17, 40 + 210 * i % 360))];

    public static Rgb At(int label) => label <= 0 ? Rgb.Gray(205) : donors[(label - 1) % donors.Length];
}
