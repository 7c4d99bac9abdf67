namespace JpegQualityEstimation.Maps;

/// <summary>What a quality map says about a picture, or a part of it, as a whole.</summary>
public enum QualityVerdict
{
    /// <summary>Too little texture to say, or a flag in the ambiguous band.</summary>
    Undetermined,
    /// <summary>It was JPEG-compressed at least once.</summary>
    Jpeg,
    /// <summary>It never was JPEG-compressed.</summary>
    NeverCompressed,
}
