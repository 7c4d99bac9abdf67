namespace JpegQualityEstimation.Images;

// PinnedPixels: a PixelView that threads and objects can hold. Whoever makes one keeps the bytes where they are for as
// long as it is used.
readonly unsafe struct PinnedPixels(byte* pixels, int length, int width, int height, int stride, PixelFormat format)
{
    public int Width => width;

    public int Height => height;

    public PixelView View => new(new ReadOnlySpan<byte>(pixels, length), width, height, stride, format);
}
