namespace JpegQualityEstimation.Jpeg;

// ChromaDownsampling: averages h x v full-resolution samples to one, as libjpeg's jcsample does (no smoothing).
//   2x1: (a + b + {0,1,0,1,...}) >> 1      2x2: (a + b + c + d + {1,2,1,2,...}) >> 2      1x2: (a + b + 1) >> 1
// The alternating bias keeps the mean unbiased. Rows must already be expanded to output length * h.
static partial class ChromaDownsampling
{
    /// <summary>Makes one row of a component from the full-resolution rows that belong to it.</summary>
    /// <param name="rows"><paramref name="v"/> rows, <paramref name="stride"/> apart, output.Length * h samples each.</param>
    /// <param name="stride">Samples from row to row.</param>
    /// <param name="h">Horizontal ratio, 1 or 2.</param>
    /// <param name="v">Vertical ratio, 1 or 2.</param>
    /// <param name="output">One row of the component.</param>
    /// <param name="kernels">Which kernels to run.</param>
    public static void Row(ReadOnlySpan<byte> rows, int stride, int h, int v, Span<byte> output, JpegKernels kernels)
    {
        switch (h, v)
        {
            case (1, 1):
                rows[..output.Length].CopyTo(output);
                break;
            case (2, 1):
                kernels.DownsampleH2V1(rows, output);
                break;
            case (2, 2):
                kernels.DownsampleH2V2(rows, rows[stride..], output);
                break;
            case (1, 2):
                kernels.DownsampleH1V2(rows, rows[stride..], output);
                break;
            default:
                throw new ArgumentException($"a ratio of {h}x{v}");
        }
    }

    /// <summary>Repeats the last of <paramref name="width"/> real samples to the end of the row.</summary>
    public static void ExpandRight(Span<byte> row, int width) => row[width..].Fill(row[width - 1]);
}
