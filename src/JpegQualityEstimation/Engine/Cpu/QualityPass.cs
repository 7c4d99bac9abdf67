using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Engine.Cpu;

/// <summary>A picture and the maps that are made of it, all pinned by the caller. Maps are counted from row 0, of which the caller may hold none.</summary>
readonly unsafe struct QualityPass
{
    readonly byte* pixels;
    readonly int bytes;
    readonly int stride;
    readonly PixelFormat format;

    public QualityPass(byte* pixels, PixelView picture, float* degradation, float* flag)
    {
        this.pixels = pixels;
        (bytes, stride, format) = (picture.Pixels.Length, picture.Stride, picture.Format);
        (Width, Height) = (picture.Width, picture.Height);
        Degradation = degradation;
        Flag = flag;
    }

    public int Width { get; }

    public int Height { get; }

    public float* Degradation { get; }

    public float* Flag { get; }

    public PixelView View => new(new ReadOnlySpan<byte>(pixels, bytes), Width, Height, stride, format);
}
