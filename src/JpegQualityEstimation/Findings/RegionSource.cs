using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Findings;

/// <summary>One source of a picture: all regions that share a first compression. Immutable.</summary>
public sealed class RegionSource
{
    internal RegionSource(int label, RegionSourceKind kind, PrimaryQuantEstimate primary)
    {
        Label = label;
        Kind = kind;
        Primary = primary;
    }

    /// <summary>Its value in <see cref="RegionMap.WindowLabels"/>, and its place in <see cref="RegionMap.Sources"/>.</summary>
    public int Label { get; }

    /// <summary>What it is to the picture.</summary>
    public RegionSourceKind Kind { get; }

    /// <summary>Share of the picture's determined pixels, 0..1; the sources' shares sum to 1 where any pixel is determined.</summary>
    public double Share { get; internal init; }

    /// <summary>The smallest rectangle of pixels that holds all its regions.</summary>
    public PixelBox Bounds { get; internal init; }

    /// <summary>Mean of <see cref="RegionMap.WindowConfidence"/> over its windows, 0..1.</summary>
    public float Confidence { get; internal init; }

    /// <summary>
    /// log10 of the likelihood ratio of "another source" against "part of the background", for as many independent windows as
    /// fit into it, less log10 of the number of sources it was chosen from; 0 for the background. Where <see cref="Shift"/> is
    /// null it rests on steps alone, whose errors can be alike all over a part: it is bounded by how far they are from the
    /// others', and is not to be taken for more than moderate support.
    /// </summary>
    public double Evidence { get; internal init; }

    /// <summary>Its windows as one estimate: 15 steps, nearest quality factor, grid shift.</summary>
    public PrimaryQuantEstimate Primary { get; }

    /// <summary>Whether its first grid is that of the last compression; null where that cannot be told.</summary>
    public bool? IsAligned => Shift?.IsAligned;

    /// <summary>How its first grid lies; null where that cannot be told.</summary>
    public GridShift? Shift { get; internal init; }

    /// <summary>Mean quality of its pixels, 0..100, weighted by reliability; null without a quality map or a reliable pixel.</summary>
    public double? MeanQuality { get; internal init; }

    /// <summary>Mean compression flag of its pixels, 0..1, weighted by reliability; null as <see cref="MeanQuality"/>.</summary>
    public double? CompressedShare { get; internal init; }
}
