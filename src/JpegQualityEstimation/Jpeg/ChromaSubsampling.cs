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
