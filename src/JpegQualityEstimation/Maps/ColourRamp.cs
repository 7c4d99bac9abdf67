namespace JpegQualityEstimation.Maps;

// 0..1 -> sRGB, perceptually ordered: anchors given in OKLCH (lightness, chroma, hue in degrees), lightness equally
// spaced, joined by straight lines in OKLab (Ottosson 2020, matrices from there). Lightness grows with the value, so
// the order survives gray printing and colour blindness.
sealed class ColourRamp
{
    // Dark violet - teal - yellow.
    public static ColourRamp Quality { get; } = new([(0.25, 0.110, 295), (0.585, 0.088, 195), (0.92, 0.165, 105)]);

    // Dark violet - crimson - light orange.
    public static ColourRamp Flag { get; } = new([(0.22, 0.100, 295), (0.56, 0.190, 10), (0.90, 0.105, 80)]);

    readonly Rgb[] table = new Rgb[256];

    ColourRamp(ReadOnlySpan<(double Lightness, double Chroma, double Hue)> anchors)
    {
        for (int i = 0; i < table.Length; i++)
        {
            double position = i / 255.0 * (anchors.Length - 1);
            int segment = Math.Min((int)position, anchors.Length - 2);
            double t = position - segment;
            var (fromL, fromA, fromB) = Lab(anchors[segment]);
            var (toL, toA, toB) = Lab(anchors[segment + 1]);
            table[i] = ToRgb(double.Lerp(fromL, toL, t), double.Lerp(fromA, toA, t), double.Lerp(fromB, toB, t));
        }
    }

    // The colour of a value; values outside 0..1 get the colour of the nearer end.
    public Rgb At(double value) => table[(int)Math.Round(255 * Math.Clamp(value, 0, 1))];

    // One colour of OKLCH in sRGB, the nearest where it is outside.
    public static Rgb Oklch(double lightness, double chroma, double hue)
    {
        var (l, a, b) = Lab((lightness, chroma, hue));
        return ToRgb(l, a, b);
    }

    static (double L, double A, double B) Lab((double Lightness, double Chroma, double Hue) c)
    {
        (double sine, double cosine) = Math.SinCos(c.Hue * Math.PI / 180);
        return (c.Lightness, c.Chroma * cosine, c.Chroma * sine);
    }

    static Rgb ToRgb(double lightness, double a, double b)
    {
        double l = Cube(lightness + 0.3963377774 * a + 0.2158037573 * b);
        double m = Cube(lightness - 0.1055613458 * a - 0.0638541728 * b);
        double s = Cube(lightness - 0.0894841775 * a - 1.2914855480 * b);
        return new Rgb(
            Gamma(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
            Gamma(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
            Gamma(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s));
    }

    static double Cube(double value) => value * value * value;

    static byte Gamma(double linear)
    {
        double encoded = linear <= 0.0031308 ? 12.92 * linear : 1.055 * Math.Pow(linear, 1 / 2.4) - 0.055;
        return (byte)Math.Round(255 * Math.Clamp(encoded, 0, 1));
    }
}
