using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Engine.Ops;
using Xunit;

namespace JpegQualityEstimation.Tests.Engine.DenseNet;

// The backward pass in tiles against the definition in every vector width, on integers; filters are multiples of 576, which makes
// G g Gt whole, so that all but the way back from the transformed filters' gradient is exact.
public sealed unsafe class WinogradTwelveGradientTests
{
    const int Group = DenseBlockOps.Group;

    static readonly double[,] G =
    {
        { 1.0 / 4, 0, 0 }, { -1.0 / 6, -1.0 / 6, -1.0 / 6 }, { -1.0 / 6, 1.0 / 6, -1.0 / 6 },
        { 1.0 / 24, 1.0 / 12, 1.0 / 6 }, { 1.0 / 24, -1.0 / 12, 1.0 / 6 }, { 0, 0, 1 },
    };

    // Side, windows side by side, those that are looked at, channels.
    public static TheoryData<string, int, int, int, int> Cases()
    {
        var data = new TheoryData<string, int, int, int, int>();
        foreach (CpuKernelSet set in CpuKernelSets.Available)
            foreach ((int size, int windows, int used, int channels) in ((int, int, int, int)[])[(64, 1, 1, 12), (32, 2, 2, 24), (32, 2, 1, 12), (16, 4, 4, 36), (16, 4, 3, 12), (16, 4, 1, 24)])
                data.Add(set.ToString(), size, windows, used, channels);
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void EqualsTheDefinition(string set, int size, int windows, int used, int channels)
    {
        DenseBlockOps ops = Ops(set);
        TilePlanes x = Planes(size, channels, windows, 1), dOut = Planes(size, Group, windows, 2), dX = Planes(size, channels, windows, 3), before = Planes(size, channels, windows, 3);
        float[] scale = Integers(channels, 4), shift = Integers(channels, 5), gamma = Integers(channels, 6), mean = Integers(channels, 7);
        float[] weights = [.. Integers(Group * channels * 9, 8).Select(w => 576 * w)];
        var sums = new AlignedFloats(2 * channels * ops.Lanes);
        var filterSums = new AlignedFloats(WinogradFilters.Count(channels) + 16);
        AlignedFloats packed = new(WinogradFilters.Count(channels)), taps = new(9 * channels * Group), dWeights = new(weights.Length);
        var scratch = new TileGradientScratch();
        int tiles = size * size / 16 * used;
        fixed (float* w = weights, a = scale, b = shift, g = gamma, m = mean)
        {
            ops.PackFilters(w, channels, true, taps.Pointer, packed.Pointer);
            var norm = new NormPointers(a, b, g, m, sums.Pointer, sums.Pointer + channels * ops.Lanes);
            for (int first = 0; first < tiles; first += TileGradientScratch.MostLanes)
            {
                int count = Math.Min(TileGradientScratch.MostLanes, tiles - first);
                ops.TransformGradients(dOut.Chunk(0, first), dOut.Lanes(first, count), scratch);
                ops.BackwardTiles(x.Chunk(0, first), dX.Chunk(0, first), channels, norm, packed.Pointer, filterSums.Pointer, x.Lanes(first, count), scratch);
            }
        }
        ops.AddFilterGradients(filterSums.Pointer, channels, dWeights.Pointer);

        for (int c = 0; c < channels; c += 5)
        {
            double sum = 0, product = 0;
            for (int n = 0; n < used; n++)
                for (int row = 0; row < size; row++)
                    for (int column = 0; column < size; column++)
                    {
                        double d = 0, value = At(x, c, row, column, n);
                        if (scale[c] * value + shift[c] > 0)
                            for (int k = 0; k < Group; k++)
                                for (int r = -1; r < 2; r++)
                                    for (int s = -1; s < 2; s++)
                                        if (Inside(size, row - r, column - s))
                                            d += At(dOut, k, row - r, column - s, n) * (double)weights[((k * channels + c) * 3 + r + 1) * 3 + s + 1];
                        sum += d;
                        product += d * (value - mean[c]);
                        Assert.Equal(At(before, c, row, column, n) + gamma[c] * d, At(dX, c, row, column, n));
                    }
            Assert.Equal(sum, ops.SumLanes(sums.Pointer + c * ops.Lanes));
            Assert.Equal(product, ops.SumLanes(sums.Pointer + (channels + c) * ops.Lanes));
        }
        AssertWeightGradients(x, dOut, channels, used, scale, shift, filterSums, dWeights);
        // Windows that are not looked at keep their gradients.
        for (int n = used; n < windows; n++)
            Assert.Equal(At(before, 1, 5, 6, n), At(dX, 1, 5, 6, n));
    }

    [Fact]
    public void FiltersAreThoseOfInference()
    {
        const int Channels = 24;
        float[] weights = [.. Integers(Group * Channels * 9, 8).Select(w => 576 * w)];
        float[] turned = new float[weights.Length];
        for (int i = 0; i < weights.Length; i++)
            turned[i / 9 * 9 + 8 - i % 9] = weights[i];
        AlignedFloats expected = new(WinogradFilters.Count(Channels)), packed = new(expected.Length), taps = new(9 * Channels * Group);
        foreach (CpuKernelSet set in CpuKernelSets.Available)
            foreach (bool half in (bool[])[false, true])
            {
                WinogradFilters.Pack(half ? turned : weights, Channels, expected.Span);
                fixed (float* w = weights)
                    Ops(set.ToString()).PackFilters(w, Channels, half, taps.Pointer, packed.Pointer);
                Assert.Equal(expected.Span.ToArray(), packed.Span.ToArray());
            }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void BandsComeBackFromTheNextBlock(int block)
    {
        const int Windows = 5;
        int channels = JpegQualityEstimation.Networks.DenseNet40Architecture.BlockOutputs(block);
        var state = new DenseNet40State(Windows);
        AlignedFloats means = new(channels * DenseNet40Scratch.BandWidth), back = new(means.Length), values = new(means.Length);
        int parts = state.Values[block][0].Count / DenseNet40State.GroupOf(block) / DenseNet40Window.TransitionLanes;
        for (int n = 0; n < Windows; n++)
            for (int part = 0; part < parts; part++)
            {
                var band = new TransitionBand(state, block, n, part);
                Integers(means.Length, n * parts + part).CopyTo(means.Span);
                band.Spread(channels, means);
                foreach (TilePlanes planes in state.Gradients[block + 1])
                    planes.Clear();
                Move(state, block + 1);
                band.Gather(channels, back);
                Assert.Equal(means.Span.ToArray(), back.Span.ToArray());
                // A quarter of a mean in four pixels: their mean is a quarter.
                for (int q = 0; q < 4; q++)
                {
                    band.QuarterOfMean(means, channels, q, values);
                    band.MeanOfQuarter(values, channels, q, back);
                }
                Assert.Equal(means.Span.ToArray().Select(v => v / 4), back.Span.ToArray());
            }

        static void Move(DenseNet40State state, int block)
        {
            for (int n = 0; n < Windows; n++)
            {
                PlaneRows from = DenseNet40State.Rows(state.Values, block, n, 0), to = DenseNet40State.Rows(state.Gradients, block, n, 0);
                for (int c = 0; c < JpegQualityEstimation.Networks.DenseNet40Architecture.BlockInputs(block); c++)
                    for (int i = 0; i < TilePlanes.RowsOfWindow; i++)
                        new Span<float>(from.At(i) + c * from.ChannelStride, DenseNet40State.Width(block)).CopyTo(new Span<float>(to.At(i) + c * to.ChannelStride, DenseNet40State.Width(block)));
            }
        }
    }

    [Theory]
    [InlineData(64, 1)]
    [InlineData(32, 2)]
    [InlineData(16, 4)]
    public void RowsHoldEveryPixelOnce(int size, int windows)
    {
        var planes = new TilePlanes(size, 3, windows);
        for (int n = 0; n < windows; n++)
            for (int row = 0; row < TilePlanes.RowsOfWindow; row++)
                for (int at = 0; at < size * size / TilePlanes.RowsOfWindow; at++)
                {
                    (int y, int x) = planes.Place(row, at);
                    Assert.True(planes.At(y, x, n) + 2 * planes.ChannelStride == planes.Rows(2, n).At(row) + at, $"{n} {row} {at}");
                }
    }

    [Theory]
    [InlineData(64, 1)]
    [InlineData(32, 2)]
    [InlineData(16, 4)]
    public void RowsOfPixelsAreThePlanes(int size, int windows)
    {
        TilePlanes planes = Planes(size, 3, windows, 1);
        var rows = new AlignedFloats(2 * size * size);
        planes.ToRows(2, new PlaneRows(rows.Pointer, size, 2 * size), windows - 1);
        for (int y = 0; y < size; y++)
            for (int c = 0; c < 2; c++)
                for (int x = 0; x < size; x++)
                    Assert.Equal(At(planes, c, y, x, windows - 1), rows.Span[(2 * y + c) * size + x]);
    }

    // Exact sums; the way back rounds each of its terms a few times.
    static void AssertWeightGradients(TilePlanes x, TilePlanes dOut, int channels, int used, float[] scale, float[] shift, AlignedFloats filterSums, AlignedFloats actual)
    {
        const double Roundings = 16.0 / (1 << 24);
        int size = 4 * x.Tiles;
        for (int c = 0; c < channels; c += 5)
            for (int k = 0; k < Group; k += 3)
                for (int t = 0; t < 9; t++)
                {
                    double expected = 0, magnitude = 0;
                    for (int n = 0; n < used; n++)
                        for (int row = 0; row < size; row++)
                            for (int column = 0; column < size; column++)
                                if (Inside(size, row + t / 3 - 1, column + t % 3 - 1))
                                    expected += Math.Max(0, scale[c] * (double)At(x, c, row + t / 3 - 1, column + t % 3 - 1, n) + shift[c]) * At(dOut, k, row, column, n);
                    for (int f = 0; f < 36; f++)
                        magnitude += Math.Abs(G[f / 6, t / 3] * G[f % 6, t % 3] * filterSums.Span[(c * 36 + f) * Group + k]);
                    Assert.Equal(expected, actual.Span[(k * channels + c) * 9 + t], Roundings * magnitude);
                }
    }

    static bool Inside(int size, int y, int x) => y >= 0 && y < size && x >= 0 && x < size;

    static TilePlanes Planes(int size, int channels, int windows, int seed)
    {
        var planes = new TilePlanes(size, channels, windows);
        float[] values = Integers(windows * size * size * channels, seed);
        for (int n = 0, i = 0; n < windows; n++)
            for (int c = 0; c < channels; c++)
                for (int y = 0; y < size; y++)
                    for (int x = 0; x < size; x++)
                        planes.At(y, x, n)[c * planes.ChannelStride] = values[i++];
        return planes;
    }

    static float At(TilePlanes planes, int c, int y, int x, int window) => planes.At(y, x, window)[c * planes.ChannelStride];

    static float[] Integers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.Next(-2, 3))];
    }

    static DenseBlockOps Ops(string set) => DenseBlockOps.For(Enum.Parse<CpuKernelSet>(set));
}
