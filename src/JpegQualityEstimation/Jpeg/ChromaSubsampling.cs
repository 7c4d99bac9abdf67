namespace JpegQualityEstimation.Jpeg;

/// <summary>How the chroma planes are sampled relative to luma.</summary>
public enum ChromaSubsampling
{
    /// <summary>4:4:4, full chroma (luma 1x1).</summary>
    Samp444,
    /// <summary>4:2:2, chroma halved horizontally (luma 2x1).</summary>
    Samp422,
    /// <summary>4:2:0, chroma halved both ways (luma 2x2); libjpeg's default.</summary>
    Samp420,
    /// <summary>4:4:0, chroma halved vertically (luma 1x2).</summary>
    Samp440,
    /// <summary>One component only.</summary>
    Gray,
}

static class ChromaSubsamplingFactors
{
    /// <summary>Sampling factors of luma where chroma is 1x1: by how much chroma is downsampled.</summary>
    public static (int Horizontal, int Vertical) LumaFactors(this ChromaSubsampling subsampling) => subsampling switch
    {
        ChromaSubsampling.Samp444 or ChromaSubsampling.Gray => (1, 1),
        ChromaSubsampling.Samp422 => (2, 1),
        ChromaSubsampling.Samp420 => (2, 2),
        ChromaSubsampling.Samp440 => (1, 2),
        _ => throw new ArgumentOutOfRangeException(nameof(subsampling), subsampling, "not a chroma subsampling"),
    };
}
