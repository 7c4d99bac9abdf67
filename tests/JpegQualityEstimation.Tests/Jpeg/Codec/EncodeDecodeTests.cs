using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using Xunit;

namespace JpegQualityEstimation.Tests.Jpeg.Codec;

// Encoder and decoder together, without any outside tool.
public sealed class EncodeDecodeTests
{
    public static TheoryData<ChromaSubsampling, PixelFormat> Kinds
    {
        get
        {
            var kinds = new TheoryData<ChromaSubsampling, PixelFormat>();
            foreach (ChromaSubsampling sampling in Enum.GetValues<ChromaSubsampling>())
                foreach (PixelFormat format in Enum.GetValues<PixelFormat>())
                    kinds.Add(sampling, format);
            return kinds;
        }
    }

    // Entropy coding is lossless: a file written and read is the round trip without a file.
    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_file_is_the_round_trip(ChromaSubsampling sampling, PixelFormat format)
    {
        for (int i = 0; i < 12; i++)
        {
            ImageBuffer picture = GoldenPicture.Create(1 + i * 7, 1 + i * 11 % 40, format, i);
            JpegCompression compression = i % 2 == 0
                ? JpegCompression.FromQuality(5 + i * 8, sampling)
                : GoldenPicture.Tables(i, sampling);
            var file = new MemoryStream();
            JpegEncoder.Encode(file, picture.View, compression, new JpegEncodeOptions { RestartInterval = i % 3, OptimizeHuffman = i % 5 == 1 });
            ImageBuffer decoded = JpegDecoder.Decode(file.ToArray(), "test");

            var expected = new ImageBuffer(picture.Width, picture.Height, decoded.Format);
            new JpegRoundTrip().Apply(picture.View, expected.Target, compression);
            Assert.True(expected.Pixels.AsSpan().SequenceEqual(decoded.Pixels), $"case {i}");
        }
    }

    // Amplitudes at their limits: steps of 1 and checkered black and white.
    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 4)]
    [InlineData(1, 8)]
    public void Largest_amplitudes_are_coded(int width, int height)
    {
        var picture = new ImageBuffer(64, 64, PixelFormat.Gray8);
        for (int y = 0; y < 64; y++)
            for (int x = 0; x < 64; x++)
                picture.Pixels[y * 64 + x] = (byte)((x / width + y / height & 1) * 255);
        JpegCompression compression = JpegCompression.FromQuality(100, ChromaSubsampling.Gray);
        var file = new MemoryStream();
        JpegEncoder.Encode(file, picture.View, compression, new JpegEncodeOptions { OptimizeHuffman = true });
        Assert.Equal(JpegRoundTrip.Apply(picture.View, compression).Pixels, JpegDecoder.Decode(file.ToArray(), "test").Pixels);
    }

    [Fact]
    public void A_view_with_a_stride_is_read_by_its_rows()
    {
        ImageBuffer picture = GoldenPicture.Create(50, 40, PixelFormat.Rgb24, 3);
        PixelView crop = picture.View.Crop(5, 7, 33, 21);
        var packed = new ImageBuffer(33, 21, PixelFormat.Rgb24);
        for (int y = 0; y < 21; y++)
            crop.Row(y).CopyTo(packed.Pixels.AsSpan(y * packed.Stride));
        MemoryStream one = new(), other = new();
        JpegEncoder.Encode(one, crop, JpegCompression.FromQuality(80));
        JpegEncoder.Encode(other, packed.View, JpegCompression.FromQuality(80));
        Assert.Equal(other.ToArray(), one.ToArray());
    }

    [Fact]
    public void Options_outside_their_range_are_refused_before_anything_is_written()
    {
        var stream = new MemoryStream();
        ImageBuffer picture = GoldenPicture.Create(8, 8, PixelFormat.Gray8, 1);
        JpegCompression compression = JpegCompression.FromQuality(80);
        Assert.Throws<ArgumentException>(() => JpegEncoder.Encode(stream, picture.View, compression, new() { RestartInterval = -1 }));
        Assert.Throws<ArgumentException>(() => JpegEncoder.Encode(stream, picture.View, compression, new() { RestartInterval = 65536 }));
        Assert.Throws<ArgumentException>(() => JpegEncoder.Encode(stream, picture.View, compression, new() { Density = default }));
        Assert.Throws<ArgumentException>(() => JpegEncoder.Encode(stream, new ImageBuffer(65501, 1, PixelFormat.Gray8).View, compression));
        Assert.Equal(0, stream.Length);
    }

    [Fact]
    public void Density_is_written()
    {
        var stream = new MemoryStream();
        JpegEncoder.Encode(stream, GoldenPicture.Create(8, 8, PixelFormat.Gray8, 1).View, JpegCompression.FromQuality(80),
            new JpegEncodeOptions { Density = new JpegDensity(JpegDensityUnit.PerInch, 300, 299) });
        Assert.Equal([1, 1, 44, 1, 43], stream.ToArray()[13..18]);
    }

    // A baseline file costs the picture and a few bands, an encoding a few bands: nothing as high as the picture.
    [Fact]
    public void Memory_does_not_grow_with_the_height_of_the_picture()
    {
        var picture = new ImageBuffer(600, 4000, PixelFormat.Rgb24);
        var file = new MemoryStream(1 << 20);
        JpegEncoder.Encode(file, picture.View, JpegCompression.FromQuality(90));
        file.SetLength(0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        JpegEncoder.Encode(file, picture.View, JpegCompression.FromQuality(90));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 600_000);
        byte[] bytes = file.ToArray();
        before = GC.GetAllocatedBytesForCurrentThread();
        JpegDecoder.Decode(bytes, "test");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, picture.Pixels.Length, picture.Pixels.Length + 600_000);
    }

    [Fact]
    public void Decoding_many_files_at_once_gives_the_same_pixels()
    {
        GoldenJpeg[] files = [.. GoldenJpeg.All.Values];
        byte[][] alone = Array.ConvertAll(files, f => JpegDecoder.Decode(f.File, f.Name).Pixels);
        Parallel.For(0, files.Length * 4, i =>
            Assert.Equal(alone[i % files.Length], JpegDecoder.Decode(files[i % files.Length].File, "test").Pixels));
    }
}
