using System.Numerics;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Maps;

// Estimates over any engine. The network's raw planes are clipped in place, so that a map costs 9 bytes a pixel and nothing is copied.
// What the processor has to do (reliability, clipping, sums) is done in bands of rows by all threads; beside a device's network,
// before the processor's own.
sealed unsafe class EngineQualityMapEstimator(string modelName, ChosenEngine<IQualityEngine> chosen, int threads) : IQualityMapEstimator
{
    // Of a band's rows 33 more are looked at.
    const int BandRows = 256;

    public string ModelName => modelName;

    public ComputeDevice Device => chosen.Device;

    public string DeviceReason => chosen.Reason;

    public QualityMap Estimate(
        PixelView picture, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int width = picture.Width, height = picture.Height, pixels = checked(width * height), stride = picture.Stride, length = picture.Pixels.Length;
        PixelFormat format = picture.Format;
        float[] quality = GC.AllocateUninitializedArray<float>(pixels);
        float[] compressed = GC.AllocateUninitializedArray<float>(pixels);
        byte[] reliability = GC.AllocateUninitializedArray<byte>(pixels);
        int bands = (height + BandRows - 1) / BandRows;
        fixed (byte* bytes = picture.Pixels)
        {
            // A ref struct cannot be captured; the pinned pointer can.
            byte* first = bytes;
            Task texture = chosen.Device.Kind == ComputeDeviceKind.Cuda ? Task.Run(Texture, CancellationToken.None) : Done(Texture);
            try
            {
                chosen.Engine.Run(picture, quality, compressed, progress, cancellationToken);
            }
            finally
            {
                // The pixels stay pinned as long as somebody reads them.
                texture.Wait(CancellationToken.None);
            }

            void Texture() => RowBands.Run(bands, threads, band =>
            {
                if (!cancellationToken.IsCancellationRequested)
                    TextureReliability.Fill(new PixelView(new ReadOnlySpan<byte>(first, length), width, height, stride, format), reliability, band * BandRows, End(band));
            });
        }
        cancellationToken.ThrowIfCancellationRequested();
        RowBands.Run(bands, threads, band =>
        {
            int from = band * BandRows * width, count = End(band) * width - from;
            Clip(quality.AsSpan(from, count), invert: true);
            Clip(compressed.AsSpan(from, count), invert: false);
        });
        return new QualityMap(width, height, quality, compressed, reliability, threads);

        int End(int band) => Math.Min(height, (band + 1) * BandRows);
    }

    public void Dispose() => chosen.Engine.Dispose();

    static Task Done(Action work)
    {
        work();
        return Task.CompletedTask;
    }

    // To 0..1, what is not a number to 0; inverted 100 (1 - value). The same bits in every vector width.
    static void Clip(Span<float> values, bool invert)
    {
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var value = new Vector<float>(values[i..]);
            value = Vector.ConditionalSelect(Vector.GreaterThan(value, Vector<float>.Zero), Vector.Min(value, Vector<float>.One), Vector<float>.Zero);
            (invert ? (Vector<float>.One - value) * 100 : value).CopyTo(values[i..]);
        }
        for (; i < values.Length; i++)
        {
            float value = values[i] > 0 ? Math.Min(values[i], 1) : 0;
            values[i] = invert ? (1 - value) * 100 : value;
        }
    }
}
