using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Tool.Report;

// PictureFindings: all that the analyses say of one picture; what page and JSON are written from.
sealed record PictureFindings(string Path, FileFacts File, int Width, int Height, bool IsGray, QualityMap Quality)
{
    // What the pixels tell of the last compression; null for a JPEG file, whose table says it.
    public LastCompressionEstimate? Last { get; init; }

    public SecondTable? Second { get; init; }

    public PrimaryQuantMap? Primary { get; init; }

    public RegionMap? Regions { get; init; }

    // Why there is no Primary: a code and a sentence.
    public Failure? PrimaryMissing { get; init; }

    public required ReportOrigin Origin { get; init; }
}
