using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Tool.Report;

// One map as it is shown: Kind is part of file names and of identifiers in the page.
sealed record ReportMap(string Kind, string Title, string Caption, ImageBuffer Image, ReportLegend Legend);

// What its colours mean: a ramp with labels at equal distances, single colours, or both; and what hatching means.
sealed record ReportLegend(string Unit, string Hatched)
{
    public ColourRamp? Ramp { get; init; }

    public IReadOnlyList<string> Labels { get; init; } = [];

    public IReadOnlyList<(Rgb Colour, string Text)> Swatches { get; init; } = [];
}
