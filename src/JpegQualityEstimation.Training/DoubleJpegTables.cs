using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training;

// DoubleJpegTables: the quantization tables of the two compressions of a window, drawn as the recipe says.
// A random ("custom") table teaches to judge each coefficient by itself and not through the family of standard tables:
// a base shape (standard, Photoshop, flat, linear in frequency), brought to the level of the standard table of a quality,
// each step times exp(spread * normal). Its first 15 steps stay within what the outputs can name, so labels are true.

sealed class DoubleJpegTables
{
    // An earlier level 8, 10 and 12. Level 7 has steps that the outputs cannot name; today's 8, 9 and 11 are left to
    // evaluation, where no network has met them.
    static readonly (QuantTable Luminance, QuantTable Chrominance)[] photoshopTables =
        [PhotoshopTables.Earlier8, .. new[] { 10, 12 }.Select(level => (PhotoshopTables.Luminance(level), PhotoshopTables.Chrominance(level)))];

    readonly PrimaryRecipe recipe;
    readonly QualityDistribution secondQualities;
    readonly JpegCompression[,] standard = new JpegCompression[5, 101];

    public DoubleJpegTables(PrimaryRecipe recipe)
    {
        this.recipe = recipe;
        secondQualities = new QualityDistribution(recipe.SecondQuality, recipe.SecondQualityWeights);
        foreach (ChromaSubsampling sampling in Enum.GetValues<ChromaSubsampling>())
        {
            for (int quality = 1; quality <= 100; quality++)
                standard[(int)sampling, quality] = JpegCompression.FromQuality(quality, sampling);
        }
    }

    /// <summary>The second compression, and the quality factor that its tables are or come from.</summary>
    public (JpegCompression Compression, int Quality) DrawSecond(ref CounterRandom random, ChromaSubsampling sampling)
    {
        int quality = recipe.SecondQualities.Count > 0
            ? (int)recipe.SecondQualities[random.NextInt(recipe.SecondQualities.Count)]
            : secondQualities.Draw(ref random);
        bool custom = random.NextBool(recipe.CustomSecondShare);
        return (custom ? Custom(ref random, quality, sampling) : standard[(int)sampling, quality], quality);
    }

    /// <summary>The first compression, where the second has or comes from a quality factor.</summary>
    public JpegCompression DrawFirst(ref CounterRandom random, ChromaSubsampling sampling, int secondQuality)
    {
        if (random.NextBool(recipe.PhotoshopFirstShare))
        {
            (QuantTable luminance, QuantTable chrominance) = photoshopTables[random.NextInt(photoshopTables.Length)];
            return new JpegCompression(luminance, chrominance, sampling == ChromaSubsampling.Gray ? sampling : ChromaSubsampling.Samp444);
        }
        int least = (int)recipe.FirstQuality.From, most = (int)recipe.FirstQuality.To;
        if (recipe.FirstQualityFloor.Count > 0)
            least = Math.Clamp((int)Math.Ceiling(QualityDistribution.WeightAt(recipe.FirstQualityFloor, secondQuality)), least, most);
        int quality = least + random.NextInt(most - least + 1);
        bool custom = random.NextBool(recipe.CustomFirstShare);
        return custom ? Custom(ref random, quality, sampling) : standard[(int)sampling, quality];
    }

    JpegCompression Custom(ref CounterRandom random, int quality, ChromaSubsampling sampling)
    {
        JpegCompression level = standard[(int)sampling, quality];
        double spread = random.NextIn(recipe.CustomSpread);
        int shape = random.NextInt(4);
        (QuantTable photoshopLuminance, QuantTable photoshopChrominance) = photoshopTables[random.NextInt(photoshopTables.Length)];
        double slope = 0.5 + random.NextDouble();
        QuantTable luminance = Custom(ref random, level.Luminance, shape, photoshopLuminance, slope, spread, limited: true);
        QuantTable chrominance = sampling == ChromaSubsampling.Gray
            ? level.Chrominance
            : Custom(ref random, level.Chrominance, shape, photoshopChrominance, slope, spread, limited: false);
        return new JpegCompression(luminance, chrominance, sampling);
    }

    static QuantTable Custom(
        ref CounterRandom random, QuantTable level, int shape, QuantTable photoshop, double slope, double spread, bool limited)
    {
        Span<double> logs = stackalloc double[64];
        double shift = 0;
        for (int k = 0; k < 64; k++)
        {
            int natural = ZigZag.ToNatural[k];
            double goal = Math.Log(level.NaturalOrder[natural]);
            logs[k] = shape switch
            {
                0 => goal,
                1 => Math.Log(photoshop.NaturalOrder[natural]),
                2 => 0,
                _ => Math.Log(1 + slope * (natural / 8 + natural % 8)),
            };
            if (k < PrimaryBlocks.Count)
                shift += (goal - logs[k]) / PrimaryBlocks.Count;
        }
        Span<ushort> steps = stackalloc ushort[64];
        for (int k = 0; k < 64; k++)
        {
            int most = limited && k < PrimaryBlocks.Count ? PrimaryBlocks.Sizes[k] : 255;
            double step = Math.Exp(logs[k] + shift + spread * random.NextNormal());
            steps[k] = (ushort)Math.Clamp(Math.Round(step), 1, most);
        }
        return QuantTable.FromZigZag(steps);
    }
}
