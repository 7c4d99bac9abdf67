using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Maps;

// Estimates over any engine. The network's raw planes are clipped in place, so that a map costs 9 bytes a pixel and nothing is copied.
sealed class EngineQualityMapEstimator(string modelName, ChosenEngine<IQualityEngine> chosen) : IQualityMapEstimator
{
    public string ModelName => modelName;

    public ComputeDevice Device => chosen.Device;

    public string DeviceReason => chosen.Reason;

    public QualityMap Estimate(
        PixelView picture, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int pixels = checked(picture.Width * picture.Height);
        float[] quality = GC.AllocateUninitializedArray<float>(pixels);
        float[] compressed = GC.AllocateUninitializedArray<float>(pixels);
        byte[] reliability = GC.AllocateUninitializedArray<byte>(pixels);
        TextureReliability.Fill(picture, reliability);
        chosen.Engine.Run(picture, quality, compressed, progress, cancellationToken);
        foreach (ref float value in quality.AsSpan())
            value = 100 * (1 - Clip(value));
        foreach (ref float value in compressed.AsSpan())
            value = Clip(value);
        return new QualityMap(picture.Width, picture.Height, quality, compressed, reliability);
    }

    public void Dispose() => chosen.Engine.Dispose();

    // To 0..1; what is not a number becomes 0.
    static float Clip(float value) => value > 0 ? Math.Min(value, 1) : 0;
}
