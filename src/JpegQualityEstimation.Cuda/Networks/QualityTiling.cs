namespace JpegQualityEstimation.Cuda.Networks;

/// <summary>A tile of a picture: columns [Left, Right) and rows [Top, Bottom).</summary>
readonly record struct PictureTile(int Left, int Top, int Right, int Bottom);

// QualityTiling: a picture cut into tiles of one size, so that one captured graph serves them all; those at the right and the
// bottom reach beyond the picture. Sizes are rounded up, by 16 below 256 pixels and by 64 above, so that pictures of similar
// sizes share a graph.
readonly record struct QualityTiling(int PictureWidth, int PictureHeight, int Width, int Height)
{
    public int Across => (PictureWidth + Width - 1) / Width;

    public int Count => Across * ((PictureHeight + Height - 1) / Height);

    public PictureTile this[int index]
    {
        get
        {
            int left = index % Across * Width, top = index / Across * Height;
            return new PictureTile(left, top, Math.Min(left + Width, PictureWidth), Math.Min(top + Height, PictureHeight));
        }
    }

    /// <param name="width">Of the picture.</param>
    /// <param name="height">Of the picture.</param>
    /// <param name="largest">Longest side of a tile, a multiple of 64, or of 16 up to 256.</param>
    public static QualityTiling Of(int width, int height, int largest) => new(width, height, Side(width, largest), Side(height, largest));

    static int Side(int length, int largest)
    {
        int parts = (length + largest - 1) / largest;
        int side = (length + parts - 1) / parts, step = side <= 256 ? 16 : 64;
        return (side + step - 1) / step * step;
    }
}
