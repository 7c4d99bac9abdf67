using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Tool.Conformance.Ops;

// Image to tensor: equal to what the processor feeds its networks with, rounded once to the storage; a margin outside of the
// picture is zero.
static unsafe class ImageCases
{
    public static IEnumerable<OpCase> All(TrialScale scale)
    {
        (int width, int height) = scale.Pick((37, 21), (801, 603), (6000, 4000));
        PixelFormat[] formats = scale == TrialScale.Timing ? [PixelFormat.Rgb24] : Enum.GetValues<PixelFormat>();
        foreach (PixelFormat format in formats)
            foreach (StorageType type in Enum.GetValues<StorageType>())
                yield return new($"image to tensor, {format} to {type.Suffix()}", $"{width}x{height}", scene => Prepare(scene, format, type, width, height));
    }

    static OpTrial Prepare(DeviceScene scene, PixelFormat format, StorageType type, int width, int height)
    {
        const int Left = -3, Top = -2;
        int step = format.BytesPerPixel();
        byte[] bytes = StoredNumbers.Bytes((long)width * height * step, 1);
        DevicePicture picture = DevicePicture.Packed(scene.Put<byte>(bytes), width, height, format);
        FeatureSpan output = scene.Features(FeatureLayout.ChannelsLast(1, 4, height + 4, width + 5), type);
        return new(() => scene.Ops.Images.ToTensor(picture, Left, Top, luma: false, output), Compare)
        {
            Bytes = bytes.Length + 4.0 * width * height * type.Bytes(),
        };

        void Compare(Comparison comparison)
        {
            float[] actual = scene.Get(output), row = new float[4 * width];
            for (int y = 0; y < height + 4; y++)
            {
                float[] expected = new float[4 * (width + 5)];
                if (y + Top >= 0 && y + Top < height)
                {
                    fixed (float* to = row)
                        PixelConversion.Row(new PixelView(bytes, width, height, width * step, format), y + Top, 0, width, to);
                    for (int i = 0; i < row.Length; i++)
                        expected[i - 4 * Left] = i % 4 == 3 ? 0 : StoredNumbers.Round(row[i], type);
                }
                comparison.Equal<float>("values", expected, actual.AsSpan(y * expected.Length, expected.Length));
            }
        }
    }
}
