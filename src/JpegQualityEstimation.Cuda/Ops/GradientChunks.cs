namespace JpegQualityEstimation.Cuda.Ops;

/// <summary>How the pixels of a batch are cut for the sums over them: by the batch alone, so that every device adds alike.</summary>
/// <param name="Count">Chunks.</param>
/// <param name="Pixels">Of each but the last, which may have fewer.</param>
/// <param name="Stride">Floats from one chunk's sums to the next one's.</param>
readonly record struct GradientChunks(int Count, int Pixels, long Stride)
{
    const int Most = 128;
    const int LeastPixels = 256;
    const int Run = 16;

    public static GradientChunks Of(long pixels, long stride)
    {
        int each = checked((int)Math.Max(LeastPixels, ((pixels + Most - 1) / Most + 31) / 32 * 32));
        return new GradientChunks((int)((pixels + each - 1) / each), each, stride);
    }

    /// <summary>Runs of 16 pixels of a row that each chunk but the last has where they are counted in place of pixels.</summary>
    public int Runs(in ConvolutionPlanes planes)
    {
        long all = (long)planes.Count * planes.Height * ((planes.Width + Run - 1) / Run);
        return (int)((all + Count - 1) / Count);
    }
}
