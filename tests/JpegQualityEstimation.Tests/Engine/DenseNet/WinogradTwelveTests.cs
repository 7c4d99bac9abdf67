using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Engine.Ops;
using Xunit;

namespace JpegQualityEstimation.Tests.Engine.DenseNet;

// F(4x4, 3x3) on tiles against the definition in every vector width, on integers for which every number on the way is
// exact: weights that are multiples of 576 make G g Gt whole.
public sealed unsafe class WinogradTwelveTests
{
    const int Group = DenseBlockOps.Group;

    public static TheoryData<string, int, int> Cases()
    {
        var data = new TheoryData<string, int, int>();
        foreach (CpuKernelSet set in CpuKernelSets.Available)
            foreach ((int size, int channels) in ((int, int)[])[(64, 1), (64, 35), (32, 3), (32, 40), (16, 2), (16, 70)])
                data.Add(set.ToString(), size, channels);
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void EqualsTheDefinition(string set, int size, int channels)
    {
        DenseBlockOps ops = Ops(set);
        TilePlanes planes = Planes(size, channels + Group);
        float[] scale = Integers(channels, 3), shift = Integers(channels, 4), weights = Integers(Group * channels * 9, 5);
        foreach (int lanes in (int[])[Math.Min(32, planes.Count), Math.Min(64, planes.Count)])
        {
            if (size == 64 && lanes > 32)
                continue;
            Convolve(ops, planes, channels, scale, shift, weights, lanes, half: channels / 2);
            for (int k = 0; k < Group; k++)
                for (int y = 0; y < size; y += y is 4 && size > 16 ? size - 9 : 1)
                    for (int x = 0; x < size; x++)
                    {
                        double sum = 0;
                        for (int c = 0; c < channels; c++)
                            for (int r = -1; r < 2; r++)
                                for (int s = -1; s < 2; s++)
                                    if (y + r >= 0 && y + r < size && x + s >= 0 && x + s < size)
                                        sum += Math.Max(0, scale[c] * At(planes, c, y + r, x + s) + shift[c]) * 576 * weights[((k * channels + c) * 3 + r + 1) * 3 + s + 1];
                        Assert.Equal(sum, At(planes, channels + k, y, x));
                    }
        }
    }

    // Neither the vector width nor the number of tiles at a time changes a bit, on numbers that are rounded.
    [Theory]
    [InlineData(64)]
    [InlineData(32)]
    [InlineData(16)]
    public void WidthsAndChunksAgreeToTheBit(int size)
    {
        const int Channels = 37;
        float[]? expected = null;
        foreach (CpuKernelSet set in CpuKernelSets.Available)
            foreach (int lanes in (int[])[Math.Min(32, size * size / 16), Math.Min(16, size * size / 16)])
            {
                TilePlanes planes = Planes(size, Channels + Group);
                var random = new Random(3);
                float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble() - 0.4f)];
                Convolve(Ops(set.ToString()), planes, Channels, Values(Channels), Values(Channels), Values(Group * Channels * 9), lanes, half: 11);
                float[] actual = [.. from k in Enumerable.Range(0, Group) from y in Enumerable.Range(0, size) from x in Enumerable.Range(0, size) select At(planes, Channels + k, y, x)];
                Assert.Equal(expected ??= actual, actual);
            }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void PoolingIsTheMeanOfFour(string set, int size, int channels)
    {
        DenseBlockOps ops = Ops(set);
        TilePlanes planes = Planes(size, channels);
        float[] scale = Integers(channels, 3), shift = Integers(channels, 4);
        int count = Math.Min(32, planes.Count);
        var pooled = new AlignedFloats(channels * 4 * count);
        for (int first = 0; first < planes.Count; first += count)
        {
            TileLanes lanes = planes.Lanes(first, count);
            fixed (float* a = scale, b = shift)
                ops.PoolTiles(planes.Chunk(0, first), channels, a, b, lanes, pooled.Pointer);
            for (int i = 0; i < pooled.Length; i++)
            {
                int c = i / (4 * count), row = i / (4 * lanes.Width) % lanes.Rows, quarter = i / lanes.Width % 4, tile = first + row * lanes.Width + i % lanes.Width;
                int y = tile / planes.Tiles * 4 + quarter / 2 * 2, x = tile % planes.Tiles * 4 + quarter % 2 * 2;
                float Value(int down, int right) => Math.Max(0, scale[c] * At(planes, c, y + down, x + right) + shift[c]);
                Assert.Equal((Value(0, 0) + Value(0, 1) + Value(1, 0) + Value(1, 1)) / 4, pooled.Span[i]);
            }
        }
    }

    static void Convolve(DenseBlockOps ops, TilePlanes planes, int channels, float[] scale, float[] shift, float[] weights, int count, int half)
    {
        var packed = new AlignedFloats(WinogradFilters.Count(channels));
        WinogradFilters.Pack([.. weights.Select(w => 576 * w)], channels, packed.Span);
        var scratch = new WinogradTwelveScratch();
        AlignedFloats[] products = [new(36 * Group * count), new(36 * Group * count)];
        for (int first = 0; first < planes.Count; first += count)
        {
            TileLanes lanes = planes.Lanes(first, count);
            TileChunk input = planes.Chunk(0, first);
            fixed (float* a = scale, b = shift)
                for (int i = 0; i < 2; i++)
                    if (i == 1 || half > 0)
                        ops.AccumulateTiles(input, channels, i * half, i == 0 ? half : channels, a, b, packed.Pointer, products[i].Pointer, lanes, scratch);
            for (int k = 0; k < Group; k += 6)
                ops.FinishTiles(products[1].Pointer, half > 0 ? products[0].Pointer : null, planes.Chunk(channels, first), k, k + 6, lanes, scratch);
        }
    }

    static TilePlanes Planes(int size, int channels)
    {
        var planes = new TilePlanes(size, channels);
        float[] values = Integers(size * size * channels, 1);
        for (int c = 0, i = 0; c < channels; c++)
            for (int y = 0; y < size; y++)
                for (int x = 0; x < size; x++)
                    planes.At(y, x)[c * planes.ChannelStride] = values[i++];
        return planes;
    }

    static float At(TilePlanes planes, int c, int y, int x) => planes.At(y, x)[c * planes.ChannelStride];

    static float[] Integers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.Next(-2, 3))];
    }

    static DenseBlockOps Ops(string set) => DenseBlockOps.For(Enum.Parse<CpuKernelSet>(set));
}
