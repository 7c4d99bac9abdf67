using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Ops;

public sealed class ValueOpsTests
{
    public static TheoryData<string, string> Pairs()
    {
        var data = new TheoryData<string, string>();
        foreach (StorageType from in Enum.GetValues<StorageType>())
            foreach (StorageType to in Enum.GetValues<StorageType>())
                data.Add(from.ToString(), to.ToString());
        return data;
    }

    [SkippableTheory]
    [MemberData(nameof(Pairs))]
    public void CastsRoundAsTheProcessorDoes(string source, string target)
    {
        (StorageType from, StorageType to) = (Enum.Parse<StorageType>(source), Enum.Parse<StorageType>(target));
        using var scene = new OpsScene();
        float[] special = [0, -0f, 1, -1, float.PositiveInfinity, float.NegativeInfinity, float.NaN, float.Epsilon, 1e-40f, 65504, 65519.99f, 65520, 1e9f, 1e-7f,
            5.9604645e-8f, 2.98e-8f, 1.00048828125f, 1.00146484375f, 1.00390625f, 1.01171875f, float.MaxValue, float.MinValue];
        foreach (int before in (int[])[0, 1])
            foreach (int length in (int[])[.. Enumerable.Range(1, 20), 513])
            {
                float[] values = [.. special.Concat(OpsScene.Random(length, length)).Take(length).Concat(length > 30 ? [] : special)];
                DeviceValues read = scene.Put(values, from, before), written = scene.Put(new float[values.Length + 1], to, before);
                scene.Ops.Values.Cast(read, written.Slice(0, values.Length));
                float[] cast = scene.Get(written);
                for (int i = 0; i < values.Length; i++)
                    Assert.Equal(OpsScene.Stored(OpsScene.Stored(values[i], from), to), cast[i]);
                Assert.Equal(0, cast[^1]);
            }
    }

    [SkippableFact]
    public void SumsAreFloatsRoundedOnce()
    {
        using var scene = new OpsScene();
        foreach (StorageType type in Enum.GetValues<StorageType>())
            foreach (int length in (int[])[1, 7, 8, 9, 300])
            {
                float[] a = OpsScene.Random(length, 1), b = OpsScene.Random(length, 2);
                DeviceValues first = scene.Put(a, type), second = scene.Put(b, type), sum = scene.Put(new float[length], type);
                scene.Ops.Values.Add(first, second, sum);
                scene.Ops.Values.Combine(first, 0.5f, second, -2, first);
                float[] sums = scene.Get(sum), combined = scene.Get(first);
                for (int i = 0; i < length; i++)
                {
                    float x = OpsScene.Stored(a[i], type), y = OpsScene.Stored(b[i], type);
                    Assert.Equal(OpsScene.Stored(x + y, type), sums[i]);
                    Assert.Equal(OpsScene.Stored(MathF.FusedMultiplyAdd(0.5f, x, -2 * y), type), combined[i]);
                }
            }
    }
}
