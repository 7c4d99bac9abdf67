using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;

namespace JpegQualityEstimation.Tool.Conformance.Ops;

// Casts, sums and map stitching: equal to their definitions.
static class ValueCases
{
    public static IEnumerable<OpCase> All(TrialScale scale)
    {
        int count = scale.Pick(1003, 1_000_003, 1 << 26);
        foreach (StorageType type in (StorageType[])[StorageType.Float16, StorageType.BFloat16])
        {
            yield return new($"cast, f32 to {type.Suffix()}", $"[{count}]", scene => Cast(scene, StorageType.Float32, type, count));
            yield return new($"cast, {type.Suffix()} to f32", $"[{count}]", scene => Cast(scene, type, StorageType.Float32, count));
        }
        foreach (StorageType type in Enum.GetValues<StorageType>())
            yield return new($"weighted sum, {type.Suffix()}", $"[{count}]", scene => Combine(scene, type, count));
        int side = scale.Pick(19, 300, 8192);
        foreach (StorageType type in Enum.GetValues<StorageType>())
            yield return new($"map stitching, {type.Suffix()}", $"[{side},{side},4]", scene => Stitch(scene, type, side));
    }

    static OpTrial Cast(DeviceScene scene, StorageType from, StorageType to, int count)
    {
        float[] x = StoredNumbers.Even(count, 1, 100, from);
        DeviceValues given = scene.Put(x, from), output = DeviceValues.Of(scene.Room<byte>((long)count * to.Bytes()), to);
        return new(() => scene.Ops.Values.Cast(given, output), comparison =>
        {
            float[] actual = scene.Get(output);
            for (int i = 0; i < count; i++)
                comparison.Near("values", StoredNumbers.Round(x[i], to), actual[i], 0);
        })
        { Bytes = (double)count * (from.Bytes() + to.Bytes()) };
    }

    static OpTrial Combine(DeviceScene scene, StorageType type, int count)
    {
        const float Factor = 3, Addend = -0.5f;
        float[] a = StoredNumbers.Whole(count, 1, 20), b = StoredNumbers.Whole(count, 2, 20);
        DeviceValues left = scene.Put(a, type), right = scene.Put(b, type), output = DeviceValues.Of(scene.Room<byte>((long)count * type.Bytes()), type);
        return new(() => scene.Ops.Values.Combine(left, Factor, right, Addend, output), comparison =>
        {
            float[] actual = scene.Get(output);
            for (int i = 0; i < count; i++)
                comparison.Near("sums", Factor * a[i] + Addend * b[i], actual[i], 0);
        })
        { Bytes = 3.0 * count * type.Bytes() };
    }

    static OpTrial Stitch(DeviceScene scene, StorageType type, int side)
    {
        const int Margin = 2, X = 3, Y = 1;
        int made = side - 2 * Margin, width = made + 5;
        FeatureLayout layout = FeatureLayout.ChannelsLast(1, 4, side, side);
        float[] tile = StoredNumbers.Even(layout.Values, 1, 2, type);
        FeatureSpan given = scene.Features(tile, layout, type);
        long length = (long)width * (made + Y);
        var maps = new MapPlanes(scene.Room<float>(length), scene.Room<float>(length), width);
        return new(() => scene.Ops.Maps.Stitch(given, Margin, Margin, made, made, maps, X, Y, (0, 1)), comparison =>
        {
            float[][] actual = [scene.Get(maps.First), scene.Get(maps.Second)];
            for (int k = 0; k < 2; k++)
                for (int i = 0; i < length; i++)
                {
                    int y = i / width - Y, x = i % width - X;
                    bool inside = y >= 0 && x >= 0 && x < made;
                    float expected = inside ? Math.Clamp(tile[((y + Margin) * side + x + Margin) * 4 + k], 0, 1) : 0;
                    comparison.Near("maps", expected, actual[k][i], 0);
                }
        })
        { Bytes = (double)made * made * (4 * type.Bytes() + 8) };
    }
}
