using JpegQualityEstimation.Cuda.Networks;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Cuda.Tests.Jpeg;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Networks;

/// <summary>Quality maps of the device beside the processor's.</summary>
public sealed class CudaQualityEngineTests
{
    static readonly QualityNetwork Network = QualityNetwork.CreateInitialized(3, QualityInitialization.Glorot);

    [SkippableTheory]
    [InlineData(ComputePrecision.Float32, false)]
    [InlineData(ComputePrecision.TensorFloat32, false)]
    [InlineData(ComputePrecision.Float16, false)]
    [InlineData(ComputePrecision.BFloat16, false)]
    [InlineData(ComputePrecision.Float32, true)]
    [InlineData(ComputePrecision.TensorFloat32, true)]
    [InlineData(ComputePrecision.Float16, true)]
    [InlineData(ComputePrecision.BFloat16, true)]
    public void MapsLieWithinTheStatedBound(ComputePrecision precision, bool cudnn)
    {
        TestDevice.Require();
        using var engine = new CudaQualityEngine(CudaRuntime.Open(0), Network, precision, 32, cudnn ? ConvolutionPreference.Cudnn : ConvolutionPreference.Own);
        ImageBuffer picture = TestPicture.Create(37, 22, PixelFormat.Rgb24, 1);
        float[][] expected = OnProcessor(picture), maps = Run(engine, picture);
        float largest = expected.Max(map => map.Max(Math.Abs));
        double bound = QualityBounds.Of(precision) * largest;
        double worst = 0;
        for (int k = 0; k < 2; k++)
            for (int i = 0; i < maps[k].Length; i++)
                worst = Math.Max(worst, Math.Abs(maps[k][i] - expected[k][i]));
        Assert.True(worst <= bound, $"{precision}: {worst} of {largest}, bound {bound}");
    }

    [SkippableTheory]
    [InlineData(ComputePrecision.Float32)]
    [InlineData(ComputePrecision.Float16)]
    public void TheTilesDoNotChangeABit(ComputePrecision precision)
    {
        TestDevice.Require();
        ImageBuffer picture = TestPicture.Create(38, 21, PixelFormat.Rgb24, 2);
        using var whole = new CudaQualityEngine(CudaRuntime.Open(0), Network, precision);
        float[][] expected = Run(whole, picture);
        using var tiled = new CudaQualityEngine(CudaRuntime.Open(0), Network, precision, tileSize: 32);
        Assert.Equal(expected, Run(tiled, picture));
    }

    [SkippableFact]
    public void PicturesOfOneAfterTheOtherSizeAndFormatAreTheProcessors()
    {
        TestDevice.Require();
        using var engine = new CudaQualityEngine(CudaRuntime.Open(0), Network, ComputePrecision.Float32, tileSize: 32);
        foreach ((int width, int height, PixelFormat format) in (ReadOnlySpan<(int, int, PixelFormat)>)
            [(1, 1, PixelFormat.Rgb24), (40, 3, PixelFormat.Gray8), (7, 19, PixelFormat.Bgr24), (33, 34, PixelFormat.Rgba32), (20, 17, PixelFormat.Bgra32), (1, 1, PixelFormat.Bgra32)])
        {
            ImageBuffer picture = TestPicture.Create(width, height, format, width);
            float[][] expected = OnProcessor(picture), maps = Run(engine, picture);
            for (int k = 0; k < 2; k++)
                for (int i = 0; i < maps[k].Length; i++)
                    Assert.Equal(expected[k][i], maps[k][i], QualityBounds.Of(ComputePrecision.Float32) * Math.Max(1, Math.Abs(expected[k][i])));
        }
    }

    [SkippableFact]
    public void CallsFromSeveralThreadsAreSafe()
    {
        TestDevice.Require();
        using var engine = new CudaQualityEngine(CudaRuntime.Open(0), Network, ComputePrecision.Float16, tileSize: 32);
        ImageBuffer[] pictures = [.. Enumerable.Range(0, 3).Select(n => TestPicture.Create(18 + n, 17, PixelFormat.Rgb24, n))];
        float[][][] expected = [.. pictures.Select(picture => Run(engine, picture))];
        float[][][] maps = new float[pictures.Length][][];
        Parallel.For(0, pictures.Length, n => maps[n] = Run(engine, pictures[n]));
        Assert.Equal(expected, maps);
    }

    [SkippableFact]
    public void ProgressRisesToOneAndCancellingStops()
    {
        TestDevice.Require();
        using var engine = new CudaQualityEngine(CudaRuntime.Open(0), Network, ComputePrecision.Float32, tileSize: 16);
        ImageBuffer picture = TestPicture.Create(20, 17, PixelFormat.Rgb24, 4);
        float[] first = new float[340], second = new float[340];
        var seen = new Seen();
        engine.Run(picture.View, first, second, seen, default);
        Assert.Equal(seen.Values.Order(), seen.Values);
        Assert.Equal(1, seen.Values[^1]);
        using var stop = new CancellationTokenSource();
        var stopping = new Seen { Told = stop.Cancel };
        Assert.ThrowsAny<OperationCanceledException>(() => engine.Run(picture.View, first, second, stopping, stop.Token));
        float[][] after = Run(engine, picture);
        engine.Run(picture.View, first, second, null, default);
        Assert.Equal(after[0], first);
    }

    [SkippableFact]
    public void TheEstimatorTakesTheDevice()
    {
        TestDevice.Require();
        CudaBackend.Use();
        using IQualityMapEstimator estimator = QualityMapEstimator.Create(new() { Network = Network, Device = ComputeDevice.Cuda(0) });
        Assert.Equal(ComputeDevice.Cuda(0), estimator.Device);
        ImageBuffer picture = TestPicture.Create(24, 20, PixelFormat.Rgb24, 5);
        QualityMap map = estimator.Estimate(picture.View);
        using IQualityMapEstimator processor = QualityMapEstimator.Create(new() { Network = Network, Device = ComputeDevice.Cpu });
        QualityMap expected = processor.Estimate(picture.View);
        for (int i = 0; i < 20 * 24; i++)
            Assert.Equal(expected.Quality[i], map.Quality[i], 0.01f);
    }

    static float[][] OnProcessor(ImageBuffer picture)
    {
        var inference = new QualityInference(Network, 1, 512, null, ConvolutionAlgorithm.Direct);
        float[][] maps = [new float[picture.Width * picture.Height], new float[picture.Width * picture.Height]];
        inference.Run(picture.View, maps[0], maps[1], null, default);
        return maps;
    }

    static float[][] Run(CudaQualityEngine engine, ImageBuffer picture)
    {
        float[][] maps = [new float[picture.Width * picture.Height], new float[picture.Width * picture.Height]];
        engine.Run(picture.View, maps[0], maps[1], null, default);
        return maps;
    }

    sealed class Seen : IProgress<double>
    {
        public List<double> Values { get; } = [];

        public Action? Told { get; init; }

        public void Report(double value)
        {
            Values.Add(value);
            Told?.Invoke();
        }
    }
}
