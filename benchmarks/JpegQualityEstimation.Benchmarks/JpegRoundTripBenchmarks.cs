using BenchmarkDotNet.Attributes;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Benchmarks;

// JpegRoundTripBenchmarks: compress + decompress in memory, one thread, quality 75, on a training patch and on a
// picture of 24 megapixels, by every kernel set that the machine runs, scalar first. OpenCV's figures for the same
// pictures come from ../peers/opencv_jpeg_roundtrip.py.
[MemoryDiagnoser]
public class JpegRoundTripBenchmarks
{
    readonly ImageBuffer patch = Waves(64, 64), patchResult = new(64, 64, PixelFormat.Rgb24);
    readonly ImageBuffer photo = Waves(6000, 4000), photoResult = new(6000, 4000, PixelFormat.Rgb24);
    readonly JpegCompression samp420 = JpegCompression.FromQuality(75);
    readonly JpegCompression samp444 = JpegCompression.FromQuality(75, ChromaSubsampling.Samp444);
    JpegRoundTrip trip = new();

    public static IEnumerable<string> KernelSets => JpegKernels.Available.Reverse().Select(kernels => kernels.Name);

    [ParamsSource(nameof(KernelSets))]
    public string Kernels { get; set; } = "scalar";

    [GlobalSetup]
    public void Prepare() => trip = new JpegRoundTrip(JpegKernels.Available.Single(kernels => kernels.Name == Kernels));

    [Benchmark]
    [Work(64 * 64 / 1e6, "MP")]
    public void Patch420() => trip.Apply(patch.View, patchResult.Target, samp420);

    [Benchmark]
    [Work(64 * 64 / 1e6, "MP")]
    public void Patch444() => trip.Apply(patch.View, patchResult.Target, samp444);

    [Benchmark]
    [Work(24, "MP")]
    public void Photo420() => trip.Apply(photo.View, photoResult.Target, samp420);

    // Waves and four bits of noise.
    static ImageBuffer Waves(int width, int height)
    {
        var waves = new ImageBuffer(width, height, PixelFormat.Rgb24);
        var noise = new Random(1);
        for (int y = 0, i = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                for (int c = 0; c < 3; c++, i++)
                    waves.Pixels[i] = (byte)Math.Clamp(
                        (int)(128 + 80 * Math.Sin(x * 0.05 + c) + 40 * Math.Cos(y * 0.07)) + noise.Next(16), 0, 255);
        return waves;
    }
}
