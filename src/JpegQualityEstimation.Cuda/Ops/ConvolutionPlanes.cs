namespace JpegQualityEstimation.Cuda.Ops;

/// <summary>Planes [Count,Height,Width] and which of their columns [Left, Right) and rows [Top, Bottom) a convolution makes.</summary>
readonly record struct ConvolutionPlanes(int Count, int Width, int Height, int Left, int Top, int Right, int Bottom)
{
    public static ConvolutionPlanes Whole(int count, int width, int height) => new(count, width, height, 0, 0, width, height);

    public long Pixels => (long)Count * Width * Height;

    public int MadePixels => checked(Count * (Right - Left) * (Bottom - Top));

    /// <summary>All but a margin of so many pixels.</summary>
    public ConvolutionPlanes Inset(int by) => this with { Left = by, Top = by, Right = Width - by, Bottom = Height - by };
}
