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

    /// <summary>Repeats every sample <paramref name="h"/> times.</summary>
    static void Replicate(ReadOnlySpan<byte> near, int h, Span<byte> output)
    {
        if (h == 1)
            near[..output.Length].CopyTo(output);
        else
            for (int x = 0; x < output.Length; x++)
                output[x] = near[x / h];
    }

    /// <summary>Makes row <paramref name="y"/> of the picture.</summary>
    /// <param name="h">Horizontal ratio.</param>
    /// <param name="v">Vertical ratio.</param>
    /// <param name="y">Row of the picture.</param>
    /// <param name="near">Real samples of component row y / v.</param>
    /// <param name="far">Real samples of component row <see cref="FarRow"/>; not looked at where that is the near one.</param>
    /// <param name="output">As many samples as the picture is wide.</param>
    /// <param name="kernels">Which kernels to run.</param>
    public static void Row(int h, int v, int y, ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, Span<byte> output, JpegKernels kernels)
    {
        if (!IsFancy(h, v, near.Length))
            Replicate(near, h, output);
        else if (v == 1)
            kernels.UpsampleH2V1(near, output);
        else if (h == 2)
            kernels.UpsampleH2V2(near, far, output);
        else
            kernels.UpsampleH1V2(near, far, 1 + (y & 1), output);
    }

    /// <summary>Component row that the triangle filter mixes into row <paramref name="y"/> of the picture.</summary>
    /// <param name="v">Vertical ratio.</param>
    /// <param name="y">Row of the picture.</param>
    /// <param name="height">Real rows of the component.</param>
    public static int FarRow(int v, int y, int height) =>
        v != 2 ? y / v : (y & 1) == 0 ? Math.Max(y / 2 - 1, 0) : Math.Min(y / 2 + 1, height - 1);
}
