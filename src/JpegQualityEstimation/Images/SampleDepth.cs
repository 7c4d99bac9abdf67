namespace JpegQualityEstimation.Images;

// SampleDepth: samples of other depths as 8 bits, rounded: (v*255 + max/2) / max.

static class SampleDepth
{
    public static byte From16(int value) => (byte)((value * 255L + 32767) / 65535);

    /// <summary>From 0..<paramref name="largest"/>, which is 1..65535.</summary>
    public static byte From(int value, int largest) => (byte)((value * 255L + largest / 2) / largest);
}
