using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tool.Conformance.Ops;

namespace JpegQualityEstimation.Tool.Conformance;

// Networks and pictures that self-test and benchmark run: drawn weights, so that no file is needed, and synthetic scenes.
static class TrialNetworks
{
    public static QualityNetwork Quality { get; } = QualityNetwork.CreateInitialized(3, QualityInitialization.Glorot);

    public static DenseNet40Network DenseNet(PrimaryInput input, int outputs) => DenseNet40Network.CreateInitialized(3, input, outputs);

    public static PhaseHistogramNetwork PhaseHistogram { get; } = PhaseHistogramNetwork.CreateInitialized(3, JpegCases.PhaseHistogramOptionsOfBundled());

    public static PrimaryNetwork AsPrimary(DenseNet40Network network) =>
        new("drawn", "densenet40", network.Metadata, () => new DenseNet40Engine(network), network);

    public static PrimaryNetwork AsPrimary(PhaseHistogramNetwork network) =>
        new("drawn", "phase-histogram", network.Metadata, () => new PhaseHistogramEngine(network), network);

    /// <summary>[n,64,64,3] cut from a synthetic scene.</summary>
    public static byte[] Windows(int count)
    {
        const int Bytes = 64 * 64 * 3, Distinct = 64;
        byte[] windows = new byte[(long)count * Bytes];
        for (int n = 0; n < count; n++)
        {
            if (n < Distinct)
                SyntheticPicture.Create(64, 64, (ulong)n + 1).Pixels.CopyTo(windows.AsSpan(n * Bytes));
            else
                windows.AsSpan(n % Distinct * Bytes, Bytes).CopyTo(windows.AsSpan(n * Bytes));
        }
        return windows;
    }

    /// <summary>A synthetic scene of up to a megapixel, repeated to a size.</summary>
    public static ImageBuffer Picture(int width, int height)
    {
        const int Most = 1024;
        ImageBuffer tile = SyntheticPicture.Create(Math.Min(width, Most), Math.Min(height, Most), 7);
        if (tile.Width == width && tile.Height == height)
            return tile;
        var picture = new ImageBuffer(width, height, PixelFormat.Rgb24);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x += tile.Width)
                tile.Pixels.AsSpan(y % tile.Height * tile.Stride, 3 * Math.Min(tile.Width, width - x)).CopyTo(picture.Pixels.AsSpan(y * picture.Stride + 3 * x));
        return picture;
    }
}
