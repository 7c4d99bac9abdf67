using System.Runtime.Intrinsics;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Training;

// PatchCrop: a square of RGB values 0..255 as floats, and what a photograph may go through before it is compressed.
// pixels [side, side, 3]. Borders repeat the edge. Everything is in place and single-threaded, in a fixed order.

sealed class PatchCrop(int side)
{
    readonly float[] pixels = new float[side * side * 3];
    readonly float[] other = new float[side * side * 3];
    readonly float[] across = new float[side * side * 3];
    readonly float[] kernel = new float[BlurWeights.MaxRadius + 1];
    readonly ResampleTaps taps = new(side);
    float[] rows = [];

    public int Side => side;

    public ReadOnlySpan<float> Pixels => pixels;

    /// <summary>Copies the square at (x, y).</summary>
    public void Cut(ImageBuffer picture, int x, int y)
    {
        for (int row = 0; row < side; row++)
        {
            ReadOnlySpan<byte> from = picture.Pixels.AsSpan((y + row) * picture.Stride + 3 * x, 3 * side);
            Span<float> to = pixels.AsSpan(3 * side * row, 3 * side);
            int i = 0;
            for (; i <= to.Length - 16; i += 16)
            {
                (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.Create(from.Slice(i, 16)));
                Widened(low).CopyTo(to[i..]);
                Widened(high).CopyTo(to[(i + 8)..]);
            }
            for (; i < to.Length; i++)
                to[i] = from[i];
        }
    }

    /// <summary>Resamples the square of side / scale source pixels whose corner is at (x, y), antialiased where it shrinks.</summary>
    public void CutScaled(ImageBuffer picture, double x, double y, double scale, ResampleKernel shape)
    {
        taps.Set(x, scale, picture.Width, shape);
        int firstRow = Math.Max(0, (int)Math.Floor(y - taps.Support));
        int lastRow = Math.Min(picture.Height - 1, (int)Math.Ceiling(y + side / scale + taps.Support));
        int needed = (lastRow - firstRow + 1) * 3 * side;
        if (rows.Length < needed)
            rows = new float[needed];
        for (int row = firstRow; row <= lastRow; row++)
        {
            ReadOnlySpan<byte> from = picture.Pixels.AsSpan(row * picture.Stride, picture.Stride);
            Span<float> to = rows.AsSpan((row - firstRow) * 3 * side, 3 * side);
            for (int i = 0; i < side; i++)
            {
                float r = 0, g = 0, b = 0;
                ReadOnlySpan<float> weights = taps.Weights(i);
                ReadOnlySpan<byte> source = from[(3 * taps.First(i))..];
                for (int k = 0; k < weights.Length; k++)
                {
                    r += weights[k] * source[3 * k];
                    g += weights[k] * source[3 * k + 1];
                    b += weights[k] * source[3 * k + 2];
                }
                to[3 * i] = r;
                to[3 * i + 1] = g;
                to[3 * i + 2] = b;
            }
        }
        taps.Set(y, scale, picture.Height, shape);
        for (int i = 0; i < side; i++)
        {
            Span<float> to = pixels.AsSpan(3 * side * i, 3 * side);
            to.Clear();
            ReadOnlySpan<float> weights = taps.Weights(i);
            for (int k = 0; k < weights.Length; k++)
            {
                ReadOnlySpan<float> from = rows.AsSpan((taps.First(i) + k - firstRow) * 3 * side, 3 * side);
                for (int j = 0; j < to.Length; j++)
                    to[j] += weights[k] * from[j];
            }
        }
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = Math.Clamp(pixels[i], 0, 255);
    }

    /// <summary>One of the eight flips and quarter turns; 0 leaves the crop as it is.</summary>
    public void Turn(int which)
    {
        if (which == 0)
            return;
        for (int y = 0; y < side; y++)
        {
            for (int x = 0; x < side; x++)
            {
                int fromX = (which & 1) != 0 ? side - 1 - x : x;
                int fromY = (which & 2) != 0 ? side - 1 - y : y;
                if ((which & 4) != 0)
                    (fromX, fromY) = (fromY, fromX);
                pixels.AsSpan(3 * (fromY * side + fromX), 3).CopyTo(other.AsSpan(3 * (y * side + x), 3));
            }
        }
        other.CopyTo(pixels, 0);
    }

    /// <summary>Gaussian blur of standard deviation sigma, at most 3 pixels.</summary>
    public void Blur(double sigma)
    {
        if (sigma <= 0)
            return;
        BlurIntoOther(sigma);
        other.CopyTo(pixels, 0);
    }

    /// <summary>Unsharp mask: adds amount times the difference from a blur of one pixel.</summary>
    public void Sharpen(double amount)
    {
        BlurIntoOther(BlurWeights.OfSharpening);
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = Math.Clamp(pixels[i] + (float)amount * (pixels[i] - other[i]), 0, 255);
    }

    /// <summary>Adds noise of standard deviation sigma, one value a pixel or one a sample.</summary>
    public void AddNoise(CounterRandom random, float sigma, bool sameInAllChannels)
    {
        for (int i = 0; i < pixels.Length; i += 3)
        {
            float shared = sameInAllChannels ? random.NextNormal() : 0;
            for (int c = 0; c < 3; c++)
                pixels[i + c] = Math.Clamp(pixels[i + c] + sigma * (sameInAllChannels ? shared : random.NextNormal()), 0, 255);
        }
    }

    /// <summary>Multiplies by a factor and saturates.</summary>
    public void Expose(float factor)
    {
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = Math.Min(factor * pixels[i], 255);
    }

    /// <summary>Contrast around mid-gray, then brightness, saturation and gamma.</summary>
    public void Tone(float contrast, float brightness, float saturation, float gamma)
    {
        for (int i = 0; i < pixels.Length; i += 3)
        {
            float luma = Luma(i);
            for (int c = 0; c < 3; c++)
            {
                float value = luma + saturation * (pixels[i + c] - luma);
                value = contrast * (value - 127.5f) + 127.5f + brightness;
                pixels[i + c] = 255 * GammaCurve.Power(Math.Clamp(value, 0, 255) / 255, gamma);
            }
        }
    }

    /// <summary>Makes R = G = B = luma.</summary>
    public void Gray()
    {
        for (int i = 0; i < pixels.Length; i += 3)
            pixels.AsSpan(i, 3).Fill(Luma(i));
    }

    /// <summary>Rounds to bytes [side, side, 3].</summary>
    public void Store(Span<byte> bytes)
    {
        int i = 0;
        for (; i <= pixels.Length - 32; i += 32)
        {
            Vector256<ushort> low = Vector256.Narrow(Rounded(i), Rounded(i + 8)), high = Vector256.Narrow(Rounded(i + 16), Rounded(i + 24));
            Vector256.Narrow(low, high).CopyTo(bytes[i..]);
        }
        for (; i < pixels.Length; i++)
            bytes[i] = (byte)(Math.Clamp(pixels[i], 0, 255) + 0.5f);
    }

    static Vector256<float> Widened(Vector128<ushort> values)
    {
        (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(values);
        return Vector256.ConvertToSingle(Vector256.Create(low, high).AsInt32());
    }

    Vector256<uint> Rounded(int at) => Vector256.ConvertToInt32(
        Vector256.Min(Vector256.Max(Vector256.Create(pixels.AsSpan(at, 8)), Vector256<float>.Zero), Vector256.Create(255f)) + Vector256.Create(0.5f)).AsUInt32();

    float Luma(int i) => 0.299f * pixels[i] + 0.587f * pixels[i + 1] + 0.114f * pixels[i + 2];

    void BlurIntoOther(double sigma)
    {
        int radius = BlurWeights.Fill(sigma, kernel);
        Array.Clear(across);
        for (int y = 0; y < side; y++)
        {
            for (int x = 0; x < side; x++)
            {
                for (int k = -radius; k <= radius; k++)
                {
                    int at = 3 * (y * side + Math.Clamp(x + k, 0, side - 1));
                    for (int c = 0; c < 3; c++)
                        across[3 * (y * side + x) + c] += kernel[Math.Abs(k)] * pixels[at + c];
                }
            }
        }
        Array.Clear(other);
        for (int y = 0; y < side; y++)
        {
            Span<float> to = other.AsSpan(3 * side * y, 3 * side);
            for (int k = -radius; k <= radius; k++)
            {
                ReadOnlySpan<float> from = across.AsSpan(3 * side * Math.Clamp(y + k, 0, side - 1), 3 * side);
                for (int i = 0; i < to.Length; i++)
                    to[i] += kernel[Math.Abs(k)] * from[i];
            }
        }
    }
}
