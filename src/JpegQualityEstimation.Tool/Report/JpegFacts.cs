using System.Globalization;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Tool.Report;

// JpegFacts: how a JPEG file is built: frame, tables, sampling, markers.
sealed record JpegFacts(JpegHeader Header, IReadOnlyList<TableFacts> Tables, TableFamily Family, JpegMarkerWalk Markers)
{
    public string Frame => Markers.Markers.FirstOrDefault(marker => marker.Name.StartsWith("SOF", StringComparison.Ordinal)).Name switch
    {
        "SOF0" => "SOF0, baseline",
        "SOF1" => "SOF1, extended sequential",
        "SOF2" => "SOF2, progressive",
        string other => other,
        null => Header.Progressive ? "progressive" : "sequential",
    };

    public string Sampling => Header.Subsampling switch
    {
        ChromaSubsampling.Gray => "one component, no chroma",
        ChromaSubsampling.Samp444 => "4:4:4 (full chroma)",
        ChromaSubsampling.Samp422 => "4:2:2 (chroma halved across)",
        ChromaSubsampling.Samp420 => "4:2:0 (chroma halved both ways)",
        ChromaSubsampling.Samp440 => "4:4:0 (chroma halved down)",
        _ => string.Join(", ", Header.Components.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.HorizontalSampling}x{c.VerticalSampling}"))),
    };

    public static FileFacts AddTo(FileFacts facts, ReadOnlySpan<byte> file, string path)
    {
        JpegHeader header = JpegHeader.Read(file, path);
        var walk = new JpegMarkerWalk(file, path);
        return facts with
        {
            Jpeg = new JpegFacts(header, TableFacts.Of(header, walk), TableFamily.Of(header), walk),
            Metadata = walk.Metadata,
            Thumbnails = walk.Thumbnails,
            Trailing = walk.HasEnd ? TrailingData.Of(file, walk.End) : null,
        };
    }
}
