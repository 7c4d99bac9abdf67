using JpegQualityEstimation.Cuda.Jpeg;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Jpeg;

/// <summary>The device's JPEG against the processor's, byte for byte.</summary>
public sealed class CudaJpegRoundTripTests
{
    [SkippableTheory]
    [InlineData(64, 64)]
    [InlineData(88, 71)]
    [InlineData(3, 40)]
    [InlineData(33, 5)]
    public void PatchesOfManyTablesSamplingsAndShiftsAreEqual(int width, int height)
    {
        TestDevice.Require();
        using CudaRuntime runtime = CudaRuntime.Open(0);
        using CudaStream stream = runtime.CreateStream();
        const int Rounds = 2;
        int most = Math.Min(width, height) > 16 ? 16 : 2;
        ChromaSubsampling[] samplings = Enum.GetValues<ChromaSubsampling>();
        var random = new Random(width);
        var rounds = new List<JpegRound>();
        var pictures = new List<ImageBuffer>();
        for (int n = 0; n < 12; n++)
        {
            pictures.Add(TestPicture.Create(width, height, PixelFormat.Rgb24, n));
            for (int r = 0; r < Rounds; r++)
            {
                ChromaSubsampling sampling = samplings[(n + r) % samplings.Length];
                JpegCompression compression = n % 3 == 0
                    ? new(TestPicture.Table(n, 255), TestPicture.Table(n + 99, n == 0 ? 65535 : 40), sampling)
                    : JpegCompression.FromQuality(20 + 10 * (n % 9), sampling);
                rounds.Add(new JpegRound(compression, r == 0 ? 0 : random.Next(most), r == 0 ? random.Next(2) : random.Next(most)));
            }
        }
        int resultWidth = width - most, resultHeight = height - most;
        byte[] result = new byte[pictures.Count * resultWidth * resultHeight * 3];
        byte[] pixels = [.. pictures.SelectMany(picture => picture.Pixels)];
        new CudaJpegRoundTrip(stream).Apply(pixels, width, height, PixelFormat.Rgb24, rounds.ToArray(), resultWidth, resultHeight, result);
        for (int n = 0; n < pictures.Count; n++)
        {
            ImageBuffer expected = JpegRoundTrip.Apply(pictures[n].View, rounds.Skip(Rounds * n).Take(Rounds).ToArray());
            for (int y = 0; y < resultHeight; y++)
                Assert.Equal(
                    expected.View.Row(y)[..(3 * resultWidth)].ToArray(),
                    result.AsSpan(3 * resultWidth * (n * resultHeight + y), 3 * resultWidth).ToArray());
        }
    }

    [SkippableTheory]
    [InlineData(ChromaSubsampling.Samp444)]
    [InlineData(ChromaSubsampling.Samp422)]
    [InlineData(ChromaSubsampling.Samp420)]
    [InlineData(ChromaSubsampling.Samp440)]
    [InlineData(ChromaSubsampling.Gray)]
    public void PicturesOfAnySizeAreEqual(ChromaSubsampling sampling)
    {
        TestDevice.Require();
        using CudaRuntime runtime = CudaRuntime.Open(0);
        using CudaStream stream = runtime.CreateStream();
        var trip = new CudaJpegRoundTrip(stream);
        foreach (var (width, height) in new[] { (1, 1), (2, 3), (4, 4), (5, 40), (16, 16), (33, 18), (81, 20), (193, 97) })
        {
            PixelFormat format = width % 3 == 1 ? PixelFormat.Bgra32 : PixelFormat.Rgb24;
            ImageBuffer picture = TestPicture.Create(width, height, format, width);
            JpegCompression compression = JpegCompression.FromQuality(30 + width % 60, sampling);
            var expected = new ImageBuffer(width, height, PixelFormat.Rgb24);
            new JpegRoundTrip().Apply(picture.View, expected.Target, compression);
            Assert.Equal(expected.Pixels, trip.Apply(picture.View, compression).Pixels);
        }
        ImageBuffer gray = TestPicture.Create(45, 37, PixelFormat.Gray8, 4);
        JpegCompression standard = JpegCompression.FromQuality(70, sampling);
        Assert.Equal(JpegRoundTrip.Apply(gray.View, standard).Pixels, trip.Apply(gray.View, standard).Pixels);
    }
}
