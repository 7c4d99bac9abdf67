namespace JpegQualityEstimation.Maps;

// How a picture is fitted into a panel: averaged down where it is larger, enlarged by a whole factor where it is tiny.
// Panel pixel x covers source columns [Left(x), Left(x+1)), never fewer than one.
readonly struct PanelScale
{
    // Pictures smaller than this are enlarged up to it.
    const int Tiny = 240;

    public PanelScale(int sourceWidth, int sourceHeight, int maxWidth, int maxHeight)
    {
        SourceWidth = sourceWidth;
        SourceHeight = sourceHeight;
        double shrink = Math.Max(1, Math.Max((double)sourceWidth / maxWidth, (double)sourceHeight / maxHeight));
        int enlarge = Math.Max(1, Math.Min(Tiny, Math.Min(maxWidth, maxHeight)) / Math.Max(sourceWidth, sourceHeight));
        Width = Math.Max(1, (int)Math.Round(sourceWidth * enlarge / shrink));
        Height = Math.Max(1, (int)Math.Round(sourceHeight * enlarge / shrink));
    }

    public int SourceWidth { get; }

    public int SourceHeight { get; }

    public int Width { get; }

    public int Height { get; }

    public (int Start, int End) Columns(int x) => Cover(x, Width, SourceWidth);

    public (int Start, int End) Rows(int y) => Cover(y, Height, SourceHeight);

    static (int Start, int End) Cover(int index, int panel, int source)
    {
        int start = (int)((long)index * source / panel);
        int end = (int)((long)(index + 1) * source / panel);
        return (start, Math.Max(start + 1, end));
    }
}
