using System.Runtime.Intrinsics;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;
using Xunit;

namespace JpegQualityEstimation.Tests.Engine;

// F(6x6, 3x3) in every vector width: its one-dimensional transforms exactly, its tiles to what their roundings can amount to.
public sealed unsafe class Winograd6x6Tests
{
    const int Side = 6;

    // A sum of products of 64 channels, 3 * 3 at most each, that the absolute values of At, G and Bt raise by up to 68 a
    // dimension; some 89 roundings of 2^-24 on the way (transforms 8 each, 64 products, bias) that know nothing of each
    // other: 68 * 68 * 9 * sqrt(64 * 89) / 2^24. Sums of the definition are integers below 5,184.
    const double TileBound = 0.19;

    public static TheoryData<string> Sets()
    {
        var data = new TheoryData<string>();
        foreach (CpuKernelSet set in CpuKernelSets.Available)
            data.Add(set.ToString());
        return data;
    }

    public static TheoryData<string, int, int> Cases()
    {
        var data = new TheoryData<string, int, int>();
        foreach (CpuKernelSet set in CpuKernelSets.Available)
            foreach (int dilation in (int[])[1, 2, 3, 4])
                foreach (int size in (int[])[1, 5, 6, 7, 13, 24, 25])
                    data.Add(set.ToString(), dilation, size);
        return data;
    }

    // Weights that are multiples of 90 make G g whole; what the points 1/2 and -1/2 add are quarters and thirty-seconds.
    [Theory]
    [MemberData(nameof(Sets))]
    public void OneDimensionIsTheConvolutionExactly(string set)
    {
        var random = new Random(7);
        for (int trial = 0; trial < 200; trial++)
        {
            float[] input = [.. Enumerable.Range(0, Side + 2).Select(_ => (float)random.Next(-3, 4))];
            float[] weights = [.. Enumerable.Range(0, 3).Select(_ => 90f * random.Next(-1, 2))];
            float[] output = Enum.Parse<CpuKernelSet>(set) switch
            {
                CpuKernelSet.Vector512 => Convolve<Vector512<float>, Simd512>(input, weights),
                CpuKernelSet.Vector256 => Convolve<Vector256<float>, Simd256>(input, weights),
                CpuKernelSet.Vector128 => Convolve<Vector128<float>, Simd128>(input, weights),
                _ => Convolve<float, SimdScalar>(input, weights),
            };
            for (int i = 0; i < Side; i++)
                Assert.Equal(input[i] * weights[0] + input[i + 1] * weights[1] + input[i + 2] * weights[2], output[i]);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void TilesEqualTheDefinitionToRounding(string set, int dilation, int size)
    {
        var c = new Case(dilation, size, size * 10 + dilation);
        BorderedPlane output = c.Forward(set, parts: 1);
        for (int y = 0; y < size; y++)
            for (int x = 0; x < size; x++)
                for (int k = (x + y) % 3; k < 64; k += 3)
                    Assert.InRange(output.Row(y)[x * 64 + k] - Math.Max(0, c.Convolve(x, y, k)), -TileBound, TileBound);
        for (int y = 0; y <= size; y++)
            for (int i = y < size ? 64 * size : 0; i < 64 * (size + 4); i++)
                Assert.Equal(0, output.Row(y)[i]);
    }

    // Wherever a row of tiles is cut and groups end, and whatever the width, tiles are the same bits.
    [Theory]
    [InlineData(1, 26)]
    [InlineData(2, 50)]
    [InlineData(3, 61)]
    [InlineData(4, 100)]
    public void WidthsAndPartsAgreeToTheBit(int dilation, int size)
    {
        var c = new Case(dilation, size, 3);
        BorderedPlane expected = c.Forward(CpuKernelSets.Available[0].ToString(), parts: 1);
        foreach (CpuKernelSet set in CpuKernelSets.Available)
            foreach (int parts in set == CpuKernelSet.Scalar ? (int[])[2] : [1, 3])
            {
                BorderedPlane actual = c.Forward(set.ToString(), parts);
                for (int y = 0; y < size; y++)
                    Assert.True(new ReadOnlySpan<float>(expected.Row(y), size * 64).SequenceEqual(new ReadOnlySpan<float>(actual.Row(y), size * 64)), $"{set}, {parts} parts, row {y}");
            }
    }

    // The bound on the raw maps is the one that the published outputs are held to.
    [Fact]
    public void MapsOfTheBundledNetworkAreThoseOfTheDirectSums()
    {
        QualityNetwork network = QualityNetwork.Bundled;
        var picture = new ImageBuffer(83, 61, PixelFormat.Rgb24);
        new Random(5).NextBytes(picture.Pixels);
        for (int i = 0; i < picture.Pixels.Length; i++)
            picture.Pixels[i] = (byte)(picture.Pixels[i] / 4 + i / 3 % 83 * 2);
        float[][] tiles = Maps(network, picture, ConvolutionAlgorithm.Winograd), direct = Maps(network, picture, ConvolutionAlgorithm.Direct);
        for (int map = 0; map < 2; map++)
            for (int i = 0; i < tiles[map].Length; i++)
                Assert.Equal(direct[map][i], tiles[map][i], 1e-4);
    }

    static float[][] Maps(QualityNetwork network, ImageBuffer picture, ConvolutionAlgorithm algorithm)
    {
        float[][] maps = [new float[picture.Width * picture.Height], new float[picture.Width * picture.Height]];
        new QualityInference(network, 2, algorithm: algorithm).Run(picture.View, maps[0], maps[1], null, default);
        return maps;
    }

    // Every lane of a vector alike.
    static float[] Convolve<TVector, TSimd>(float[] input, float[] weights)
        where TVector : struct
        where TSimd : struct, ISimd<TVector>
    {
        TVector[] d = [.. input.Select(TSimd.Broadcast)], g = new TVector[8];
        for (int i = 0; i < 3; i++)
            g[i] = TSimd.Broadcast(weights[i]);
        Winograd6x6<TVector, TSimd>.Weight(ref g[0], ref g[1], ref g[2], out g[3], out g[4], out g[5], out g[6], out g[7]);
        Winograd6x6<TVector, TSimd>.Input(ref d[0], ref d[1], ref d[2], ref d[3], ref d[4], ref d[5], ref d[6], ref d[7]);
        for (int i = 0; i < 8; i++)
            d[i] = TSimd.Multiply(d[i], g[i]);
        Winograd6x6<TVector, TSimd>.Output(ref d[0], ref d[1], ref d[2], ref d[3], ref d[4], ref d[5], d[6], d[7]);
        float* lanes = stackalloc float[16];
        var output = new float[Side];
        for (int i = 0; i < Side; i++)
        {
            TSimd.Store(lanes, d[i]);
            output[i] = lanes[TSimd.Count - 1];
        }
        return output;
    }

    sealed class Case
    {
        readonly int dilation;
        readonly int size;
        readonly BorderedPlane input;
        readonly AlignedFloats weights = new(9 * 64 * 64);
        readonly AlignedFloats bias = new(64);

        public Case(int dilation, int size, int seed)
        {
            (this.dilation, this.size) = (dilation, size);
            var random = new Random(seed);
            input = new BorderedPlane(size, 64, Side);
            for (int y = 0; y < size; y++)
                Fill(new Span<float>(input.Row(y), size * 64), random);
            Fill(weights.Span, random);
            Fill(bias.Span, random);
        }

        public BorderedPlane Forward(string set, int parts)
        {
            Conv3x3Ops ops = Conv3x3Ops.For(Enum.Parse<CpuKernelSet>(set));
            var output = new BorderedPlane(size, 64, Side);
            var packed = new AlignedFloats(64 * 64 * 64);
            var scratch = new Winograd6x6Scratch();
            ops.PackLargeTiles(weights.Pointer, packed.Pointer);
            float** from = stackalloc float*[Side + 2];
            float** then = stackalloc float*[Side + 2];
            float** to = stackalloc float*[Side];
            int tiles = ops.LargeTilesInRow(dilation, 0, size);
            List<int> starts = BorderedPlane.TileStarts(size, dilation, Side);
            for (int i = 0; i < starts.Count; i++)
            {
                input.TileInputs(starts[i], dilation, from, Side);
                output.TileRows(starts[i], dilation, to, Side);
                bool last = i == starts.Count - 1;
                if (!last)
                    input.TileInputs(starts[i + 1], dilation, then, Side);
                for (int part = 0; part < parts; part++)
                {
                    ops.ForwardLargeTiles(from, last || parts > 1 ? null : then, 0, dilation, 0, size, tiles * part / parts, tiles * (part + 1) / parts, packed.Pointer, bias.Pointer, to, scratch);
                    if (parts > 1)
                        ops.FlushForwardLargeTiles(dilation, packed.Pointer, bias.Pointer, scratch);
                }
            }
            ops.FlushForwardLargeTiles(dilation, packed.Pointer, bias.Pointer, scratch);
            return output;
        }

        public double Convolve(int x, int y, int k)
        {
            double sum = bias.Span[k];
            for (int tap = 0; tap < 9; tap++)
            {
                int row = y + (tap / 3 - 1) * dilation;
                int column = x + (tap % 3 - 1) * dilation;
                if (row < 0 || row >= size || column < 0 || column >= size)
                    continue;
                float* pixel = input.Row(row) + column * 64;
                for (int c = 0; c < 64; c++)
                    sum += pixel[c] * weights.Span[(tap * 64 + c) * 64 + k];
            }
            return sum;
        }

        static void Fill(Span<float> values, Random random)
        {
            foreach (ref float value in values)
                value = random.Next(-3, 4);
        }
    }
}
