namespace JpegQualityEstimation.Jpeg;

// ChromaDownsampling: averages h x v full-resolution samples to one, as libjpeg's jcsample does (no smoothing).
//   2x1: (a + b + {0,1,0,1,...}) >> 1      2x2: (a + b + c + d + {1,2,1,2,...}) >> 2
//   else: (sum + h v / 2) / (h v)
// The alternating bias keeps the mean unbiased. Rows must already be expanded to output length * h.
static partial class ChromaDownsampling
{
    public static void H2V1(ReadOnlySpan<byte> row, Span<byte> output) => JpegKernels.Default.DownsampleH2V1(row, output);

    public static void H2V2(ReadOnlySpan<byte> upper, ReadOnlySpan<byte> lower, Span<byte> output) =>
        JpegKernels.Default.DownsampleH2V2(upper, lower, output);

    public static void H1V2(ReadOnlySpan<byte> upper, ReadOnlySpan<byte> lower, Span<byte> output) =>
        JpegKernels.Default.DownsampleH1V2(upper, lower, output);

    /// <summary>Any integral ratio: <paramref name="v"/> rows, <paramref name="stride"/> bytes apart.</summary>
    public static void Box(ReadOnlySpan<byte> rows, int stride, int h, int v, Span<byte> output)
    {
        for (int x = 0; x < output.Length; x++)
        {
            int sum = h * v / 2;
            for (int r = 0; r < v; r++)
                for (int c = 0; c < h; c++)
                    sum += rows[r * stride + x * h + c];
            output[x] = (byte)(sum / (h * v));
        }
    }
}
