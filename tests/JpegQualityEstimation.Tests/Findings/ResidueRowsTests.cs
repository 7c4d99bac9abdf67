using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Tests.Maps;
using Xunit;

namespace JpegQualityEstimation.Tests.Findings;

// The steps below GridField beside plain words.
public sealed unsafe class ResidueRowsTests
{
    const int Pitch = 128;

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(64)]
    public void ResiduesAreThoseOfTheDctInEverySet(int positions)
    {
        var random = new Random(positions);
        var samples = new int[8, Pitch];
        for (int y = 0; y < 8; y++)
            for (int x = 0; x < positions + 7; x++)
                samples[y, x] = random.Next(256);
        float[]? first = null;
        foreach (CpuKernelSet set in CpuKernelSets.Available)
        {
            float[] residues = Residues(set, samples, positions);
            first ??= residues;
            Assert.Equal(first, residues);
        }
        // |x| is at most 1024, each of two passes rounds at most eight times; f is at most 0.4 times as steep; 64 coefficients.
        double tolerance = 64 * 0.4 * 16 * 1024 * Math.Pow(2, -24);
        for (int x = 0; x < positions; x++)
            Assert.Equal(Reference(samples, x), first![x], tolerance);
    }

    [Theory]
    [InlineData(PixelFormat.Gray8)]
    [InlineData(PixelFormat.Rgb24)]
    [InlineData(PixelFormat.Bgr24)]
    [InlineData(PixelFormat.Bgra32)]
    public void BlocksCountByTheRule(PixelFormat format)
    {
        const int Width = 75, Height = 12, Positions = Width - 7;
        ImageBuffer picture = TestScenes.Convert(TestScenes.Waves(Width, Height, 3), PixelFormat.Rgb24);
        // Flat on the left, clipped in the middle.
        for (int y = 0; y < Height; y++)
            picture.Pixels.AsSpan(y * picture.Stride, 3 * 20).Fill(90);
        picture.Pixels[6 * picture.Stride + 3 * 40 + 1] = 255;
        picture.Pixels[2 * picture.Stride + 3 * 60 + 2] = 0;
        ImageBuffer same = TestScenes.Convert(picture, format);
        var texture = new BlockTexture(Positions);
        var luma = new int[Height, Width];
        var row = new float[Width];
        for (int y = 0; y < Height; y++)
        {
            texture.Row(same.View, y, y, 0, row);
            for (int x = 0; x < Width; x++)
            {
                ReadOnlySpan<byte> pixel = picture.Pixels.AsSpan(y * picture.Stride + 3 * x, 3);
                luma[y, x] = format == PixelFormat.Gray8 ? same.Pixels[y * same.Stride + x] : (299 * pixel[0] + 587 * pixel[1] + 114 * pixel[2] + 500) / 1000;
                Assert.Equal(luma[y, x], row[x]);
            }
            if (y < 7)
                continue;
            texture.Count(y, Positions);
            for (int x = 0; x < Positions; x++)
                Assert.Equal(Counts(same, luma, y - 7, x) ? 1 : 0, texture.Usable(Positions)[x]);
        }
    }

    // All sums of weighted samples there can be.
    [Fact]
    public void AThousandthIsRoundedRightly()
    {
        for (int sum = 0; sum <= 255_000; sum++)
            Assert.Equal((sum + 500) / 1000, (int)((sum + 500.5f) * 0.001f));
    }

    static bool Counts(ImageBuffer picture, int[,] luma, int top, int left)
    {
        int bytes = picture.Format.BytesPerPixel(), across = 0, down = 0;
        for (int y = top; y < top + 8; y++)
            for (int x = left; x < left + 8; x++)
            {
                foreach (byte sample in picture.View.Row(y).Slice(x * bytes, Math.Min(bytes, 3)))
                    if (sample is 0 or 255)
                        return false;
                across += x > left && x < left + 7 && Math.Abs(2 * luma[y, x] - luma[y, x - 1] - luma[y, x + 1]) >= 2 ? 1 : 0;
                down += y > top && y < top + 7 && Math.Abs(2 * luma[y, x] - luma[y - 1, x] - luma[y + 1, x]) >= 2 ? 1 : 0;
            }
        return Math.Min(across, down) >= 4;
    }

    static float[] Residues(CpuKernelSet set, int[,] samples, int positions)
    {
        IntegerResidueOps ops = IntegerResidueOps.For(set);
        var plan = new SlidingDctPlan(64);
        AlignedFloats row = new(Pitch), transforms = new(64 * Pitch), sums = new(Pitch);
        float** rows = stackalloc float*[8];
        for (int y = 0; y < 8; y++)
        {
            for (int x = 0; x < positions + 7; x++)
                row.Span[x] = samples[y, x];
            ops.Level(row.Pointer, positions + 7, row.Pointer);
            rows[y] = transforms.Pointer + y * 8 * Pitch;
            ops.Horizontal(row.Pointer, plan, positions, rows[y], Pitch);
        }
        ops.Sum(rows, Pitch, plan, positions, sums.Pointer);
        GC.KeepAlive(row);
        GC.KeepAlive(transforms);
        return sums.Span[..positions].ToArray();
    }

    static double Reference(int[,] samples, int left)
    {
        double sum = 0;
        for (int v = 0; v < 8; v++)
            for (int u = 0; u < 8; u++)
            {
                double c = 0;
                for (int y = 0; y < 8; y++)
                    for (int x = 0; x < 8; x++)
                        c += (samples[y, left + x] - 128) * Basis(u, x) * Basis(v, y);
                double r = c - Math.Round(c);
                sum += r * r - 2 * r * r * r * r;
            }
        return sum;
    }

    static double Basis(int frequency, int i) => (frequency == 0 ? Math.Sqrt(0.125) : 0.5) * Math.Cos((2 * i + 1) * frequency * Math.PI / 16);
}
