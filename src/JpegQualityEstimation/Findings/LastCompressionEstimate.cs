using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Findings;

/// <summary>How a picture was last JPEG-compressed, as far as its pixels tell. Immutable.</summary>
public sealed class LastCompressionEstimate
{
    readonly LastStep[] steps;

    internal LastCompressionEstimate(GridOrigin origin, double falseAlarms, bool detected, int blocks, LastStep[] steps, QuantTable? table, TableSource source, int? nearest)
    {
        this.steps = steps;
        IsDetected = detected;
        GridOrigin = origin;
        GridFalseAlarms = falseAlarms;
        Blocks = blocks;
        Table = table;
        Source = source;
        NearestQualityFactor = nearest;
    }

    /// <summary>Whether there is a grid at all; false: none, the picture bears no trace of a compression that was its last
    /// (never compressed, resampled or filtered since, or too small, flat or clipped to tell).</summary>
    public bool IsDetected { get; }

    /// <summary>Row and column of the first block corner; of no meaning where none is detected.</summary>
    public GridOrigin GridOrigin { get; }

    /// <summary>log10 of the number of false alarms of the grid: how many of 64 origins of a picture without a grid would be
    /// expected to look as quantized.</summary>
    public double GridFalseAlarms { get; }

    /// <summary>Blocks that the steps were read from: textured, not clipped, copies counted once.</summary>
    public int Blocks { get; }

    /// <summary>The 64 steps, natural order; "-" where there is no evidence.</summary>
    public ReadOnlySpan<LastStep> Steps => steps;

    /// <summary>The 64 steps in zig-zag order.</summary>
    public LastStep[] ZigZagSteps()
    {
        var zigZag = new LastStep[64];
        for (int k = 0; k < 64; k++)
            zigZag[k] = steps[ZigZag.ToNatural[k]];
        return zigZag;
    }

    /// <summary>Steps that have evidence.</summary>
    public int AnsweredSteps => steps.Count(step => step.Step is not null);

    /// <summary>Quality factor (1-100, libjpeg) of the standard luminance table that the evidence speaks for most; null without a step.</summary>
    public int? NearestQualityFactor { get; }

    /// <summary>Whether the table is the standard one of <see cref="NearestQualityFactor"/>: at least 8 steps answered, 90 % of them
    /// its own, the rest multiples of its own; or, after an earlier compression on the same grid, by the likelihood of both.</summary>
    public bool IsStandard => Source == TableSource.Standard;

    /// <summary>The whole luminance table, null where the answered steps do not make one.</summary>
    public QuantTable? Table { get; }

    /// <summary>Where <see cref="Table"/> comes from.</summary>
    public TableSource Source { get; }
}
