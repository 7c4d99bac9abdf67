using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;
using Xunit;

namespace JpegQualityEstimation.Tests.Engine;

public sealed class QualityInferenceTests
{
    static readonly QualityNetwork Network = QualityNetwork.CreateInitialized(3, QualityInitialization.Glorot);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 40)]
    [InlineData(40, 1)]
    [InlineData(7, 9)]
    [InlineData(33, 61)]
    public void MapsEqualTheDefinition(int width, int height)
    {
        ImageBuffer picture = Noise(width, height, PixelFormat.Rgb24, 1);
        double[] parameters = Array.ConvertAll(Network.Parameters, p => (double)p);
        double[][] expected = QualityReferenceNetwork.Forward(parameters, picture.Pixels, width, height);
        foreach (CpuKernelSet set in CpuKernelSets.Available)
            foreach (ConvolutionAlgorithm algorithm in Enum.GetValues<ConvolutionAlgorithm>())
            {
                (float[] degradation, float[] flag) = Run(picture, 1, 512, set, algorithm);
                for (int i = 0; i < degradation.Length; i++)
                {
                    Assert.Equal(expected[0][i], degradation[i], 1e-4);
                    Assert.Equal(expected[1][i], flag[i], 1e-4);
                }
            }
    }

    [Theory]
    [InlineData(16, 1)]
    [InlineData(17, 2)]
    [InlineData(40, 4)]
    [InlineData(64, 3)]
    [InlineData(100, 8)]
    [InlineData(4096, 2)]
    public void NeitherTileSizeNorThreadsChangeABit(int tileSize, int threads)
    {
        ImageBuffer picture = Noise(203, 301, PixelFormat.Rgb24, 2);
        foreach (ConvolutionAlgorithm algorithm in Enum.GetValues<ConvolutionAlgorithm>())
        {
            (float[] degradation, float[] flag) = Run(picture, 1, 512, CpuKernelSets.Chosen, algorithm);
            (float[] tiledDegradation, float[] tiledFlag) = Run(picture, threads, tileSize, CpuKernelSets.Chosen, algorithm);
            Assert.Equal(degradation, tiledDegradation);
            Assert.Equal(flag, tiledFlag);
        }
    }

    // Rows are kept from picture to picture: a narrow one between two wide ones, one that was given up.
    [Fact]
    public void AnEngineServesPicturesOfAnySizeOneAfterTheOther()
    {
        var engine = new QualityInference(Network, 2, 256);
        foreach ((int width, int height) in ((int, int)[])[(250, 30), (9, 200), (250, 90), (1, 1), (256, 64)])
        {
            ImageBuffer picture = Noise(width, height, PixelFormat.Rgb24, width);
            float[] degradation = new float[width * height], flag = new float[width * height];
            using var given = new CancellationTokenSource();
            given.Cancel();
            Assert.ThrowsAny<OperationCanceledException>(() => engine.Run(picture.View, degradation, flag, null, given.Token));
            Assert.ThrowsAny<OperationCanceledException>(() =>
            {
                using var later = new CancellationTokenSource();
                engine.Run(picture.View, degradation, flag, new Cancelling(later), later.Token);
                later.Token.ThrowIfCancellationRequested();
            });
            engine.Run(picture.View, degradation, flag, null, default);
            Assert.Equal(Run(picture, 1, 512).Item1, degradation);
            Assert.Equal(Run(picture, 1, 512).Item2, flag);
        }
    }

    sealed class Cancelling(CancellationTokenSource source) : IProgress<double>
    {
        public void Report(double value) => source.Cancel();
    }

    [Theory]
    [InlineData(PixelFormat.Bgr24)]
    [InlineData(PixelFormat.Rgba32)]
    [InlineData(PixelFormat.Bgra32)]
    public void FormatsAreTheSamePicture(PixelFormat format)
    {
        ImageBuffer rgb = Noise(45, 38, PixelFormat.Rgb24, 3);
        var other = new ImageBuffer(45, 38, format);
        bool bgr = format is PixelFormat.Bgr24 or PixelFormat.Bgra32;
        int step = format.BytesPerPixel();
        for (int i = 0; i < 45 * 38; i++)
            for (int c = 0; c < 3; c++)
                other.Pixels[i * step + (bgr ? 2 - c : c)] = rgb.Pixels[3 * i + c];
        Assert.Equal(Run(rgb, 1, 64).Item1, Run(other, 1, 64).Item1);
    }

    [Fact]
    public void GrayIsThreeEqualChannels()
    {
        ImageBuffer gray = Noise(45, 38, PixelFormat.Gray8, 4);
        var rgb = new ImageBuffer(45, 38, PixelFormat.Rgb24);
        for (int i = 0; i < gray.Pixels.Length; i++)
            rgb.Pixels.AsSpan(3 * i, 3).Fill(gray.Pixels[i]);
        Assert.Equal(Run(gray, 1, 64).Item2, Run(rgb, 1, 64).Item2);
    }

    [Fact]
    public void AStrideWithPaddingChangesNothing()
    {
        ImageBuffer picture = Noise(45, 38, PixelFormat.Rgb24, 5);
        byte[] padded = new byte[38 * 200];
        for (int y = 0; y < 38; y++)
            picture.View.Row(y).CopyTo(padded.AsSpan(y * 200));
        float[] degradation = new float[45 * 38];
        float[] flag = new float[45 * 38];
        new QualityInference(Network, 1).Run(new PixelView(padded, 45, 38, 200, PixelFormat.Rgb24), degradation, flag, null, default);
        Assert.Equal(Run(picture, 1, 512).Item1, degradation);
    }

    [Fact]
    public void MapsOfTheWrongSizeAreRefused()
    {
        ImageBuffer picture = Noise(5, 4, PixelFormat.Rgb24, 6);
        Assert.Throws<ArgumentException>(() => new QualityInference(Network, 1).Run(picture.View, new float[20], new float[19], null, default));
    }

    static (float[] Degradation, float[] Flag) Run(
        ImageBuffer picture, int threads, int tileSize, CpuKernelSet? set = null, ConvolutionAlgorithm algorithm = ConvolutionAlgorithm.Winograd)
    {
        float[] degradation = new float[picture.Width * picture.Height];
        float[] flag = new float[degradation.Length];
        new QualityInference(Network, threads, tileSize, set, algorithm).Run(picture.View, degradation, flag, null, default);
        return (degradation, flag);
    }

    static ImageBuffer Noise(int width, int height, PixelFormat format, int seed)
    {
        var picture = new ImageBuffer(width, height, format);
        new Random(seed).NextBytes(picture.Pixels);
        return picture;
    }
}
