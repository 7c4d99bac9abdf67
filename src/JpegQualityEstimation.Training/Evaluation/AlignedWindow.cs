using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Training.Evaluation;

// AlignedWindow: the luminance coefficients that baselines of aligned double compression read from a 64x64 window.
//   twice:   the 64 blocks of the common grid, levels of the second table
//   once:    the 49 blocks of the window cropped by 4 pixels, which stand for a picture that was never compressed, as
//            levels of the second table
//   Recompress(q1): the same 49 blocks after a compression with q1 in every coefficient, back in samples
// Samples are rounded luma, which is what the second decompression had before it went to RGB. Integer DCT of libjpeg.

sealed class AlignedWindow
{
    public const int Blocks = 64, CroppedBlocks = 49;

    const int Side = PrimaryWindows.Side, Crop = 4, CroppedColumns = 7;

    readonly float[] exact = new float[Side * Side];
    readonly byte[] luma = new byte[Side * Side];

    // [block,64] natural, 8 times the DCT.
    readonly short[] twice = new short[Blocks * Dct8x8.Size];
    readonly short[] cropped = new short[CroppedBlocks * Dct8x8.Size];
    readonly short[] recompressed = new short[CroppedBlocks * Dct8x8.Size];

    /// <summary>Takes a window [64,64,3] RGB.</summary>
    public void Load(ReadOnlySpan<byte> window)
    {
        LumaRows.Convert(new PixelView(window, Side, Side, PixelFormat.Rgb24), exact, Side);
        for (int i = 0; i < luma.Length; i++)
            luma[i] = (byte)Math.Clamp((int)MathF.Round(exact[i]), 0, 255);
        for (int b = 0; b < Blocks; b++)
            Dct8x8.Forward(luma.AsSpan(b / 8 * 8 * Side + b % 8 * 8), Side, twice.AsSpan(b * 64, 64));
        for (int b = 0; b < CroppedBlocks; b++)
        {
            int at = (b / CroppedColumns * 8 + Crop) * Side + b % CroppedColumns * 8 + Crop;
            Dct8x8.Forward(luma.AsSpan(at), Side, cropped.AsSpan(b * 64, 64));
        }
    }

    /// <summary>Compresses the cropped blocks with one step for all coefficients and decompresses them.</summary>
    public void Recompress(int step)
    {
        Span<short> block = stackalloc short[64];
        Span<byte> samples = stackalloc byte[64];
        for (int b = 0; b < CroppedBlocks; b++)
        {
            Span<short> from = cropped.AsSpan(b * 64, 64);
            for (int i = 0; i < 64; i++)
                block[i] = (short)(Level(from[i], step) * step);
            Dct8x8.Inverse(block, samples, 8);
            Dct8x8.Forward(samples, 8, recompressed.AsSpan(b * 64, 64));
        }
    }

    /// <summary>Levels of coefficient k (zig-zag) in the 64 blocks.</summary>
    public void Twice(int k, int step, Span<int> levels) => Levels(twice, k, step, levels[..Blocks]);

    /// <summary>Levels of coefficient k (zig-zag) in the 49 cropped blocks.</summary>
    public void Once(int k, int step, Span<int> levels) => Levels(cropped, k, step, levels[..CroppedBlocks]);

    /// <summary>Levels of coefficient k (zig-zag) in the 49 cropped blocks as last recompressed.</summary>
    public void Simulated(int k, int step, Span<int> levels) => Levels(recompressed, k, step, levels[..CroppedBlocks]);

    static void Levels(short[] coefficients, int k, int step, Span<int> levels)
    {
        int at = ZigZag.ToNatural[k];
        for (int b = 0; b < levels.Length; b++)
            levels[b] = Level(coefficients[b * 64 + at], step);
    }

    // 8 times a coefficient to its level, halves away from zero.
    static int Level(int coefficient, int step)
    {
        int level = (Math.Abs(coefficient) + 4 * step) / (8 * step);
        return coefficient < 0 ? -level : level;
    }
}
