using System.Numerics;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Maps;

// Estimates over any engine. The network's raw planes are clipped in place, so that a map costs 9 bytes a pixel and nothing is copied.
// What the processor has to do (reliability, grids, clipping, sums) is done in bands of rows by all threads; beside a device's network,
// before the processor's own.
sealed unsafe class EngineQualityMapEstimator(string modelName, ChosenEngine<IQualityEngine> chosen, int threads) : IQualityMapEstimator, IQualityBandEstimator
{
    // A thread's rows of reliability; 33 more are looked at.
    const int TextureRows = 256;

    // What looks for the grids of a larger picture is not kept for the next one.
    const long MostKeptPixels = 32_000_000;

    readonly Idle<LastCompressionTrace> idleTraces = new();

    /// <summary>From flag to probability, where the model says how.</summary>
    public FlagCalibration? Calibration { get; init; }

    /// <summary>Whether maps are what the network alone says.</summary>
    public bool NetworkOnly { get; init; }

    /// <summary>Pixels of a band of a map that is not held: 9 bytes each, and some 24 rows computed twice at every seam.</summary>
    public int BandPixels { get; init; } = 4_000_000;

    public string ModelName => modelName;

    public ComputeDevice Device => chosen.Device;

    public string DeviceReason => chosen.Reason;

    public QualityMap Estimate(
        PixelView picture, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int width = picture.Width, height = picture.Height, pixels = checked(width * height);
        float[] quality = GC.AllocateUninitializedArray<float>(pixels);
        float[] compressed = GC.AllocateUninitializedArray<float>(pixels);
        byte[] reliability = GC.AllocateUninitializedArray<byte>(pixels);
        LastCompressionTrace? trace = NetworkOnly ? null : idleTraces.Take();
        fixed (byte* bytes = picture.Pixels)
        {
            var pinned = new QualityPass(bytes, picture, null, null);
            Task texture = chosen.Device.Kind == ComputeDeviceKind.Cuda ? Task.Run(Processor, CancellationToken.None) : Task.CompletedTask;
            try
            {
                if (chosen.Device.Kind != ComputeDeviceKind.Cuda)
                    Processor();
                chosen.Engine.Run(picture, quality, compressed, progress, cancellationToken);
            }
            finally
            {
                // The pixels stay pinned as long as somebody reads them.
                texture.Wait(CancellationToken.None);
            }

            void Processor()
            {
                Texture(pinned, reliability, 0, height, cancellationToken);
                try
                {
                    trace?.Read(pinned.View, threads, cancellationToken);
                }
                catch (OperationCanceledException)
                {
                    // Said below, on the caller's thread.
                }
            }
        }
        cancellationToken.ThrowIfCancellationRequested();
        Clip(quality, compressed, width, height);
        trace?.Fuse(quality, compressed, width, 0, height, threads);
        LastCompressionEstimate? last = trace?.Estimate;
        Return(trace, pixels);
        return new QualityMap(width, height, quality, compressed, reliability, threads, Calibration, last);
    }

    public int BandRows(int width, int height)
    {
        int rows = Math.Max(1, BandPixels / width / QualitySums.BandRows) * QualitySums.BandRows;
        return chosen.Engine is IQualityRowsEngine && rows < height ? rows : height;
    }

    public QualityBandsEstimate EstimateBands(PixelView picture, IQualityBandSink? sink, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        int width = picture.Width, height = picture.Height, rows = BandRows(width, height);
        var engine = (IQualityRowsEngine)chosen.Engine;
        var done = new WorkProgress(progress, (long)width * height);
        var sums = default(QualitySums);
        LastCompressionTrace? trace = NetworkOnly ? null : idleTraces.Take();
        trace?.Read(picture, threads, cancellationToken);
        float[] quality = GC.AllocateUninitializedArray<float>(rows * width);
        float[] compressed = GC.AllocateUninitializedArray<float>(rows * width);
        byte[] reliability = GC.AllocateUninitializedArray<byte>(rows * width);
        fixed (byte* bytes = picture.Pixels)
        {
            for (int top = 0; top < height; top += rows)
            {
                int count = Math.Min(rows, height - top);
                Texture(new QualityPass(bytes, picture, null, null), reliability, top, top + count, cancellationToken);
                engine.RunRows(picture, top, top + count, quality.AsSpan(0, count * width), compressed.AsSpan(0, count * width), done, cancellationToken);
                Clip(quality, compressed, width, count);
                trace?.Fuse(quality, compressed, width, top, count, threads);
                sums.Add(quality, compressed, reliability, width, 0, 0, width, count, threads);
                sink?.Add(top, count, quality.AsSpan(0, count * width), compressed.AsSpan(0, count * width), reliability.AsSpan(0, count * width));
            }
        }
        LastCompressionEstimate? last = trace?.Estimate;
        Return(trace, (long)width * height);
        return new QualityBandsEstimate(sums.Summary(Calibration, last is { IsDetected: true }), last);
    }

    public void Dispose()
    {
        idleTraces.Clear();
        chosen.Engine.Dispose();
    }

    void Return(LastCompressionTrace? trace, long pixels)
    {
        if (trace is not null && pixels <= MostKeptPixels)
            idleTraces.Return(trace);
    }

    // Rows [top, bottom) of the picture to a plane that begins with them.
    void Texture(QualityPass picture, byte[] reliability, int top, int bottom, CancellationToken cancellation) =>
        RowBands.Run((bottom - top + TextureRows - 1) / TextureRows, threads, band =>
        {
            int first = top + band * TextureRows;
            if (!cancellation.IsCancellationRequested)
                TextureReliability.Fill(picture.View, reliability, first, Math.Min(bottom, first + TextureRows), top);
        });

    void Clip(float[] quality, float[] compressed, int width, int height) =>
        RowBands.Run((height + TextureRows - 1) / TextureRows, threads, band =>
        {
            int from = band * TextureRows * width, count = Math.Min(height, (band + 1) * TextureRows) * width - from;
            Clip(quality.AsSpan(from, count), invert: true);
            Clip(compressed.AsSpan(from, count), invert: false);
        });

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
