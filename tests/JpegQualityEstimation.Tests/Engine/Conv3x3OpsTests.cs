using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Ops;
using Xunit;

namespace JpegQualityEstimation.Tests.Engine;

// Every kernel in every vector width against the definition of the convolution. Direct kernels on small integers must
// be EQUAL (all sums are exact in float32); Winograd has fractions in its transforms and is held to a derived bound.
public sealed unsafe class Conv3x3OpsTests
{
    public static TheoryData<string, int, int, int> Cases()
    {
        var data = new TheoryData<string, int, int, int>();
        foreach (CpuKernelSet set in CpuKernelSets.Available)
            foreach (int dilation in (int[])[1, 2, 3, 4])
                foreach (int size in (int[])[1, 2, 5, 6, 7, 11, 12, 13, 17, 26])
                    data.Add(set.ToString(), dilation, size, size % 2 == 0 ? 4 : 64);
        return data;
    }

    public static TheoryData<string, int, int> TileCases()
    {
        var data = new TheoryData<string, int, int>();
        foreach (CpuKernelSet set in CpuKernelSets.Available)
            foreach (int dilation in (int[])[1, 2, 3, 4])
                foreach (int size in (int[])[1, 4, 7, 15, 16, 21])
                    data.Add(set.ToString(), dilation, size);
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void ForwardEqualsTheDefinition(string set, int dilation, int size, int channels)
    {
        var c = new Case(set, dilation, size, channels);
        var output = new BorderedPlane(size, 64);
        for (int y = 0; y < size; y++)
            c.Ops.Forward(channels, c.Input.Rows(y, dilation), dilation, c.Packed.Pointer, c.Bias.Pointer, output.Row(y), size);
        c.AssertPlane(output, (x, y, k) => Math.Max(0, c.Bias.Span[k] + c.Convolve(x, y, k)), 0);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void ForwardFromThreeEqualsTheDefinitionWithoutTheFourthChannel(string set, int dilation, int size, int channels)
    {
        if (channels != 4)
            return;
        var c = new Case(set, dilation, size, 4);
        var packed = new AlignedFloats(27 * 64);
        c.Ops.PackFromThree(c.Weights.Pointer, packed.Pointer);
        for (int i = 3; i < c.Weights.Length / 64; i += 4)
            c.Weights.Span.Slice(i * 64, 64).Clear();
        var output = new BorderedPlane(size, 64);
        for (int y = 0; y < size; y++)
            c.Ops.ForwardFromThree(c.Input.Rows(y, dilation), dilation, packed.Pointer, c.Bias.Pointer, output.Row(y), size);
        c.AssertPlane(output, (x, y, k) => Math.Max(0, c.Bias.Span[k] + c.Convolve(x, y, k)), 0);
    }

    // Wherever a row of tiles is cut and groups end, tiles are the same bits.
    [Theory]
    [InlineData(1, 26)]
    [InlineData(3, 31)]
    [InlineData(4, 70)]
    public void ARowOfTilesMayBeTakenInParts(int dilation, int size)
    {
        float** from = stackalloc float*[6];
        float** to = stackalloc float*[4];
        foreach (CpuKernelSet set in CpuKernelSets.Available)
        {
            var c = new Case(set.ToString(), dilation, size, 64);
            var whole = new BorderedPlane(size, 64);
            var parts = new BorderedPlane(size, 64);
            var transformed = new AlignedFloats(36 * 64 * 64);
            var scratch = new WinogradScratch();
            c.Ops.PackTiles(c.Weights.Pointer, transformed.Pointer);
            int tiles = c.Ops.TilesInRow(dilation, 0, size);
            foreach (int y in BorderedPlane.TileStarts(size, dilation))
            {
                c.Input.TileInputs(y, dilation, from);
                whole.TileRows(y, dilation, to);
                c.Ops.ForwardTiles(from, dilation, 0, size, 0, tiles, transformed.Pointer, c.Bias.Pointer, to, scratch);
            }
            c.Ops.FlushForwardTiles(dilation, transformed.Pointer, c.Bias.Pointer, scratch);
            foreach (int y in BorderedPlane.TileStarts(size, dilation))
            {
                c.Input.TileInputs(y, dilation, from);
                parts.TileRows(y, dilation, to);
                for (int part = 0; part < 3; part++)
                {
                    c.Ops.ForwardTiles(from, dilation, 0, size, tiles * part / 3, tiles * (part + 1) / 3, transformed.Pointer, c.Bias.Pointer, to, scratch);
                    c.Ops.FlushForwardTiles(dilation, transformed.Pointer, c.Bias.Pointer, scratch);
                }
            }
            for (int y = 0; y < size; y++)
                Assert.True(new ReadOnlySpan<float>(whole.Row(y), size * 64).SequenceEqual(new ReadOnlySpan<float>(parts.Row(y), size * 64)), $"{set}, row {y}");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void InputGradientIsGatedAndEqualsTheDefinition(string set, int dilation, int size, int channels)
    {
        var c = new Case(set, dilation, size, channels);
        var output = new BorderedPlane(size, 64);
        for (int y = 0; y < size; y++)
            c.Ops.InputGradient(channels, c.Input.Rows(y, dilation), dilation, c.Packed.Pointer, c.Gate.Row(y), output.Row(y), size);
        c.AssertPlane(output, (x, y, k) => c.Gate.Row(y)[x * 64 + k] > 0 ? c.Convolve(x, y, k) : 0, 0);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void WeightGradientEqualsTheDefinitionAndAdds(string set, int dilation, int size, int channels)
    {
        var c = new Case(set, dilation, size, channels);
        var gradient = new AlignedFloats(9L * channels * 64);
        gradient.Span.Fill(3);
        for (int y = 0; y < size; y++)
            c.Ops.WeightGradient(channels, c.Input.Rows(y, dilation), dilation, c.Gate.Row(y), gradient.Pointer, size);
        c.AssertWeightGradient(gradient, 3, 0);
    }

    // The padded channels' weights are not looked at (last layer) or not written (first and last).
    [Theory]
    [MemberData(nameof(Cases))]
    public void NarrowGradientsEqualTheDefinitionWithoutThePaddedChannels(string set, int dilation, int size, int channels)
    {
        if (channels != 4)
            return;
        var c = new Case(set, dilation, size, 4);
        foreach (int used in (int[])[2, 3])
        {
            var gradient = new AlignedFloats(9 * 4 * 64);
            gradient.Span.Fill(3);
            for (int y = 0; y < size; y++)
                c.Ops.WeightGradientOfFew(used, c.Input.Rows(y, dilation), dilation, c.Gate.Row(y), gradient.Pointer, size);
            c.AssertWeightGradient(gradient, 3, 0, used);
        }
        var packed = new AlignedFloats(18 * 64);
        c.Ops.PackFromTwo(c.Weights.Pointer, packed.Pointer);
        for (int i = 0; i < c.Weights.Length / 64; i++)
            if (i % 4 >= 2)
                c.Weights.Span.Slice(i * 64, 64).Clear();
        var output = new BorderedPlane(size, 64);
        for (int y = 0; y < size; y++)
            c.Ops.InputGradientFromTwo(c.Input.Rows(y, dilation), dilation, packed.Pointer, c.Gate.Row(y), output.Row(y), size);
        c.AssertPlane(output, (x, y, k) => c.Gate.Row(y)[x * 64 + k] > 0 ? c.Convolve(x, y, k) : 0, 0);
    }

    [Theory]
    [MemberData(nameof(TileCases))]
    public void TilesEqualTheDefinitionToRounding(string set, int dilation, int size)
    {
        var c = new Case(set, dilation, size, 64);
        var forward = new BorderedPlane(size, 64);
        var backward = new BorderedPlane(size, 64);
        var transformed = new AlignedFloats(36 * 64 * 64);
        var scratch = new WinogradScratch();
        float** from = stackalloc float*[6];
        float** to = stackalloc float*[4];
        float** gates = stackalloc float*[4];
        c.Ops.PackTiles(c.Weights.Pointer, transformed.Pointer);
        foreach (int y in BorderedPlane.TileStarts(size, dilation))
        {
            c.Input.TileInputs(y, dilation, from);
            forward.TileRows(y, dilation, to);
            c.Ops.ForwardTiles(from, dilation, 0, size, 0, c.Ops.TilesInRow(dilation, 0, size), transformed.Pointer, c.Bias.Pointer, to, scratch);
        }
        c.Ops.FlushForwardTiles(dilation, transformed.Pointer, c.Bias.Pointer, scratch);
        foreach (int y in BorderedPlane.TileStarts(size, dilation))
        {
            c.Input.TileInputs(y, dilation, from);
            c.Gate.TileRows(y, dilation, gates);
            backward.TileRows(y, dilation, to);
            c.Ops.InputGradientTiles(from, dilation, 0, size, transformed.Pointer, gates, to, scratch);
        }
        c.Ops.FlushInputGradientTiles(dilation, transformed.Pointer, scratch);

        c.AssertPlane(forward, (x, y, k) => Math.Max(0, c.Bias.Span[k] + c.Convolve(x, y, k)), TileBound);
        c.AssertPlane(backward, (x, y, k) => c.Gate.Row(y)[x * 64 + k] > 0 ? c.Convolve(x, y, k) : 0, TileBound);
    }

    [Theory]
    [MemberData(nameof(TileCases))]
    public void TileWeightGradientReplacesOrAddsAndEqualsTheDefinitionToRounding(string set, int dilation, int size)
    {
        var c = new Case(set, dilation, size, 64);
        var dU = new AlignedFloats(36 * 64 * 64);
        var gradient = new AlignedFloats(9 * 64 * 64);
        var scratch = new WinogradScratch();
        float** from = stackalloc float*[6];
        float** rows = stackalloc float*[4];
        dU.Span.Fill(7);
        foreach (bool replaces in (bool[])[true, false])
        {
            scratch.Replaces = replaces;
            foreach (int y in BorderedPlane.TileStarts(size, dilation))
            {
                c.Input.TileInputs(y, dilation, from);
                c.Gate.TileGradients(y, dilation, rows);
                c.Ops.WeightGradientTiles(from, dilation, size, rows, dU.Pointer, scratch);
            }
            c.Ops.FlushWeightGradientTiles(dU.Pointer, scratch);
            if (replaces)
            {
                c.Ops.AddTileGradient(dU.Pointer, gradient.Pointer);
                c.AssertWeightGradient(gradient, 0, TileBound);
            }
        }
        var twice = new AlignedFloats(9 * 64 * 64);
        c.Ops.AddTileGradient(dU.Pointer, twice.Pointer);
        for (int i = 0; i < gradient.Length; i++)
            Assert.Equal(2 * gradient.Span[i], twice.Span[i], 2 * TileBound);
    }

    // <conv x, y> = <x, adjoint y>: forward and input gradient are each other's transpose.
    [Theory]
    [InlineData(1, 9)]
    [InlineData(2, 10)]
    [InlineData(3, 13)]
    [InlineData(4, 9)]
    public void InputGradientIsTheAdjointOfForward(int dilation, int size)
    {
        var c = new Case(CpuKernelSets.Chosen.ToString(), dilation, size, 64);
        var flipped = new AlignedFloats(9 * 64 * 64);
        for (int tap = 0; tap < 9; tap++)
            for (int i = 0; i < 64; i++)
                for (int k = 0; k < 64; k++)
                    flipped.Span[((8 - tap) * 64 + k) * 64 + i] = c.Weights.Span[(tap * 64 + i) * 64 + k];
        var packed = new AlignedFloats(9 * 64 * 64);
        c.Ops.Pack(64, flipped.Span, packed.Span);
        var ones = new BorderedPlane(size, 64);
        var adjoint = new BorderedPlane(size, 64);
        for (int y = 0; y < size; y++)
            new Span<float>(ones.Row(y), size * 64).Fill(1);
        for (int y = 0; y < size; y++)
            c.Ops.InputGradient(64, c.Gate.Rows(y, dilation), dilation, packed.Pointer, ones.Row(y), adjoint.Row(y), size);
        double left = 0, right = 0;
        for (int y = 0; y < size; y++)
            for (int x = 0; x < size; x++)
                for (int k = 0; k < 64; k++)
                {
                    left += c.Convolve(x, y, k) * c.Gate.Row(y)[x * 64 + k];
                    right += c.Input.Row(y)[x * 64 + k] * adjoint.Row(y)[x * 64 + k];
                }
        Assert.Equal(left, right);
    }

    [Theory]
    [InlineData("vector512")]
    [InlineData("Scalar")]
    [InlineData(" ")]
    [InlineData(null)]
    public void KernelSetIsChosenByName(string? name)
    {
        if (name == "vector512" && !CpuKernelSets.IsAvailable(CpuKernelSet.Vector512))
            return;
        CpuKernelSet set = CpuKernelSets.Choose(name);
        Assert.Contains(set, CpuKernelSets.Available);
    }

    [Theory]
    [InlineData("avx")]
    [InlineData("7")]
    public void UnknownKernelSetIsRefusedByName(string name)
    {
        var error = Assert.Throws<InvalidOperationException>(() => CpuKernelSets.Choose(name));
        Assert.Contains(name, error.Message);
    }

    // Sums of 576 products of integers up to 3: at most 5,184, exact. F(4x4,3x3) multiplies intermediate magnitudes by
    // up to (10 * 15)^2 before its weights bring them back; 2^-24 of that per rounding, some tens of roundings.
    const double TileBound = 0.05;

    sealed class Case
    {
        public Case(string set, int dilation, int size, int channels)
        {
            Ops = Conv3x3Ops.For(Enum.Parse<CpuKernelSet>(set));
            Dilation = dilation;
            Size = size;
            var random = new Random(size * 10 + dilation);
            Input = new BorderedPlane(size, channels);
            Gate = new BorderedPlane(size, 64);
            Weights = new AlignedFloats(9L * channels * 64);
            Packed = new AlignedFloats(9L * channels * 64);
            Bias = new AlignedFloats(64);
            for (int y = 0; y < size; y++)
            {
                Fill(new Span<float>(Input.Row(y), size * channels), random);
                Fill(new Span<float>(Gate.Row(y), size * 64), random);
            }
            Fill(Weights.Span, random);
            Fill(Bias.Span, random);
            Ops.Pack(channels, Weights.Span, Packed.Span);
        }

        public Conv3x3Ops Ops { get; }

        public int Dilation { get; }

        public int Size { get; }

        public BorderedPlane Input { get; }

        public BorderedPlane Gate { get; }

        public AlignedFloats Weights { get; }

        public AlignedFloats Packed { get; }

        public AlignedFloats Bias { get; }

        public double Convolve(int x, int y, int k)
        {
            double sum = 0;
            int channels = Input.Channels;
            for (int tap = 0; tap < 9; tap++)
            {
                int row = y + (tap / 3 - 1) * Dilation;
                int column = x + (tap % 3 - 1) * Dilation;
                if (row < 0 || row >= Size || column < 0 || column >= Size)
                    continue;
                float* pixel = Input.Row(row) + column * channels;
                for (int c = 0; c < channels; c++)
                    sum += pixel[c] * Weights.Span[(tap * channels + c) * 64 + k];
            }
            return sum;
        }

        public void AssertPlane(BorderedPlane actual, Func<int, int, int, double> expected, double bound)
        {
            for (int y = 0; y < Size; y++)
                for (int x = 0; x < Size; x++)
                    for (int k = 0; k < 64; k += k % 17 == 5 ? 3 : 2)
                    {
                        double difference = Math.Abs(expected(x, y, k) - actual.Row(y)[x * 64 + k]);
                        Assert.True(difference <= bound, $"({x},{y}) output {k}: {actual.Row(y)[x * 64 + k]}, expected {expected(x, y, k)}");
                    }
            for (int x = 0; x < 64 * (Size + 4); x++)
                Assert.Equal(0, actual.Row(Size)[x]);
            for (int y = 0; y < Size; y++)
                for (int x = 64 * Size; x < 64 * (Size + 4); x++)
                    Assert.Equal(0, actual.Row(y)[x]);
        }

        public void AssertWeightGradient(AlignedFloats actual, double before, double bound, int used = 64)
        {
            int channels = Input.Channels;
            for (int tap = 0; tap < 9; tap++)
                for (int c = 0; c < Math.Min(channels, used); c += channels == 64 ? 7 : 1)
                    for (int k = 0; k < 64; k += 9)
                    {
                        double sum = before;
                        for (int y = 0; y < Size; y++)
                            for (int x = 0; x < Size; x++)
                            {
                                int row = y + (tap / 3 - 1) * Dilation;
                                int column = x + (tap % 3 - 1) * Dilation;
                                if (row >= 0 && row < Size && column >= 0 && column < Size)
                                    sum += Input.Row(row)[column * channels + c] * Gate.Row(y)[x * 64 + k];
                            }
                        Assert.InRange(actual.Span[(tap * channels + c) * 64 + k], sum - bound, sum + bound);
                    }
        }

        static void Fill(Span<float> values, Random random)
        {
            foreach (ref float value in values)
                value = random.Next(-3, 4);
        }
    }
}
