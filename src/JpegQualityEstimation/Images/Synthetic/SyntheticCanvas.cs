namespace JpegQualityEstimation.Images;

// SyntheticCanvas: the red, green, blue planes (interleaved, 0..1, clipped at the end) that the layers of a
// synthetic picture are painted on, one after the other.

sealed class SyntheticCanvas
{
    readonly int _width;
    readonly int _height;
    readonly float[] _rgb;
    SyntheticRandom _random;

    public SyntheticCanvas(int width, int height, ulong seed)
    {
        _width = width;
        _height = height;
        _rgb = new float[checked(width * height * 3)];
        _random = new SyntheticRandom(SyntheticRandom.Mix(seed + 1));
    }

    public void Gradient()
    {
        Colour low = NextColour();
        Colour high = NextColour();
        double dx = _random.Next(-1, 1) / _width;
        double dy = _random.Next(-1, 1) / _height;
        for (int y = 0; y < _height; y++)
            for (int x = 0; x < _width; x++)
                Blend(x, y, Colour.Between(low, high, 0.5 + 0.5 * (dx * (2 * x - _width) + dy * (2 * y - _height))), 1);
    }

    public void Noise()
    {
        for (int c = 0; c < 3; c++)
        {
            float[] noise = SyntheticNoise.Create(_width, _height, _random.NextBits());
            for (int i = 0; i < noise.Length; i++)
                _rgb[3 * i + c] = 0.5f + 0.35f * noise[i];
        }
    }

    /// <summary>Leaves, <paramref name="depth"/> of them over every point on average; e^-depth of the ground stays bare.</summary>
    public void DeadLeaves(double depth)
    {
        float[] texture = SyntheticNoise.Create(_width, _height, _random.NextBits());
        double smallest = 2;
        double largest = Math.Max(4, Math.Min(_width, _height) / 4.0);
        // Density r^-3 on [a, b]: mean squared radius 2 ln(b/a) / (a^-2 - b^-2); the sum below is that, by halves.
        double octaves = 0;
        for (double r = smallest; r < largest; r *= 2)
            octaves += 0.6931471805599453;
        double meanArea = Math.PI * 2 * octaves / (1 / (smallest * smallest) - 1 / (largest * largest));
        long count = (long)(depth * _width * _height / meanArea) + 8;
        for (long i = 0; i < count; i++)
        {
            double u = _random.Next();
            double r = 1 / Math.Sqrt(u / (smallest * smallest) + (1 - u) / (largest * largest));
            Leaf(_random.Next(-r, _width + r), _random.Next(-r, _height + r), r, texture);
        }
    }

    /// <summary>Print: lines of strokes in a block that takes <paramref name="share"/> of the height, from below.</summary>
    public void Text(double share)
    {
        Colour ink = Colour.Between(new Colour(0, 0, 0), NextColour(), 0.2);
        int size = Math.Clamp(_height / 24, 8, 22);
        for (double top = _height * (1 - share) + size * 0.5; top + size < _height; top += size * 1.6)
            for (double left = size; left + size < _width; left += size * 0.75)
            {
                if (_random.Next(6) == 0)
                    continue;
                int strokes = 2 + _random.Next(3);
                for (int s = 0; s < strokes; s++)
                    Stroke(
                        left + size * 0.5 * _random.Next(2), top + size * 0.5 * _random.Next(3),
                        left + size * 0.5 * _random.Next(2), top + size * 0.5 * _random.Next(3), size / 14.0 + 0.5, ink);
            }
    }

    public void Paper()
    {
        Colour paper = new(_random.Next(0.88, 0.98), _random.Next(0.88, 0.98), _random.Next(0.85, 0.96));
        for (int y = 0; y < _height; y++)
            for (int x = 0; x < _width; x++)
                Blend(x, y, paper, 1);
    }

    public void Grain(double sigma)
    {
        for (int i = 0; i < _rgb.Length; i++)
            _rgb[i] += (float)(sigma * _random.NextNormal());
    }

    public void CopyTo(Span<byte> pixels)
    {
        for (int i = 0; i < _rgb.Length; i++)
            pixels[i] = (byte)(Math.Clamp(_rgb[i], 0f, 1f) * 255f + 0.5f);
    }

    void Leaf(double centreX, double centreY, double radius, float[] texture)
    {
        Colour colour = NextColour();
        double relief = _random.Next(3) == 0 ? 0 : _random.Next(0.02, 0.25);
        double shadeX = _random.Next(-0.25, 0.25) / radius;
        double shadeY = _random.Next(-0.25, 0.25) / radius;
        int offsetX = _random.Next(_width);
        int offsetY = _random.Next(_height);
        int left = (int)Math.Max(0, centreX - radius - 1);
        int top = (int)Math.Max(0, centreY - radius - 1);
        for (int y = top; y < _height && y <= centreY + radius + 1; y++)
            for (int x = left; x < _width && x <= centreX + radius + 1; x++)
            {
                double dx = x - centreX;
                double dy = y - centreY;
                double cover = radius + 0.5 - Math.Sqrt(dx * dx + dy * dy);
                if (cover <= 0)
                    continue;
                double light = 1 + shadeX * dx + shadeY * dy
                    + relief * texture[(y + offsetY) % _height * _width + (x + offsetX) % _width];
                Blend(x, y, colour.Times(light), Math.Min(1, cover));
            }
    }

    void Stroke(double x0, double y0, double x1, double y1, double halfWidth, Colour ink)
    {
        double dx = x1 - x0;
        double dy = y1 - y0;
        double squared = Math.Max(1e-9, dx * dx + dy * dy);
        int right = (int)Math.Min(_width - 1, Math.Max(x0, x1) + halfWidth + 1);
        int bottom = (int)Math.Min(_height - 1, Math.Max(y0, y1) + halfWidth + 1);
        for (int y = (int)Math.Max(0, Math.Min(y0, y1) - halfWidth - 1); y <= bottom; y++)
            for (int x = (int)Math.Max(0, Math.Min(x0, x1) - halfWidth - 1); x <= right; x++)
            {
                double t = Math.Clamp(((x - x0) * dx + (y - y0) * dy) / squared, 0, 1);
                double ex = x - x0 - t * dx;
                double ey = y - y0 - t * dy;
                double cover = halfWidth + 0.5 - Math.Sqrt(ex * ex + ey * ey);
                if (cover > 0)
                    Blend(x, y, ink, Math.Min(1, cover));
            }
    }

    void Blend(int x, int y, Colour colour, double cover)
    {
        Span<float> pixel = _rgb.AsSpan(3 * (y * _width + x), 3);
        pixel[0] += (float)((colour.Red - pixel[0]) * cover);
        pixel[1] += (float)((colour.Green - pixel[1]) * cover);
        pixel[2] += (float)((colour.Blue - pixel[2]) * cover);
    }

    /// <summary>Rather gray than saturated, as most of the world is.</summary>
    Colour NextColour()
    {
        double gray = _random.Next(0.08, 0.92);
        double tint = _random.Next() * _random.Next() * 0.8;
        Colour full = new(_random.Next(), _random.Next(), _random.Next());
        return Colour.Between(new Colour(gray, gray, gray), full, tint);
    }

    readonly record struct Colour(double Red, double Green, double Blue)
    {
        public Colour Times(double light) => new(Red * light, Green * light, Blue * light);

        public static Colour Between(Colour a, Colour b, double t) =>
            new(a.Red + (b.Red - a.Red) * t, a.Green + (b.Green - a.Green) * t, a.Blue + (b.Blue - a.Blue) * t);
    }
}
