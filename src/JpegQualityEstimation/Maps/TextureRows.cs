using System.Buffers;
using System.Numerics;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Maps;

// Marks the textured pixels of one row after another (see TextureReliability): picture row y -> 0 or 1 a pixel, in 16 bits so that
// whole vectors of them are counted.
// Luma is held with its fraction (256 * Y, weights 77, 150, 29), so that gray and colour copies of a picture agree.
// Rows must be asked for one after the other, from any first one on; three rows of luma are kept.
sealed class TextureRows(int width) : IDisposable
{
    const int Curvature = TextureReliability.MinimumCurvature * 256;

    // Rented, hence longer than a row.
    int[] above = ArrayPool<int>.Shared.Rent(width);
    int[] here = ArrayPool<int>.Shared.Rent(width);
    int[] below = ArrayPool<int>.Shared.Rent(width);
    short[] clippedHere = ArrayPool<short>.Shared.Rent(width);
    short[] clippedBelow = ArrayPool<short>.Shared.Rent(width);
    int loaded = -1;

    public void Mark(PixelView picture, int y, Span<short> textured)
    {
        if (loaded < 0)
        {
            if (y > 0)
                Load(picture, y - 1);
            (here, below) = (below, here);
            Load(picture, y);
        }
        (above, here, below) = (here, below, above);
        (clippedHere, clippedBelow) = (clippedBelow, clippedHere);
        bool inner = y > 0 && y + 1 < picture.Height;
        if (y + 1 < picture.Height)
            Load(picture, y + 1);
        textured[0] = Textured(0, inner);
        int x = 1;
        int step = Vector<short>.Count, half = Vector<int>.Count;
        for (; x + step < textured.Length; x += step)
        {
            Vector<short> curved = Vector.Narrow(Curved(x, inner), Curved(x + half, inner));
            (Vector.AndNot(curved, new Vector<short>(clippedHere, x)) & Vector<short>.One).CopyTo(textured[x..]);
        }
        for (; x < textured.Length; x++)
            textured[x] = Textured(x, inner);
    }

    public void Dispose()
    {
        foreach (int[] row in (ReadOnlySpan<int[]>)[above, here, below])
            ArrayPool<int>.Shared.Return(row);
        ArrayPool<short>.Shared.Return(clippedHere);
        ArrayPool<short>.Shared.Return(clippedBelow);
    }

    // All bits where a pixel is curved; none of them is the first or the last.
    Vector<int> Curved(int x, bool inner)
    {
        Vector<int> centre = new(here, x), least = new(Curvature - 1);
        Vector<int> twice = centre + centre;
        Vector<int> curved = Vector.GreaterThan(Vector.Abs(twice - new Vector<int>(here, x - 1) - new Vector<int>(here, x + 1)), least);
        return inner ? curved | Vector.GreaterThan(Vector.Abs(twice - new Vector<int>(above, x) - new Vector<int>(below, x)), least) : curved;
    }

    short Textured(int x, bool inner)
    {
        int twice = 2 * here[x];
        bool curved = x > 0 && x + 1 < width && Math.Abs(twice - here[x - 1] - here[x + 1]) >= Curvature
            || inner && Math.Abs(twice - above[x] - below[x]) >= Curvature;
        return (short)(curved && clippedHere[x] == 0 ? 1 : 0);
    }

    void Load(PixelView picture, int y)
    {
        loaded = y;
        ReadOnlySpan<byte> row = picture.Row(y);
        int bytes = picture.Format.BytesPerPixel();
        if (bytes == 1)
        {
            for (int x = 0; x < width; x++)
            {
                int p = row[x];
                below[x] = p << 8;
                clippedBelow[x] = Clipped(p);
            }
            return;
        }
        bool blueFirst = picture.Format is PixelFormat.Bgr24 or PixelFormat.Bgra32;
        (int red, int blue) = blueFirst ? (29, 77) : (77, 29);
        Span<int> luma = below.AsSpan(0, width);
        Span<short> clipped = clippedBelow.AsSpan(0, width);
        for (int x = 0, at = 0; x < luma.Length && x < clipped.Length; x++, at += bytes)
        {
            int p = row[at], q = row[at + 1], r = row[at + 2];
            luma[x] = red * p + 150 * q + blue * r;
            clipped[x] = (short)(Clipped(p) & Clipped(q) & Clipped(r));
        }
    }

    // All bits for 0 and 255.
    static short Clipped(int sample) => (short)((uint)(sample - 1) >= 254 ? -1 : 0);
}
