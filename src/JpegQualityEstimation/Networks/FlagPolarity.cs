namespace JpegQualityEstimation.Networks;

/// <summary>What the second output of a weight file means. This library always says 1 = compressed.</summary>
public enum FlagPolarity
{
    /// <summary>As the file's metadata says (key <c>flag</c>, or <c>output1</c>); 1 = compressed where it is silent.</summary>
    FromMetadata,
    /// <summary>The file's second output is 1 for compressed pixels, as in the text of Uchida 2019.</summary>
    OneIsCompressed,
    /// <summary>The file's second output is 1 for never compressed pixels, as in the authors' published weights.</summary>
    OneIsNeverCompressed,
}
