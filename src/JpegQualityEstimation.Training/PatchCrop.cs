using System.Runtime.Intrinsics;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Training;

// PatchCrop: a square of RGB values 0..255 as floats, and what a photograph may go through before it is compressed.
// pixels [side, side, 3]. Borders repeat the edge. Single-threaded, in a fixed order, without contraction: the same bits
// whatever the vector width.

sealed class PatchCrop(int side)
{
    readonly float[] across = new float[side * side * 3];
    readonly float[] kernel = new float[2 * BlurWeights.MaxRadius + 1];
    readonly int[] starts = new int[2 * BlurWeights.MaxRadius + 1];
    readonly ResampleTaps taps = new(side);
    readonly ScaledRow scaledRow = new();
    float[] pixels = new float[side * side * 3];
    float[] other = new float[side * side * 3];
    float[] line = new float[3 * (side + 2 * BlurWeights.MaxRadius)];
    float[] rows = [];

    public int Side => side;

    public ReadOnlySpan<float> Pixels => pixels;

    /// <summary>Copies the square at (x, y).</summary>
    public void Cut(ImageBuffer picture, int x, int y)
    {
        for (int row = 0; row < side; row++)
        {
            PictureRows.AskAhead(picture.Pixels, picture.Stride, (y + row) * picture.Stride + 3 * x, 3 * side);
            Widen(picture.Pixels.AsSpan((y + row) * picture.Stride + 3 * x, 3 * side), pixels.AsSpan(3 * side * row, 3 * side));
        }
    }

    /// <summary>Resamples the square of side / scale source pixels whose corner is at (x, y), antialiased where it shrinks.</summary>
    public void CutScaled(ImageBuffer picture, double x, double y, double scale, ResampleKernel shape)
    {
        taps.Set(x, scale, picture.Width, shape);
        int firstRow = Math.Max(0, (int)Math.Floor(y - taps.Support));
        int lastRow = Math.Min(picture.Height - 1, (int)Math.Ceiling(y + side / scale + taps.Support));
        // A pixel is stored as four floats, the last of which the next pixel overwrites.
        int needed = (lastRow - firstRow + 1) * 3 * side + 1;
        if (rows.Length < needed)
            rows = new float[needed];
        int firstColumn = taps.First(0), columns = taps.First(side - 1) + taps.Weights(side - 1).Length - firstColumn;
        if (line.Length < 3 * columns + ScaledRow.Slack)
            line = new float[3 * columns + ScaledRow.Slack];
        bool many = scaledRow.Set(taps, side, firstColumn);
        for (int row = firstRow; row <= lastRow; row++)
        {
            PictureRows.AskAhead(picture.Pixels, picture.Stride, row * picture.Stride + 3 * firstColumn, 3 * columns);
            Widen(picture.Pixels.AsSpan(row * picture.Stride + 3 * firstColumn, 3 * columns), line);
            Span<float> to = rows.AsSpan((row - firstRow) * 3 * side, 3 * side + 1);
            if (many)
            {
                scaledRow.Apply(line, to);
                continue;
            }
            for (int i = 0; i < side; i++)
            {
                ReadOnlySpan<float> weights = taps.Weights(i);
                ReadOnlySpan<float> source = line.AsSpan(3 * (taps.First(i) - firstColumn), 3 * weights.Length + 1);
                Vector128<float> sum = Vector128<float>.Zero;
                for (int k = 0; k < weights.Length; k++)
                    sum += Vector128.Create(weights[k]) * Vector128.Create(source[(3 * k)..]);
                sum.CopyTo(to[(3 * i)..]);
            }
        }
        taps.Set(y, scale, picture.Height, shape);
        Span<int> from = stackalloc int[taps.Most];
        for (int i = 0; i < side; i++)
        {
            ReadOnlySpan<float> weights = taps.Weights(i);
            for (int k = 0; k < weights.Length; k++)
                from[k] = (taps.First(i) + k - firstRow) * 3 * side;
            Blend(weights, rows, from, pixels.AsSpan(3 * side * i, 3 * side));
        }
        Clamp(pixels);
    }

    /// <summary>One of the eight flips and quarter turns; 0 leaves the crop as it is.</summary>
    public void Turn(int which)
    {
        if (which == 0)
            return;
        PatchTurn.Apply(pixels, side, which, other);
        (pixels, other) = (other, pixels);
    }

    /// <summary>Gaussian blur of standard deviation sigma, at most 3 pixels.</summary>
    public void Blur(double sigma)
    {
        if (sigma <= 0)
            return;
        BlurIntoOther(sigma);
        (pixels, other) = (other, pixels);
    }

    /// <summary>Unsharp mask: adds amount times the difference from a blur of one pixel.</summary>
    public void Sharpen(double amount)
    {
        BlurIntoOther(BlurWeights.OfSharpening);
        float gain = (float)amount;
        int i = 0;
        for (; i <= pixels.Length - 8; i += 8)
        {
            Vector256<float> value = Vector256.Create(pixels.AsSpan(i, 8));
            (value + Vector256.Create(gain) * (value - Vector256.Create(other.AsSpan(i, 8)))).CopyTo(pixels, i);
        }
        for (; i < pixels.Length; i++)
            pixels[i] += gain * (pixels[i] - other[i]);
        Clamp(pixels);
    }

    /// <summary>Adds noise of standard deviation sigma, one value a pixel or one a sample.</summary>
    public void AddNoise(CounterRandom random, float sigma, bool sameInAllChannels)
    {
        Span<float> normals = across.AsSpan(0, sameInAllChannels ? pixels.Length / 3 : pixels.Length);
        random.FillNormal(normals);
        if (sameInAllChannels)
        {
            int i = 0;
            for (; Vector512.IsHardwareAccelerated && i <= normals.Length - 16; i += 16)
            {
                Vector512<float> shared = sigma * Vector512.Create((ReadOnlySpan<float>)normals.Slice(i, 16));
                Span<float> to = pixels.AsSpan(3 * i, 48);
                (Vector512.Create((ReadOnlySpan<float>)to) + Vector512.Shuffle(shared, Vector512.Create(0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5))).CopyTo(to);
                (Vector512.Create((ReadOnlySpan<float>)to[16..]) + Vector512.Shuffle(shared, Vector512.Create(5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 8, 9, 9, 9, 10, 10))).CopyTo(to[16..]);
                (Vector512.Create((ReadOnlySpan<float>)to[32..]) + Vector512.Shuffle(shared, Vector512.Create(10, 11, 11, 11, 12, 12, 12, 13, 13, 13, 14, 14, 14, 15, 15, 15))).CopyTo(to[32..]);
            }
            for (; i < normals.Length; i++)
            {
                float shared = sigma * normals[i];
                pixels[3 * i] += shared;
                pixels[3 * i + 1] += shared;
                pixels[3 * i + 2] += shared;
            }
        }
        else
        {
            int i = 0;
            for (; i <= pixels.Length - 8; i += 8)
                (Vector256.Create(pixels.AsSpan(i, 8)) + Vector256.Create(sigma) * Vector256.Create((ReadOnlySpan<float>)normals.Slice(i, 8))).CopyTo(pixels, i);
            for (; i < pixels.Length; i++)
                pixels[i] += sigma * normals[i];
        }
        Clamp(pixels);
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
        // A pixel as four floats, the last of which is the next one's: stored, and then overwritten by what it was.
        int last = pixels.Length - 3;
        Vector128<float> gray = Vector128.Create(127.5f), bright = Vector128.Create(brightness);
        Vector128<float> next = Vector128.Create(pixels[0], pixels[1], pixels[2], 0);
        for (int i = 0; i < last; i += 3)
        {
            Vector128<float> pixel = next, luma = Vector128.Create(Luma(pixel));
            next = i + 3 < last ? Vector128.Create(pixels.AsSpan(i + 3, 4)) : Vector128.Create(pixels[last], pixels[last + 1], pixels[last + 2], 0);
            Toned(pixel, luma).CopyTo(pixels, i);
        }
        Vector128<float> end = Toned(next, Vector128.Create(Luma(next)));
        (pixels[last], pixels[last + 1], pixels[last + 2]) = (end[0], end[1], end[2]);
        Clamp(pixels);
        for (int i = 0; i <= pixels.Length - 8; i += 8)
            (Vector256.Create(pixels.AsSpan(i, 8)) / Vector256.Create(255f)).CopyTo(pixels, i);
        for (int i = pixels.Length & ~7; i < pixels.Length; i++)
            pixels[i] /= 255;
        GammaCurve.Power(pixels, gamma);
        ScaledFloats.Apply(pixels, 255, pixels);

        Vector128<float> Toned(Vector128<float> pixel, Vector128<float> luma)
        {
            Vector128<float> value = luma + saturation * (pixel - luma);
            return contrast * (value - gray) + gray + bright;
        }
    }

    /// <summary>Makes R = G = B = luma.</summary>
    public void Gray()
    {
        for (int i = 0; i < pixels.Length; i += 3)
            pixels[i] = pixels[i + 1] = pixels[i + 2] = Luma(i);
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

    static void Widen(ReadOnlySpan<byte> from, Span<float> to)
    {
        int i = 0;
        for (; i <= from.Length - 16; i += 16)
        {
            (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.Create(from.Slice(i, 16)));
            Widened(low).CopyTo(to[i..]);
            Widened(high).CopyTo(to[(i + 8)..]);
        }
        for (; i < from.Length; i++)
            to[i] = from[i];
    }

    static Vector256<float> Widened(Vector128<ushort> values)
    {
        (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(values);
        return Vector256.ConvertToSingle(Vector256.Create(low, high).AsInt32());
    }

    Vector256<uint> Rounded(int at) => Vector256.ConvertToInt32(
        Vector256.Min(Vector256.Max(Vector256.Create(pixels.AsSpan(at, 8)), Vector256<float>.Zero), Vector256.Create(255f)) + Vector256.Create(0.5f)).AsUInt32();

    static float Luma(Vector128<float> pixel) => 0.299f * pixel[0] + 0.587f * pixel[1] + 0.114f * pixel[2];

    float Luma(int i) => 0.299f * pixels[i] + 0.587f * pixels[i + 1] + 0.114f * pixels[i + 2];

    void BlurIntoOther(double sigma)
    {
        int radius = BlurWeights.Fill(sigma, kernel), width = 3 * side;
        int taps = 2 * radius + 1;
        for (int k = radius; k >= 0; k--)
            kernel[radius + k] = kernel[k];
        for (int k = 0; k < radius; k++)
            kernel[k] = kernel[taps - 1 - k];
        for (int k = 0; k < taps; k++)
            starts[k] = 3 * k;
        for (int y = 0; y < side; y++)
        {
            ReadOnlySpan<float> row = pixels.AsSpan(width * y, width);
            for (int k = 0; k < radius; k++)
            {
                row[..3].CopyTo(line.AsSpan(3 * k));
                row[^3..].CopyTo(line.AsSpan(3 * (radius + side + k)));
            }
            row.CopyTo(line.AsSpan(3 * radius));
            Blend(kernel.AsSpan(0, taps), line, starts, across.AsSpan(width * y, width));
        }
        for (int y = 0; y < side; y++)
        {
            for (int k = 0; k < taps; k++)
                starts[k] = width * Math.Clamp(y + k - radius, 0, side - 1);
            Blend(kernel.AsSpan(0, taps), across, starts, other.AsSpan(width * y, width));
        }
    }

    // to[i] = sum over k, in its order, of weights[k] * from[starts[k] + i].
    static void Blend(ReadOnlySpan<float> weights, float[] from, ReadOnlySpan<int> starts, Span<float> to)
    {
        int i = 0;
        for (; Vector512.IsHardwareAccelerated && i <= to.Length - 32; i += 32)
        {
            Vector512<float> a = Vector512<float>.Zero, b = a;
            for (int k = 0; k < weights.Length; k++)
            {
                ReadOnlySpan<float> source = from.AsSpan(starts[k] + i, 32);
                Vector512<float> weight = Vector512.Create(weights[k]);
                a += weight * Vector512.Create(source);
                b += weight * Vector512.Create(source[16..]);
            }
            a.CopyTo(to[i..]);
            b.CopyTo(to[(i + 16)..]);
        }
        for (; i <= to.Length - 16; i += 16)
        {
            Vector256<float> a = Vector256<float>.Zero, b = a;
            for (int k = 0; k < weights.Length; k++)
            {
                ReadOnlySpan<float> source = from.AsSpan(starts[k] + i, 16);
                Vector256<float> weight = Vector256.Create(weights[k]);
                a += weight * Vector256.Create(source);
                b += weight * Vector256.Create(source[8..]);
            }
            a.CopyTo(to[i..]);
            b.CopyTo(to[(i + 8)..]);
        }
        for (; i < to.Length; i++)
        {
            float sum = 0;
            for (int k = 0; k < weights.Length; k++)
                sum += weights[k] * from[starts[k] + i];
            to[i] = sum;
        }
    }

    static void Clamp(Span<float> values)
    {
        int i = 0;
        for (; i <= values.Length - 8; i += 8)
            Vector256.Min(Vector256.Max(Vector256.Create(values.Slice(i, 8)), Vector256<float>.Zero), Vector256.Create(255f)).CopyTo(values[i..]);
        for (; i < values.Length; i++)
            values[i] = Math.Clamp(values[i], 0, 255);
    }
}
