using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Maps;

// A small RGB drawing surface: filled rectangles, pixels, text. Whatever falls outside is cut off.
sealed class Canvas
{
    readonly ImageBuffer image;

    public Canvas(int width, int height, Rgb background)
    {
        image = new ImageBuffer(width, height, PixelFormat.Rgb24);
        Fill(0, 0, width, height, background);
    }

    public ImageBuffer Image => image;

    public void Set(int x, int y, Rgb colour)
    {
        if ((uint)x >= (uint)image.Width || (uint)y >= (uint)image.Height)
            return;
        Span<byte> pixel = image.Pixels.AsSpan(y * image.Stride + 3 * x, 3);
        (pixel[0], pixel[1], pixel[2]) = (colour.R, colour.G, colour.B);
    }

    public void Fill(int x, int y, int width, int height, Rgb colour)
    {
        for (int row = Math.Max(0, y); row < Math.Min(image.Height, y + height); row++)
            for (int column = Math.Max(0, x); column < Math.Min(image.Width, x + width); column++)
                Set(column, row, colour);
    }

    public void Text(int x, int y, string text, int scale, Rgb colour)
    {
        foreach (char character in text)
        {
            for (int row = 0; row < Glyphs.Height; row++)
                for (int column = 0; column < Glyphs.Width; column++)
                    if (Glyphs.Ink(character, column, row))
                        Fill(x + column * scale, y + row * scale, scale, scale, colour);
            x += Glyphs.Advance * scale;
        }
    }

    public static int TextWidth(string text, int scale) => Math.Max(0, text.Length * Glyphs.Advance - 1) * scale;

    public static int TextHeight(int scale) => Glyphs.Height * scale;
}
