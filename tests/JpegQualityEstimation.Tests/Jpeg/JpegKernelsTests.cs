using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using Xunit;

namespace JpegQualityEstimation.Tests.Jpeg;

// Every kernel of every vector width equals the scalar one, at all lengths up to 140 (each width's whole vectors,
// overlapping tails and short rows) and some beyond the colour chunk, and writes nothing past its output.
public sealed class JpegKernelsTests
{
    const byte Guard = 0xA5;

    static readonly JpegKernels scalar = JpegKernels.Scalar;

    public static TheoryData<string> Sets => KernelSets.Vectors;

    public static TheoryData<string, PixelFormat> SetsAndFormats()
    {
        var data = new TheoryData<string, PixelFormat>();
        foreach (JpegKernels kernels in JpegKernels.Available)
            foreach (PixelFormat format in Enum.GetValues<PixelFormat>())
                if (kernels.Name != "scalar")
                    data.Add(kernels.Name, format);
        return data;
    }

    static IEnumerable<int> Lengths => Enumerable.Range(1, 140).Concat([511, 512, 513, 1023, 1040, 1537]);

    [Theory]
    [MemberData(nameof(SetsAndFormats))]
    public void ColourToYcc(string set, PixelFormat format)
    {
        foreach (int n in Lengths)
        {
            byte[] pixels = KernelSets.Bytes(n * format.BytesPerPixel(), n);
            CheckRows(n, 3, (k, o) => k.ToYcc(pixels, format, o[0].AsSpan(0, n), o[1].AsSpan(0, n), o[2].AsSpan(0, n)), set);
            CheckRows(n, 1, (k, o) => k.ToLuminance(pixels, format, o[0].AsSpan(0, n)), set);
        }
    }

    [Theory]
    [MemberData(nameof(SetsAndFormats))]
    public void YccToColour(string set, PixelFormat format)
    {
        foreach (int n in Lengths)
        {
            byte[] y = KernelSets.Bytes(n, n), cb = KernelSets.Bytes(n, n + 1), cr = KernelSets.Bytes(n, n + 2);
            int bytes = n * format.BytesPerPixel();
            CheckRows(bytes, 1, (k, o) => k.ToPixels(y, cb, cr, o[0].AsSpan(0, bytes), format), set);
            CheckRows(bytes, 1, (k, o) => k.Join(y, cb, cr, o[0].AsSpan(0, bytes), format), set);
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void EveryColourThereAndBack(string set)
    {
        // All 2^16 pairs of two samples, at 7 values of the third, in every position.
        JpegKernels kernels = KernelSets.Get(set);
        var a = new byte[65536];
        var b = new byte[65536];
        for (int i = 0; i < 65536; i++)
            (a[i], b[i]) = ((byte)i, (byte)(i >> 8));
        var c = new byte[65536];
        foreach (byte third in (byte[])[0, 1, 85, 127, 128, 200, 255])
        {
            c.AsSpan().Fill(third);
            foreach (var (first, second, last) in new[] { (a, b, c), (c, a, b), (b, c, a) })
            {
                var expected = new byte[65536 * 3];
                var actual = new byte[65536 * 3];
                scalar.ToPixels(first, second, last, expected, PixelFormat.Rgb24);
                kernels.ToPixels(first, second, last, actual, PixelFormat.Rgb24);
                Assert.True(expected.AsSpan().SequenceEqual(actual));
                var planes = new byte[2][];
                foreach (JpegKernels k in new[] { scalar, kernels })
                {
                    byte[] plane = planes[k == scalar ? 0 : 1] = new byte[3 * 65536];
                    k.Join(first, second, last, expected, PixelFormat.Rgb24);
                    k.ToYcc(expected, PixelFormat.Rgb24, plane.AsSpan(0, 65536), plane.AsSpan(65536, 65536), plane.AsSpan(131072, 65536));
                }
                Assert.True(planes[0].AsSpan().SequenceEqual(planes[1]));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Downsampling(string set)
    {
        foreach (int n in Lengths)
        {
            byte[] upper = KernelSets.Bytes(2 * n, n), lower = KernelSets.Bytes(2 * n, n + 7);
            CheckRows(n, 1, (k, o) => k.DownsampleH2V1(upper, o[0].AsSpan(0, n)), set);
            CheckRows(n, 1, (k, o) => k.DownsampleH2V2(upper, lower, o[0].AsSpan(0, n)), set);
            CheckRows(n, 1, (k, o) => k.DownsampleH1V2(upper, lower, o[0].AsSpan(0, n)), set);
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Upsampling(string set)
    {
        foreach (int n in Lengths)
        {
            byte[] near = KernelSets.Bytes(n, n), far = KernelSets.Bytes(n, n + 7);
            for (int length = 2 * n - 1; length <= 2 * n; length++)
            {
                int count = length;
                CheckRows(count, 1, (k, o) => k.UpsampleH2V1(near, o[0].AsSpan(0, count)), set);
                CheckRows(count, 1, (k, o) => k.UpsampleH2V2(near, far, o[0].AsSpan(0, count)), set);
            }
            CheckRows(n, 1, (k, o) => k.UpsampleH1V2(near, far, 1, o[0].AsSpan(0, n)), set);
            CheckRows(n, 1, (k, o) => k.UpsampleH1V2(near, far, 2, o[0].AsSpan(0, n)), set);
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void RoundTripOfBlocks(string set)
    {
        for (int blocks = 1; blocks <= 11; blocks++)
            foreach (int quality in (int[])[1, 10, 50, 75, 95, 100])
            {
                int stride = blocks * 8 + blocks % 3 * 5, count = 7 * stride + blocks * 8;
                byte[] samples = KernelSets.Bytes(count, blocks * 101 + quality);
                Quantizer quantizer = QuantTable.StandardLuminance(quality).Quantizer;
                CheckRows(count, 1, (k, o) =>
                {
                    samples.CopyTo(o[0], 0);
                    k.RoundTripBlocks(o[0].AsSpan(0, count), stride, blocks, quantizer);
                }, set);
            }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void CoefficientsOfBlocks(string set)
    {
        JpegKernels kernels = KernelSets.Get(set);
        for (int blocks = 1; blocks <= 11; blocks++)
            for (int quality = 5; quality <= 100; quality += 19)
            {
                int stride = blocks * 8 + 3;
                byte[] samples = KernelSets.Bytes(8 * stride, blocks + quality);
                Quantizer quantizer = QuantTable.StandardChrominance(quality).Quantizer;
                var expected = new short[blocks * 64];
                var actual = new short[blocks * 64];
                scalar.ForwardBlocks(samples, stride, blocks, quantizer, expected);
                kernels.ForwardBlocks(samples, stride, blocks, quantizer, actual);
                Assert.Equal(expected, actual);
                CheckRows(samples.Length, 1, (k, o) => k.InverseBlocks(expected, quantizer, o[0].AsSpan(0, samples.Length), stride, blocks), set);
            }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void HostileCoefficientsOverflowAlike(string set)
    {
        var random = new Random(3);
        for (int trial = 0; trial < 200; trial++)
        {
            var coefficients = new short[5 * 64];
            for (int i = 0; i < coefficients.Length; i++)
                coefficients[i] = random.Next(4) == 0 ? (short)random.Next(-32768, 32768) : (short)0;
            var steps = new ushort[64];
            for (int i = 0; i < 64; i++)
                steps[i] = (ushort)random.Next(1, 65536);
            Quantizer quantizer = new QuantTable(steps).Quantizer;
            CheckRows(8 * 40, 1, (k, o) => k.InverseBlocks(coefficients, quantizer, o[0].AsSpan(0, 8 * 40), 40, 5), set);
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void TooShortBuffersAreRefused(string set)
    {
        JpegKernels kernels = KernelSets.Get(set);
        Quantizer quantizer = QuantTable.StandardLuminance(50).Quantizer;
        Assert.ThrowsAny<ArgumentException>(() => kernels.RoundTripBlocks(new byte[8 * 16 - 1], 16, 2, quantizer));
        Assert.ThrowsAny<ArgumentException>(() => kernels.RoundTripBlocks(new byte[8 * 16], 15, 2, quantizer));
        Assert.ThrowsAny<ArgumentException>(() => kernels.ForwardBlocks(new byte[8 * 16], 16, 2, quantizer, new short[127]));
        Assert.ThrowsAny<ArgumentException>(() => kernels.InverseBlocks(new short[127], quantizer, new byte[8 * 16], 16, 2));
        Assert.ThrowsAny<ArgumentException>(() => kernels.ToYcc(new byte[299], PixelFormat.Rgb24, new byte[100], new byte[100], new byte[100]));
        Assert.ThrowsAny<ArgumentException>(() => kernels.ToYcc(new byte[300], PixelFormat.Rgb24, new byte[100], new byte[99], new byte[100]));
        Assert.ThrowsAny<ArgumentException>(() => kernels.ToPixels(new byte[100], new byte[100], new byte[99], new byte[300], PixelFormat.Bgr24));
        Assert.ThrowsAny<ArgumentException>(() => kernels.ToPixels(new byte[100], new byte[100], new byte[100], new byte[399], PixelFormat.Bgra32));
        Assert.ThrowsAny<ArgumentException>(() => kernels.DownsampleH2V2(new byte[200], new byte[199], new byte[100]));
        Assert.ThrowsAny<ArgumentException>(() => kernels.DownsampleH2V1(new byte[199], new byte[100]));
        Assert.ThrowsAny<ArgumentException>(() => kernels.DownsampleH1V2(new byte[99], new byte[100], new byte[100]));
        Assert.ThrowsAny<ArgumentException>(() => kernels.UpsampleH2V2(new byte[100], new byte[99], new byte[200]));
        Assert.ThrowsAny<ArgumentException>(() => kernels.UpsampleH1V2(new byte[100], new byte[99], 1, new byte[100]));
    }

    [Fact]
    public void TheWidestAvailableIsFirstAndScalarIsLast()
    {
        Assert.Equal("scalar", JpegKernels.Available[^1].Name);
        Assert.Equal(JpegKernels.Available.Count, JpegKernels.Available.Select(k => k.Name).Distinct().Count());
        Assert.Contains(JpegKernels.Default, JpegKernels.Available);
    }

    // Runs a kernel set and the scalar one into guarded buffers and compares everything, guards included.
    static void CheckRows(int length, int outputs, Action<JpegKernels, byte[][]> run, string set)
    {
        byte[][] expected = Guarded(length, outputs), actual = Guarded(length, outputs);
        run(scalar, expected);
        run(KernelSets.Get(set), actual);
        for (int i = 0; i < outputs; i++)
            if (!expected[i].AsSpan().SequenceEqual(actual[i]))
                Assert.Fail($"length {length}, output {i}: differs first at {expected[i].AsSpan().CommonPrefixLength(actual[i])}");
    }

    static byte[][] Guarded(int length, int outputs)
    {
        var rows = new byte[outputs][];
        for (int i = 0; i < outputs; i++)
        {
            rows[i] = new byte[length + 80];
            rows[i].AsSpan().Fill(Guard);
        }
        return rows;
    }
}
