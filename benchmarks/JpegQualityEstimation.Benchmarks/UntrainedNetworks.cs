using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training;

namespace JpegQualityEstimation.Benchmarks;

// Networks with drawn weights, on which time does not depend, estimators over them, and pictures of any size.
static class UntrainedNetworks
{
    public static QualityNetwork Quality { get; } = QualityNetwork.CreateInitialized(1, QualityInitialization.Glorot);

    public static DenseNet40Network DenseNet { get; } = DenseNet40Network.CreateInitialized(1);

    public static PhaseHistogramNetwork PhaseHistogram { get; } = PhaseHistogramNetwork.CreateInitialized(1, PrimaryRecipe.Load("primary").Histogram);

    public static IQualityMapEstimator QualityEstimator(int threads) => QualityMapEstimator.Create(new() { Network = Quality, Threads = threads });

    public static IPrimaryQuantEstimator DenseNetEstimator(int threads) => Of(
        new PrimaryNetwork("untrained", "densenet40", DenseNet.Metadata, () => new DenseNet40Engine(DenseNet), DenseNet), threads);

    public static IPrimaryQuantEstimator PhaseHistogramEstimator(int threads) => Of(
        new PrimaryNetwork("untrained", "phase-histogram", PhaseHistogram.Metadata, () => new PhaseHistogramEngine(PhaseHistogram), PhaseHistogram), threads);

    /// <summary>A synthetic scene of up to a megapixel, repeated to the size.</summary>
    public static ImageBuffer Picture(int width, int height)
    {
        ImageBuffer scene = SyntheticPicture.Create(Math.Min(width, 1024), Math.Min(height, 1024), 1);
        var picture = new ImageBuffer(width, height, PixelFormat.Rgb24);
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> row = scene.Pixels.AsSpan(y % scene.Height * scene.Stride, 3 * scene.Width);
            for (int x = 0; x < width; x += scene.Width)
                row[..(3 * Math.Min(scene.Width, width - x))].CopyTo(picture.Pixels.AsSpan(y * picture.Stride + 3 * x));
        }
        return picture;
    }

    static IPrimaryQuantEstimator Of(PrimaryNetwork network, int threads) => PrimaryQuantEstimator.Create(new() { Network = network, Threads = threads });
}
