using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Maps;

// Marks the textured pixels of one row after another (see TextureReliability): picture row y -> 0/1 a pixel.
// Luma is held with its fraction (256 * Y, weights 77, 150, 29), so that gray and colour copies of a picture agree.
// Rows must be asked for one after the other, from any first one on; three rows of luma are kept.
sealed class TextureRows(int width)
{
    const int Curvature = TextureReliability.MinimumCurvature * 256;

    int[] above = new int[width];
    int[] here = new int[width];
    int[] below = new int[width];
    byte[] clippedHere = new byte[width];
    byte[] clippedBelow = new byte[width];
    int loaded = -1;

    public void Mark(PixelView picture, int y, Span<byte> textured)
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
        for (int x = 0; x < textured.Length; x++)
        {
            int twice = 2 * here[x];
            bool curved = x > 0 && x + 1 < here.Length && Math.Abs(twice - here[x - 1] - here[x + 1]) >= Curvature
                || inner && Math.Abs(twice - above[x] - below[x]) >= Curvature;
            textured[x] = (byte)(curved ? 1 - clippedHere[x] : 0);
        }
    }

    void Load(PixelView picture, int y)
    {
        loaded = y;
        ReadOnlySpan<byte> row = picture.Row(y);
        int bytes = picture.Format.BytesPerPixel();
        if (bytes == 1)
        {
            for (int x = 0; x < below.Length; x++)
                (below[x], clippedBelow[x]) = (row[x] << 8, Clipped(row[x]));
            return;
        }
        bool blueFirst = picture.Format is PixelFormat.Bgr24 or PixelFormat.Bgra32;
        (int red, int blue) = blueFirst ? (29, 77) : (77, 29);
        for (int x = 0; x < below.Length; x++)
        {
            ReadOnlySpan<byte> p = row.Slice(x * bytes, 3);
            below[x] = red * p[0] + 150 * p[1] + blue * p[2];
            clippedBelow[x] = (byte)(Clipped(p[0]) & Clipped(p[1]) & Clipped(p[2]));
        }
    }

    static byte Clipped(byte sample) => (byte)(sample is 0 or 255 ? 1 : 0);
}
