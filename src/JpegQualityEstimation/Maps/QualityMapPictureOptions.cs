namespace JpegQualityEstimation.Maps;

/// <summary>How <see cref="QualityMapPicture"/> draws.</summary>
public sealed record QualityMapPictureOptions
{
    /// <summary>The options used where the caller gives none.</summary>
    public static QualityMapPictureOptions Default { get; } = new();

    /// <summary>Greatest width of the drawing in pixels, 640..16000, default 1600; larger pictures are averaged down.</summary>
    public int MaxWidth { get; init; } = 1600;

    /// <summary>Greatest height of one panel in pixels, 64..16000, default 1200.</summary>
    public int MaxPanelHeight { get; init; } = 1200;
}
