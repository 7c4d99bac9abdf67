namespace JpegQualityEstimation.Maps;

/// <summary>How <see cref="PrimaryQuantMapPicture"/> draws.</summary>
public sealed record PrimaryQuantMapPictureOptions
{
    /// <summary>The options used where the caller gives none.</summary>
    public static PrimaryQuantMapPictureOptions Default { get; } = new();

    /// <summary>Greatest width of the drawing in pixels, 640..16000, default 1600; larger pictures are averaged down.</summary>
    public int MaxWidth { get; init; } = 1600;

    /// <summary>Greatest height of one of the panels in pixels, 64..16000, default 800.</summary>
    public int MaxPanelHeight { get; init; } = 800;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxWidth, 640, "options");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxWidth, 16000, "options");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPanelHeight, 64, "options");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxPanelHeight, 16000, "options");
    }
}
