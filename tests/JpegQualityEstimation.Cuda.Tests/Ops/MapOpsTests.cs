using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Ops;

public sealed class MapOpsTests
{
    [SkippableTheory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void PartsOfTilesGoToTheirPlace(bool planar, bool limited)
    {
        using var scene = new OpsScene();
        const int Width = 11, Height = 9, Stride = 14;
        foreach (StorageType type in Enum.GetValues<StorageType>())
        {
            var shape = new FeatureShape(1, planar ? 2 : 4, Height, Width, planar);
            float[] tile = OpsScene.Random(shape.Values, 5, scale: 2);
            tile[shape.At(0, 1, 3 * Width + 4)] = float.NaN;
            DeviceSpan<float> first = scene.Put(Enumerable.Repeat(9f, Stride * 8).ToArray()), second = scene.Put(Enumerable.Repeat(9f, Stride * 8).ToArray());
            scene.Ops.Maps.Stitch(scene.Features(tile, shape, type), 2, 1, 7, 5, new MapPlanes(first, second, Stride), 5, 3, limited ? (0, 1) : null);
            float[][] maps = [scene.Get(first), scene.Get(second)];
            for (int k = 0; k < 2; k++)
                for (int i = 0; i < maps[k].Length; i++)
                {
                    int x = i % Stride - 5, y = i / Stride - 3;
                    float expected = 9;
                    if (x is >= 0 and < 7 && y is >= 0 and < 5)
                    {
                        expected = OpsScene.Stored(tile[shape.At(0, k, (y + 1) * Width + x + 2)], type);
                        expected = limited && !float.IsNaN(expected) ? Math.Clamp(expected, 0, 1) : expected;
                    }
                    Assert.Equal(expected, maps[k][i]);
                }
        }
    }

    [SkippableFact]
    public void PartsOutsideOfTheTileOrTheMapAreRefused()
    {
        using var scene = new OpsScene();
        FeatureSpan tile = scene.Features(new FeatureShape(1, 2, 4, 4, false), StorageType.Float32);
        var maps = new MapPlanes(scene.Put(new float[16]), scene.Put(new float[16]), 4);
        MapOps ops = scene.Ops.Maps;
        Assert.Throws<ArgumentException>(() => ops.Stitch(tile, 1, 0, 4, 4, maps, 0, 0, null));
        Assert.Throws<ArgumentException>(() => ops.Stitch(tile, 0, 0, 4, 4, maps, 1, 0, null));
        Assert.Throws<ArgumentException>(() => ops.Stitch(tile, 0, 0, 4, 4, maps, 0, 1, null));
    }
}
