using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using JpegQualityEstimation.Cuda.Runtime;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Native;

// What kernels/kernel.cuh promises, on whatever device the tests run: the same bits everywhere.
[Collection(EmulatorSettings.Collection)]
public sealed class PlatformTests
{
    const int Threads = 256;

    static readonly string[] Orders = ["rising", "reverse", "1", "20"];

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(1000)]
    public void MultiplyAddsAreFused(int n)
    {
        var random = new Random(n);
        float[] x = [.. Enumerable.Range(0, n).Select(_ => random.NextSingle() - 0.5f)], y = [.. x.Select(v => v * 3 + 1)];
        float[] expected = [.. x.Zip(y, (a, b) => MathF.FusedMultiplyAdd(1.7f, a, b))];
        EachOrder(bench =>
        {
            using var dx = bench.Upload(x);
            using var dy = bench.Upload(y);
            bench.Launch("platform", "platform_scale", Blocks(n), Threads, 0, dy.Span, dx.Span, 1.7f, n);
            Assert.Equal(expected, bench.Download(dy));
        });
    }

    [SkippableFact]
    public void SumsOfABlockHaveOneOrder()
    {
        const int N = 3000;
        var random = new Random(2);
        double[] x = [.. Enumerable.Range(0, N).Select(_ => random.NextDouble() - 0.5)];
        double[] expected = [.. Enumerable.Range(0, Blocks(N)).Select(block => BlockSum(x, block * Threads))];
        EachOrder(bench =>
        {
            using var dx = bench.Upload(x);
            using var sums = bench.Rent<double>(Blocks(N));
            bench.Launch("platform", "platform_sum", Blocks(N), Threads, 0, sums.Span, dx.Span, (long)N);
            Assert.Equal(expected, bench.Download(sums));
        });
    }

    [SkippableFact]
    public void DynamicSharedMemoryIsTheBlocksOwn()
    {
        const int Rows = 9;
        foreach (int width in (int[])[1, 127, 128, 1000, 40_000])
        {
            float[] x = [.. Enumerable.Range(0, Rows * width).Select(i => (float)(i * 7 % 11))];
            float[] expected = [.. x.Chunk(width).Select(row => row.Sum())];
            EachOrder(bench =>
            {
                using var dx = bench.Upload(x);
                using var sums = bench.Rent<float>(Rows);
                bench.Launch("platform", "platform_rows", Rows, 128, width * sizeof(float), sums.Span, dx.Span, width);
                Assert.Equal(expected, bench.Download(sums));
            });
        }
    }

    [SkippableFact]
    public void NarrowFloatsRoundToNearestEven()
    {
        double[] x = Values();
        (ushort[] halves, ushort[] brains, _, _, _) = Numbers(x);
        for (int i = 0; i < x.Length; i++)
        {
            float value = (float)x[i];
            ushort half = float.IsNaN(value) ? (ushort)0x7fff : BitConverter.HalfToUInt16Bits((Half)value);
            uint bits = BitConverter.SingleToUInt32Bits(value);
            ushort brain = float.IsNaN(value) ? (ushort)0x7fff : (ushort)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
            Assert.True(halves[i] == half && brains[i] == brain, $"{value:R}: {halves[i]:x4}, {brains[i]:x4}");
        }
    }

    // Both below 1 unit in the last place of the true value, as Math's are.
    [SkippableFact]
    public void ElementaryFunctionsAreWithinTwoUnitsOfTheProcessors()
    {
        double[] x = Values();
        (_, _, double[] exponentials, double[] logarithms, double[] roots) = Numbers(x);
        for (int i = 0; i < x.Length; i++)
        {
            Near(Math.Exp(x[i]), exponentials[i], 2);
            Near(Math.Log(x[i]), logarithms[i], 2);
            Near(1 / Math.Sqrt(x[i]), roots[i], 0);
        }
    }

    // The emulation's bits, written down: a device that gives others is no device for these kernels.
    [SkippableFact]
    public void ElementaryFunctionsHaveTheSameBitsOnEveryDevice()
    {
        (_, _, double[] exponentials, double[] logarithms, _) = Numbers(Values());
        Assert.Equal("00C71808B98DDF98", Hash(exponentials));
        Assert.Equal("2C46AFEA48E09651", Hash(logarithms));
    }

    [SkippableFact]
    public void LanesOfAWarpExchangeValues()
    {
        int[] x = [.. Enumerable.Range(0, 32).Select(i => i * i * 37 % 101 - 20)];
        int Lane(int i) => x[i & 31];
        int[] later = [.. x.Select((v, i) => i < 16 ? v : -v)];
        Func<int, int>[] rows =
        [
            _ => x[5], i => Lane(i * 7), i => Lane(i ^ 9), i => i + 3 > 31 ? x[i] : x[i + 3], i => i < 3 ? x[i] : x[i - 3],
            _ => x.Select((v, j) => (v & 1) << j).Aggregate((a, b) => a | b), _ => 1, _ => 0, _ => x.Sum(), _ => x.Sum(),
            i => x.Skip(i / 16 * 16).Take(16).Sum(), i => later[31 - i], i => BitOperations.PopCount((uint)later[i]),
            i => BitOperations.LeadingZeroCount((uint)later[i]), i => later[i] == 0 ? 0 : BitOperations.TrailingZeroCount(later[i]) + 1,
            i => (int)((ulong)(uint)later[i] * 0x9e3779b9u >> 32),
        ];
        int[] expected = [.. rows.SelectMany(row => Enumerable.Range(0, 32).Select(row))];
        EachOrder(bench =>
        {
            using var dx = bench.Upload(x);
            using var y = bench.Rent<int>(expected.Length);
            bench.Launch("platform", "platform_lanes", 1, 32, 0, y.Span, dx.Span);
            Assert.Equal(expected, bench.Download(y));
        });
    }

    [SkippableFact]
    public void WideLoadsAndStoresMoveWhatTheyShould()
    {
        const int N = 12 * 200;
        float[] x = [.. Enumerable.Range(0, N).Select(i => (float)i)];
        EachOrder(bench =>
        {
            using var dx = bench.Upload(x);
            using var y = bench.Rent<float>(N);
            bench.Launch("platform", "platform_vectors", 4, 64, 0, y.Span, dx.Span, N);
            Assert.Equal(x, bench.Download(y));
        });
    }

    [SkippableFact]
    public void CountsByAtomicsAreComplete()
    {
        const int N = 10_000;
        int[] x = [.. Enumerable.Range(0, N).Select(i => i * 13 % 16)];
        int[] expected = [.. Enumerable.Range(0, 16).Select(value => x.Count(v => v == value))];
        EachOrder(bench =>
        {
            using var dx = bench.Upload(x);
            using var counts = bench.Upload(new int[16]);
            bench.Launch("platform", "platform_count", Blocks(N), Threads, 0, counts.Span, dx.Span, N);
            Assert.Equal(expected, bench.Download(counts));
        });
    }

    [SkippableTheory]
    [InlineData("half", 16)]
    [InlineData("bfloat16", 16)]
    [InlineData("tf32", 8)]
    public void TensorCoresMultiplyWhereTheirFragmentsSay(string kind, int depth)
    {
        float[] a = [.. Enumerable.Range(0, 16 * depth).Select(i => (float)(i * 7 % 13 - 6))], b = [.. Enumerable.Range(0, depth * 8).Select(i => (float)(i * 5 % 11 - 5))];
        float[] expected = [.. Enumerable.Range(0, 128).Select(i => Enumerable.Range(0, depth).Sum(k => a[i / 8 * depth + k] * b[k * 8 + i % 8]))];
        EachOrder(bench =>
        {
            Skip.If(bench.Runtime.ComputeMajor < 8, "tensor-core products want compute capability 8.0");
            using var da = bench.Upload(a);
            using var db = bench.Upload(b);
            using var d = bench.Rent<float>(128);
            bench.Launch("platform_sm80", $"platform_mma_{kind}", 1, 32, 0, d.Span, da.Span, db.Span);
            Assert.Equal(expected, bench.Download(d));
        });
    }

    static int Blocks(int n) => (n + Threads - 1) / Threads;

    static double BlockSum(double[] x, int start)
    {
        double[] warps = new double[Threads / 32];
        for (int warp = 0; warp < warps.Length; warp++)
        {
            double[] lanes = [.. Enumerable.Range(start + warp * 32, 32).Select(i => i < x.Length ? x[i] : 0)];
            for (int by = 16; by > 0; by >>= 1)
                lanes = [.. lanes.Select((value, lane) => value + lanes[lane ^ by])];
            warps[warp] = lanes[0];
        }
        return warps.Aggregate((sum, warp) => sum + warp);
    }

    static double[] Values()
    {
        var random = new Random(5);
        double[] special = [0, -0.0, 1, -1, double.PositiveInfinity, double.NegativeInfinity, double.NaN, 65504, 65519.996, 65520, 5.9604645e-8, 2.9802322e-8,
            2.9802326e-8, 6.1035156e-5, 6.097555e-5, 1e-40, 3.4e38, 709.78, 709.8, -745.13, -745.2, -708.4, 5e-324, 2.2250738585072014e-308, double.MaxValue];
        return
        [
            .. special,
            .. Enumerable.Range(0, 4000).Select(_ => (random.NextDouble() * 2 - 1) * 750),
            .. Enumerable.Range(0, 4000).Select(_ => random.NextDouble() * 2 - 1),
            .. Enumerable.Range(0, 4000).Select(_ => Math.ScaleB(1 + random.NextDouble(), random.Next(-1000, 1000))),
            .. Enumerable.Range(0, 2000).Select(_ => 0.9 + 0.2 * random.NextDouble()),
        ];
    }

    static (ushort[] Halves, ushort[] Brains, double[] Exponentials, double[] Logarithms, double[] Roots) Numbers(double[] x)
    {
        using var bench = new Bench();
        int n = x.Length;
        using var dx = bench.Upload(x);
        using var halves = bench.Rent<ushort>(n);
        using var brains = bench.Rent<ushort>(n);
        using var exponentials = bench.Rent<double>(n);
        using var logarithms = bench.Rent<double>(n);
        using var roots = bench.Rent<double>(n);
        bench.Launch("platform", "platform_numbers", Blocks(n), Threads, 0, halves.Span, brains.Span, exponentials.Span, logarithms.Span, roots.Span, dx.Span, n);
        return (bench.Download(halves), bench.Download(brains), bench.Download(exponentials), bench.Download(logarithms), bench.Download(roots));
    }

    static void Near(double expected, double actual, int units)
    {
        if (double.IsNaN(expected))
            Assert.True(double.IsNaN(actual));
        else if (!double.IsFinite(expected))
            Assert.Equal(expected, actual);
        else
            Assert.True(Math.Abs(actual - expected) <= units * Math.Max(double.Epsilon, Math.BitIncrement(Math.Abs(expected)) - Math.Abs(expected)), $"{actual:R}, not {expected:R}");
    }

    // NaN is NaN, whatever its other bits.
    static string Hash(double[] values)
    {
        byte[] bytes = new byte[values.Length * 8];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(i * 8), double.IsNaN(values[i]) ? 7 : values[i]);
        return Convert.ToHexString(SHA256.HashData(bytes))[..16];
    }

    // Once on a real device; in several orders of the threads on the emulated one.
    static void EachOrder(Action<Bench> test)
    {
        TestDevice.Require();
        foreach (string order in TestDevice.Emulator is null ? ["rising"] : Orders)
        {
            using EmulatorSettings? settings = TestDevice.Emulator is null ? null : new(("ORDER", order));
            using var bench = new Bench();
            test(bench);
        }
    }

    sealed class Bench : IDisposable
    {
        readonly CudaStream stream;

        public Bench()
        {
            Runtime = TestDevice.Open();
            stream = Runtime.CreateStream();
        }

        public CudaRuntime Runtime { get; }

        public DeviceBuffer<T> Rent<T>(int length)
            where T : unmanaged => stream.Rent<T>(length);

        public DeviceBuffer<T> Upload<T>(T[] values)
            where T : unmanaged
        {
            DeviceBuffer<T> buffer = stream.Rent<T>(values.Length);
            stream.Upload<T>(values, buffer.Span);
            return buffer;
        }

        public T[] Download<T>(DeviceBuffer<T> buffer)
            where T : unmanaged
        {
            T[] values = new T[buffer.Span.Length];
            stream.Download(buffer.Span, values);
            return values;
        }

        public void Launch(string module, string entry, int blocks, int threads, int shared, params ReadOnlySpan<KernelArgument> arguments) =>
            stream.Launch(Runtime.Kernel(module, entry), new Dim3(blocks), new Dim3(threads), shared, arguments);

        public void Dispose()
        {
            stream.Dispose();
            Runtime.Dispose();
        }
    }
}
