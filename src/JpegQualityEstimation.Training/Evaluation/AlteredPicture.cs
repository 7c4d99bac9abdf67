using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Training.Evaluation;

// AlteredPicture: what was read in one picture after one alteration; PrimaryCount: what was counted over its windows.

sealed record AlteredPicture(QualitySummary[] Qualities, PrimaryCount Told, PrimaryCount Found, bool Unchanged)
{
    /// <summary>The last of the qualities is of the picture as it never was compressed.</summary>
    public static AlterationEvaluation Summarize(string name, RobustnessEvaluationOptions options, AlteredPicture[] pictures)
    {
        return new AlterationEvaluation(
            name, [.. options.Qualities.Select((quality, k) => Quality(k, quality, quality))], Quality(options.Qualities.Count, 0, 100),
            PrimaryCount.Sum(pictures.Select(picture => picture.Told)).Figures(), PrimaryCount.Sum(pictures.Select(picture => picture.Found)).Figures(),
            pictures.All(picture => picture.Unchanged));

        AlteredQuality Quality(int at, int quality, int expected) => new(
            quality, pictures.Average(picture => Math.Abs(picture.Qualities[at].MeanQuality - expected)),
            pictures.Average(picture => picture.Qualities[at].MeanCompressed >= 0.5 ? 1.0 : 0),
            pictures.Average(picture => picture.Qualities[at].Verdict == QualityVerdict.Undetermined ? 1.0 : 0));
    }
}

sealed class PrimaryCount
{
    readonly PrimarySums answered = new();
    int pictures, read, right;
    long windows, undetermined;

    public void AddNone() => pictures++;

    /// <summary>Counts the windows of a picture.</summary>
    /// <param name="map">What was read.</param>
    /// <param name="first">First quality factor.</param>
    /// <param name="shift">Rows * 8 + columns cut off between the compressions.</param>
    /// <param name="right">Whether the second table and its grid are the true ones.</param>
    public void Add(PrimaryQuantMap map, int first, int shift, bool right)
    {
        pictures++;
        read++;
        this.right += right ? 1 : 0;
        int[] truth = Array.ConvertAll(QuantTable.StandardLuminance(first).ZigZagOrder()[..PrimarySums.Steps], step => (int)step);
        Span<int> steps = stackalloc int[PrimarySums.Steps];
        for (int y = 0; y < map.Height; y++)
        {
            for (int x = 0; x < map.Width; x++)
            {
                PrimaryQuantEstimate window = map[x, y];
                windows++;
                if (!window.Determined)
                {
                    undetermined++;
                    continue;
                }
                for (int k = 0; k < steps.Length; k++)
                    steps[k] = window.Steps[k];
                answered.Add(steps, truth, window.GridShift is { } found ? found.Row * 8 + found.Column == shift : null);
            }
        }
    }

    public static PrimaryCount Sum(IEnumerable<PrimaryCount> parts)
    {
        var sum = new PrimaryCount();
        foreach (PrimaryCount part in parts)
        {
            sum.pictures += part.pictures;
            sum.read += part.read;
            sum.right += part.right;
            sum.windows += part.windows;
            sum.undetermined += part.undetermined;
            sum.answered.Add(part.answered);
        }
        return sum;
    }

    public AlteredPrimary Figures()
    {
        PrimaryFigures? figures = answered.Figures();
        return new AlteredPrimary(
            (double)read / pictures, (double)right / pictures, windows, windows == 0 ? null : (double)undetermined / windows,
            figures?.Accuracy, figures?.Mse, figures?.PhaseFound);
    }
}
