namespace JpegQualityEstimation.Maps;

readonly record struct Rgb(byte R, byte G, byte B)
{
    public static Rgb Gray(byte level) => new(level, level, level);

    // share of other, 0..1
    public Rgb Mix(Rgb other, double share) => new(
        (byte)Math.Round(double.Lerp(R, other.R, share)),
        (byte)Math.Round(double.Lerp(G, other.G, share)),
        (byte)Math.Round(double.Lerp(B, other.B, share)));
}
