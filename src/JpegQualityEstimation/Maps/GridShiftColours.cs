namespace JpegQualityEstimation.Maps;

// A colour for each of the 64 grid shifts: white for the aligned one, else the hue from the column and the lightness from
// the row (OKLCH), so that neighbouring shifts differ in one of the two.
static class GridShiftColours
{
    static readonly Rgb[] Table = Make();

    /// <summary>Where no shift is probable enough to be told.</summary>
    public static Rgb Unclear { get; } = Rgb.Gray(196);

    public static Rgb At(int shift) => Table[shift];

    static Rgb[] Make()
    {
        var table = new Rgb[64];
        for (int s = 0; s < 64; s++)
            table[s] = s == 0 ? Rgb.Gray(255) : ColourRamp.Oklch(0.40 + 0.065 * (s / 8), 0.135, 25 + 45 * (s % 8));
        return table;
    }
}
