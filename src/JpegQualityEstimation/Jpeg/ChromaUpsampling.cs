namespace JpegQualityEstimation.Jpeg;

// ChromaUpsampling: one full-resolution row of a subsampled component, as libjpeg's jdsample does it with
// "fancy upsampling" on: a triangle filter for 2x1, 2x2 and 1x2, plain replication for every other ratio and for
// components at most two samples wide.
//   2x1: (3 a + left + 1) >> 2, (3 a + right + 2) >> 2
//   2x2: s = 3 near + far (far: the row above for even output rows, below for odd); (3 s + left + 8) >> 4, (3 s + right + 7) >> 4
//   1x2: (3 near + far + 1) >> 2 for even output rows, + 2 for odd
// At the first and last column, and row, the missing neighbour is the sample itself (libjpeg writes that as
// special cases; the sums are the same).
static partial class ChromaUpsampling
{
    /// <summary>Whether libjpeg interpolates (true) or repeats (false).</summary>
    /// <param name="h">Horizontal ratio.</param>
    /// <param name="v">Vertical ratio.</param>
    /// <param name="width">Real width of the component in samples (libjpeg's downsampled_width).</param>
    public static bool IsFancy(int h, int v, int width) => (h, v) switch
    {
        (2, 1) or (2, 2) => width > 2,
        (1, 2) => true,
        _ => false,
    };

    /// <summary>Upsamples the row at <paramref name="near"/> (real samples only) into <paramref name="output"/>.</summary>
    public static void H2V1(ReadOnlySpan<byte> near, Span<byte> output) => JpegKernels.Default.UpsampleH2V1(near, output);

    /// <summary>Upsamples between two component rows; far is above for even output rows, below for odd ones.</summary>
    public static void H2V2(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, Span<byte> output) =>
        JpegKernels.Default.UpsampleH2V2(near, far, output);

    /// <summary>Interpolates vertically; bias is 1 for even output rows, 2 for odd ones.</summary>
    public static void H1V2(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, int bias, Span<byte> output) =>
        JpegKernels.Default.UpsampleH1V2(near, far, bias, output);

    /// <summary>Repeats every sample <paramref name="h"/> times.</summary>
    public static void Replicate(ReadOnlySpan<byte> near, int h, Span<byte> output)
    {
        for (int x = 0; x < output.Length; x++)
            output[x] = near[x / h];
    }

    /// <summary>Full-resolution row <paramref name="row"/> of a component.</summary>
    /// <param name="plane">The component; only its real samples are read.</param>
    /// <param name="h">Horizontal ratio, maximum factor / the component's factor.</param>
    /// <param name="v">Vertical ratio.</param>
    /// <param name="row">Row of the picture.</param>
    /// <param name="output">As many samples as the picture is wide.</param>
    public static void Row(ComponentPlane plane, int h, int v, int row, Span<byte> output)
    {
        int i = row / v;
        ReadOnlySpan<byte> near = plane.Row(i);
        if (!IsFancy(h, v, plane.Width))
        {
            Replicate(near, h, output);
            return;
        }
        if (v == 1)
        {
            H2V1(near, output);
            return;
        }
        bool odd = (row & 1) != 0;
        ReadOnlySpan<byte> far = plane.Row(odd ? Math.Min(i + 1, plane.Height - 1) : Math.Max(i - 1, 0));
        if (h == 2)
            H2V2(near, far, output);
        else
            H1V2(near, far, odd ? 2 : 1, output);
    }
}
