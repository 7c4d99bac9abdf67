using System.Globalization;
using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Tool.Report;

// One statement of a report: what is said, how sure it is, and what it does not mean.
sealed record ReportFinding(string Topic, string Said, string Sure, string NotMeant);

// PlainWords: findings as sentences for somebody who was not there. Where nothing can be said, that is what is said.
static class PlainWords
{
    // First qualities of 98 and above share their 15 steps, all 1, with a picture that was compressed once.
    const int NoEarlierFrom = 98;

    // Below it the model holds other steps together for likelier than those it answers.
    const double LeastConfidence = 0.5;

    public static IReadOnlyList<ReportFinding> Of(PictureFindings findings)
    {
        var all = new List<ReportFinding> { Quality(findings), Last(findings), Earlier(findings) };
        if (findings.Regions is { } regions)
            all.Add(Parts(regions, findings.Primary!.Pooled));
        return all;
    }

    public static string Name(RegionSource source)
    {
        string name = source.Label == 0 ? "background" : Text($"region {source.Label}");
        return source.Kind == RegionSourceKind.NeverCompressed ? $"{name}, never compressed" : name;
    }

    static ReportFinding Quality(PictureFindings findings)
    {
        QualitySummary s = findings.Quality.Summary;
        (int low, int high) = Spread(findings.Quality);
        string flag = Text($"Flag {s.ReliableCompressed:0.00} on a scale from 0 (never JPEG) to 1 (JPEG). {s.ReliableShare:0%} of the pixels have enough texture to tell{(s.ReliableShare > 0 ? Text($"; nine of ten of them read between quality {low} and {high}") : "")}.");
        return s.Verdict switch
        {
            QualityVerdict.Jpeg => new("Traces in the pixels",
                Text($"The pixels were JPEG-compressed, on the whole at a quality of about {s.ReliableQuality:0} of 100."), flag,
                "It says nothing about who saved the picture, how often, or whether it was edited. The number is on libjpeg's scale; other programs count differently."),
            QualityVerdict.NeverCompressed => new("Traces in the pixels",
                findings.File.Jpeg is null
                    ? "No trace of JPEG compression is seen in the pixels."
                    : "The file is JPEG, but its pixels hardly show it: it was compressed at a very high quality.", flag,
                "It does not prove that the picture never was JPEG: quality 97 and above, resizing, strong noise or filtering leave the same impression."),
            _ => new("Traces in the pixels", "Nothing is said: the picture has too little texture, or its traces are ambiguous.", flag,
                "It is no sign of editing, and no sign of its absence."),
        };
    }

    // What nine of ten reliable pixels lie between.
    static (int Low, int High) Spread(QualityMap map)
    {
        var counts = new long[101];
        for (int i = 0; i < map.Reliability.Length; i++)
            if (map.Reliability[i] >= VerdictRule.ReliableFrom)
                counts[(int)Math.Round(Math.Clamp(map.Quality[i], 0, 100))]++;
        long all = counts.Sum();
        return (Quantile(0.05), Quantile(0.95));

        int Quantile(double share)
        {
            int quality = 0;
            for (long below = counts[0]; below < share * all && quality < 100; below += counts[quality])
                quality++;
            return quality;
        }
    }

    static ReportFinding Last(PictureFindings findings)
    {
        const string Topic = "Last compression";
        if (findings.File.Jpeg is { } jpeg)
        {
            return new(Topic, $"The file is JPEG. Its tables: {jpeg.Family.Name}.", "Read from the file, not estimated.",
                "Tables hint at the program that saved the file last; they can be imitated, and they tell nothing of earlier saves.");
        }
        LastCompressionEstimate last = findings.Last!;
        if (!last.IsDetected)
        {
            return new(Topic, "The pixels bear no trace of a JPEG compression that was the last thing done to them.",
                Text($"The best of 64 grids has a false-alarm number of {FalseAlarms(last)}; 10^-2 would be taken."),
                "Resizing, filtering or a change of colours after a compression hides it. Flat and clipped pictures cannot be told.");
        }
        string table = last.Source switch
        {
            TableSource.Standard => Text($"the standard table of quality {last.NearestQualityFactor}"),
            TableSource.Photoshop => "a table of Adobe Photoshop",
            TableSource.Measured => Text($"a table of its own, nearest to quality {last.NearestQualityFactor}"),
            TableSource.Completed => Text($"a table near to the standard one of quality {last.NearestQualityFactor}, some steps taken from that"),
            _ => "a table of which too few steps can be read",
        };
        string moved = last.GridOrigin == default ? ""
            : Text($" Its 8x8 grid begins at row {last.GridOrigin.Row}, column {last.GridOrigin.Column}: the picture was cropped, padded or moved since.");
        return new(Topic, $"The file is not JPEG, but its pixels were JPEG until they were saved losslessly; luminance had {table}.{moved}",
            Text($"False-alarm number of the grid {FalseAlarms(last)}: so many pictures without a grid would look like this. {last.AnsweredSteps} of 64 steps have evidence of their own."),
            "It does not tell when or why the file was saved in another format.");
    }

    static ReportFinding Earlier(PictureFindings findings)
    {
        const string Topic = "Compression before the last";
        if (findings.Primary is not { } map)
        {
            return new(Topic, "Nothing is said: the analysis could not be made.", $"Reason: {findings.PrimaryMissing?.Message}.",
                "It is no sign that there was no earlier compression.");
        }
        PrimaryQuantEstimate pooled = findings.Regions is { HasSeveralSources: true } several ? several.Sources[0].Primary : map.Pooled;
        string part = findings.Regions is { HasSeveralSources: true } ? "The larger part of the picture" : "The picture";
        if (!pooled.Determined)
            return new(Topic, "Nothing is said: no part of the picture can be read.", Text($"{map.DeterminedShare:0%} of the windows can be read."), "It is no sign that there was no earlier compression.");
        string sure = Text($"The model gives the 15 steps a mean probability of {pooled.Confidence:0.00} ({Probability(pooled.Confidence)}); {map.DeterminedShare:0%} of the windows can be read.");
        if (pooled.Confidence < LeastConfidence)
        {
            return new(Topic, "Nothing is said: the windows hardly show an earlier compression, or do not agree on one.", sure,
                "It is no sign that there was no earlier compression.");
        }
        if (pooled.QualityFactor >= NoEarlierFrom)
        {
            return new(Topic, "No earlier compression is seen: the steps read as 1, as after a single compression.", sure,
                "An earlier compression finer than the last one, or one on whose traces a much coarser one came, leaves nothing to read.");
        }
        string shift = pooled.GridShift switch
        {
            { Probability: >= 0.5f, IsAligned: true } s => Text($" Both grids lie on each other (probability {s.Probability:0.00}): it was saved again without cropping or moving."),
            { Probability: >= 0.5f } s => Text($" Its grid is shifted by {s.Row} rows and {s.Column} columns against the last one (probability {s.Probability:0.00}): it was cropped or moved in between."),
            _ => " How its grid lies is not clear.",
        };
        return new(Topic, Text($"{part} was JPEG-compressed before, with steps nearest to quality {pooled.QualityFactor}.{shift}"), sure,
            "Saving twice is common and innocent. The quality is that of the nearest standard table; the program may have used another.");
    }

    static ReportFinding Parts(RegionMap map, PrimaryQuantEstimate pooled)
    {
        const string Topic = "Parts from elsewhere";
        if (!map.HasSeveralSources)
        {
            if (!pooled.Determined || pooled.Confidence < LeastConfidence)
            {
                return new(Topic, "Nothing is said: too little of an earlier compression can be read to tell parts apart.",
                    "No group of windows differs with enough evidence.", "It is no sign that all parts are of one origin. The quality map looks at the last compression and may show parts.");
            }
            return new(Topic, "All parts that can be read agree with one history.", "No group of windows differs with enough evidence.",
                "A part from a picture of the same history, one smaller than about 64x64 pixels, or one in a flat area would not be seen. The quality map looks at the last compression and may differ.");
        }
        int count = map.Sources.Count - 1;
        RegionSource strongest = map.Sources.Skip(1).MaxBy(source => source.Evidence)!;
        return new(Topic, Text($"{count} part{(count == 1 ? " has" : "s have")} another compression history than the rest."),
            Text($"Strongest: {Name(strongest)}, {Evidence(strongest)}. The table of regions gives each."),
            "Another history means that the part was compressed differently before the last save. Pasting does that; so do some cameras' and programs' own compositions, borders and texts.");
    }

    public static string Said(RegionSource source)
    {
        string area = Text($"{source.Share:0.0%} of the pixels that can be read, within {source.Bounds.Width} x {source.Bounds.Height} pixels from column {source.Bounds.Left}, row {source.Bounds.Top}");
        if (source.Kind == RegionSourceKind.NeverCompressed)
            return $"{area}. No compression is seen here, beside parts that were JPEG.";
        string before = !source.Primary.Determined ? "What was before the last compression cannot be read"
            : source.Primary.QualityFactor >= NoEarlierFrom ? "No compression before the last one is seen"
            : Text($"Before the last compression: quality {source.Primary.QualityFactor}");
        string shift = source.Shift switch
        {
            { IsAligned: true } => ", grids on each other",
            { } s => Text($", grid shifted by {s.Row} rows, {s.Column} columns"),
            null => ", grid not clear",
        };
        return $"{area}. {before}{shift}.";
    }

    public static string Sure(RegionSource source) => source.Label == 0
        ? Text($"Windows belong to it with a mean probability of {source.Confidence:0.00} ({Probability(source.Confidence)}).")
        : Text($"{Upper(Evidence(source))}; its windows belong to it with a mean probability of {source.Confidence:0.00} ({Probability(source.Confidence)}).");

    public static string NotMeant(RegionSource source) => source.Kind switch
    {
        _ when source.Label == 0 => "The largest part, not necessarily the genuine one.",
        RegionSourceKind.NeverCompressed => "Never compressed is what drawn, generated or very finely compressed content looks like, too.",
        _ => "It does not say where the part comes from, nor whether it was put there to deceive.",
    };

    /// <summary>How many of 64 grids of a picture without one would look as this one does.</summary>
    public static string FalseAlarms(LastCompressionEstimate last) =>
        last.GridFalseAlarms < -100 ? "below 10^-100" : Text($"10^{last.GridFalseAlarms:0.0}");

    /// <summary>Words for a probability that a model gives.</summary>
    public static string Probability(double p) => p switch { >= 0.95 => "very high", >= 0.8 => "high", >= 0.5 => "moderate", _ => "low" };

    /// <summary>A likelihood ratio in words: ENFSI guideline for evaluative reporting (2015), table of verbal equivalents.</summary>
    public static string Evidence(double log10)
    {
        string words = log10 switch
        {
            < 0.3 => "no support",
            < 1 => "weak support",
            < 2 => "moderate support",
            < 3 => "moderately strong support",
            < 4 => "strong support",
            < 6 => "very strong support",
            _ => "extremely strong support",
        };
        return Text($"{words} for another source (likelihood ratio 10^{log10:0.0})");
    }

    /// <summary>
    /// The same of a source. A donor without a grid shift of its own differs by what the model reads of its steps alone, which can
    /// be wrong all over a part alike: moderate support at most, whatever the number.
    /// </summary>
    public static string Evidence(RegionSource source) => source is { Kind: RegionSourceKind.Donor, Shift: null, Evidence: >= 1 }
        ? Text($"moderate support at most for another source, since no grid of its own can be told (likelihood ratio by number 10^{source.Evidence:0.0})")
        : Evidence(source.Evidence);

    static string Upper(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
