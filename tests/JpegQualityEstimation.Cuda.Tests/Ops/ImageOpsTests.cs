using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Ops;

// Image to tensor equals what the processor's networks are fed with, in every format, layout and storage.
public sealed unsafe class ImageOpsTests
{
    public static TheoryData<PixelFormat, string> Formats()
    {
        var data = new TheoryData<PixelFormat, string>();
        foreach (PixelFormat format in Enum.GetValues<PixelFormat>())
            foreach (StorageType type in Enum.GetValues<StorageType>())
                data.Add(format, type.ToString());
        return data;
    }

    [SkippableTheory]
    [MemberData(nameof(Formats))]
    public void PicturesEqualPixelConversion(PixelFormat format, string storage)
    {
        StorageType type = Enum.Parse<StorageType>(storage);
        using var scene = new OpsScene();
        const int Width = 13, Height = 7, Padding = 5;
        int step = format.BytesPerPixel(), stride = Width * step + Padding;
        byte[] bytes = Bytes(stride * Height, 1);
        float[] rows = new float[Width * Height * 4];
        fixed (float* row = rows)
            for (int y = 0; y < Height; y++)
                PixelConversion.Row(new PixelView(bytes, Width, Height, stride, format), y, 0, Width, row + y * Width * 4);
        var picture = new DevicePicture(scene.Put<byte>(bytes), Width, Height, stride, format, bytes.Length);
        foreach ((int left, int top, int width, int height) in ((int, int, int, int)[])[(0, 0, Width, Height), (-3, -2, Width + 8, Height + 5), (4, 3, 6, 2)])
            foreach ((int channels, bool planar) in ((int, bool)[])[(4, false), (8, false), (3, false), (3, true), (4, true)])
            {
                var shape = new FeatureShape(1, channels, height, width, planar);
                FeatureSpan output = scene.Features(shape, type);
                scene.Ops.Images.ToTensor(picture, left, top, luma: false, output);
                float[] values = scene.Get(output);
                for (int c = 0; c < channels; c++)
                    for (int y = 0; y < height; y++)
                        for (int x = 0; x < width; x++)
                        {
                            bool inside = x + left is >= 0 and < Width && y + top is >= 0 and < Height && c < 3;
                            float expected = inside ? OpsScene.Stored(rows[((y + top) * Width + x + left) * 4 + c], type) : 0;
                            Assert.Equal(expected, values[shape.At(0, c, y * width + x)]);
                        }
            }
    }

    [SkippableTheory]
    [InlineData(PrimaryInput.Rgb, false)]
    [InlineData(PrimaryInput.Luma, false)]
    [InlineData(PrimaryInput.Rgb, true)]
    [InlineData(PrimaryInput.Luma, true)]
    public void WindowsEqualWindowPixels(PrimaryInput input, bool planar)
    {
        using var scene = new OpsScene();
        const int Count = 2, Side = 64;
        byte[] bytes = Bytes(Count * Side * Side * 3, 2);
        int channels = input == PrimaryInput.Luma ? 1 : 3;
        var shape = new FeatureShape(Count, channels, Side, Side, planar);
        FeatureSpan output = scene.Features(shape, StorageType.Float32);
        scene.Ops.Images.ToTensor(DevicePicture.Packed(scene.Put<byte>(bytes), Side, Side, PixelFormat.Rgb24), 0, 0, input == PrimaryInput.Luma, output);
        float[] values = scene.Get(output), row = new float[channels * Side];
        for (int n = 0; n < Count; n++)
            for (int y = 0; y < Side; y++)
            {
                fixed (byte* from = &bytes[(n * Side + y) * Side * 3])
                fixed (float* to = row)
                    WindowPixels.Row(from, Side, input, to, Side);
                for (int i = 0; i < row.Length; i++)
                    Assert.Equal(row[i], values[shape.At(n, i / Side, y * Side + i % Side)]);
            }
    }

    [SkippableFact]
    public void BuffersThatAreTooSmallAreRefused()
    {
        using var scene = new OpsScene();
        FeatureSpan output = scene.Features(new FeatureShape(2, 4, 4, 4, false), StorageType.Float32);
        DevicePicture picture = DevicePicture.Packed(scene.Put<byte>(new byte[4 * 4 * 3]), 4, 4, PixelFormat.Rgb24);
        Assert.Throws<ArgumentException>(() => scene.Ops.Images.ToTensor(picture, 0, 0, false, output));
    }

    static byte[] Bytes(int count, int seed)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
