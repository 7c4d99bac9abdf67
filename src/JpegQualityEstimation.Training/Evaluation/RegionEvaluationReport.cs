using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Training.Evaluation;

/// <summary>All numbers of an evaluation of finders of regions.</summary>
/// <param name="Pictures">Never-compressed pictures in use.</param>
/// <param name="DataManifest">SHA-256 over names and hashes of the pictures.</param>
/// <param name="Seed">Where splices came from.</param>
/// <param name="Subsampling">Chroma sampling of all compressions.</param>
/// <param name="PicturesPerScenario">Pictures made for each scenario.</param>
/// <param name="Finders">One entry a finder.</param>
public sealed record RegionEvaluationReport(
    int Pictures, string DataManifest, ulong Seed, ChromaSubsampling Subsampling, int PicturesPerScenario, IReadOnlyList<RegionFinderEvaluation> Finders)
{
    /// <summary>Splices with what every finder says of them.</summary>
    internal IReadOnlyList<RegionPicture> Figures { get; init; } = [];
}

/// <summary>The numbers of one finder.</summary>
/// <param name="Name">The finder.</param>
/// <param name="Sha256">Hash of its weight file; empty where there is none.</param>
/// <param name="TellsSources">Whether it tells sources apart.</param>
/// <param name="Spliced">Spliced pictures by grids and last quality.</param>
/// <param name="Genuine">Genuine pictures by last quality.</param>
/// <param name="Areas">Donors by their share of the picture, each kind of grids apart; empty where sources are not told apart.</param>
/// <param name="Scenarios">One entry a scenario that it was asked about.</param>
public sealed record RegionFinderEvaluation(
    string Name, string Sha256, bool TellsSources, IReadOnlyList<RegionGroup> Spliced, IReadOnlyList<RegionGroup> Genuine,
    IReadOnlyList<RegionArea> Areas, IReadOnlyList<RegionScenarioEvaluation> Scenarios)
{
    internal static RegionFinderEvaluation Of(EvaluatedRegionFinder finder, IReadOnlyList<RegionScore> scores)
    {
        RegionScore[] spliced = [.. scores.Where(score => !score.Scenario.IsGenuine)];
        return new RegionFinderEvaluation(
            finder.Name, finder.Sha256, finder.TellsSources,
            [
                .. from score in spliced
                   group score by (score.Scenario.Grids, score.Scenario.Last) into part
                   orderby part.Key
                   select new RegionGroup(part.Key.Grids, part.Key.Last, RegionFigures.Of(part, finder.TellsSources)),
            ],
            [
                .. from score in scores
                   where score.Scenario.IsGenuine
                   group score by score.Scenario.Last into part
                   orderby part.Key
                   select new RegionGroup(null, part.Key, RegionFigures.Of(part, finder.TellsSources)),
            ],
            [
                .. from band in finder.TellsSources ? RegionSplice.Bands : []
                   from score in spliced
                   from donor in score.Donors
                   where donor.Share >= band.From && donor.Share < band.To
                   group donor by (score.Scenario.Grids, band.From, band.To) into part
                   orderby part.Key
                   select new RegionArea(part.Key.Grids, part.Key.From, part.Key.To, part.Count(), part.Average(d => d.F1), part.Average(d => d.Iou), part.Average(d => d.IsFound ? 1.0 : 0)),
            ],
            [
                .. from score in scores
                   group score by score.Scenario into part
                   select new RegionScenarioEvaluation(part.Key.Name, RegionFigures.Of(part, finder.TellsSources)),
            ]);
    }
}

/// <summary>Pictures of one kind of grids, or of all, and one last quality.</summary>
/// <param name="Grids">How the first grids lie; null: any.</param>
/// <param name="Last">Last quality factor.</param>
/// <param name="Figures">The averages.</param>
public sealed record RegionGroup(RegionGrids? Grids, int Last, RegionFigures Figures);

/// <summary>Donors of a band of shares.</summary>
/// <param name="Grids">How the first grids lie.</param>
/// <param name="From">Least share of the picture.</param>
/// <param name="To">Largest, excluded.</param>
/// <param name="Donors">How many.</param>
/// <param name="F1">Mean F1.</param>
/// <param name="Iou">Mean intersection over union.</param>
/// <param name="Found">Share with an F1 of at least 0.5.</param>
public sealed record RegionArea(RegionGrids Grids, double From, double To, int Donors, double F1, double Iou, double Found);

/// <summary>The numbers of one scenario.</summary>
/// <param name="Name">Name of the scenario.</param>
/// <param name="Figures">The averages.</param>
public sealed record RegionScenarioEvaluation(string Name, RegionFigures Figures);

/// <summary>Averages over pictures and their donors. Null: nothing to average, or not told by the finder.</summary>
/// <param name="Pictures">How many.</param>
/// <param name="Donors">Donors in them.</param>
/// <param name="F1">Pixel F1 of a donor and the label matched to it, mean over donors.</param>
/// <param name="Iou">Intersection over union, likewise.</param>
/// <param name="Found">Share of donors with an F1 of at least 0.5.</param>
/// <param name="AllF1">F1 of all donors together as foreign or not, mean over pictures.</param>
/// <param name="AllIou">Intersection over union, likewise.</param>
/// <param name="SourcesRight">Share of pictures with the right number of sources; of genuine ones, with none but the ground.</param>
/// <param name="MarkedPictures">Share of pictures with anything called foreign.</param>
/// <param name="MarkedArea">Share of pixels called foreign.</param>
/// <param name="StepAccuracy">Share of the 15 steps that are right, mean over the donors found.</param>
/// <param name="QualityError">Absolute error of the nearest quality factor, mean over the donors found.</param>
/// <param name="ShiftRight">Share of the donors found whose grid shift is right.</param>
public sealed record RegionFigures(
    int Pictures, int Donors, double? F1, double? Iou, double? Found, double? AllF1, double? AllIou, double? SourcesRight,
    double MarkedPictures, double MarkedArea, double? StepAccuracy, double? QualityError, double? ShiftRight)
{
    internal static RegionFigures Of(IEnumerable<RegionScore> scores, bool tellsSources)
    {
        RegionScore[] all = [.. scores], spliced = [.. all.Where(score => !score.Scenario.IsGenuine)];
        DonorScore[] donors = [.. all.SelectMany(score => score.Donors)], told = tellsSources ? donors : [];
        DonorScore[] found = [.. told.Where(donor => donor.IsFound)];
        return new RegionFigures(
            all.Length, donors.Length,
            Mean(told, donor => donor.F1), Mean(told, donor => donor.Iou), Mean(told, donor => donor.IsFound ? 1 : 0),
            Mean(spliced, score => 2.0 * score.Both / (score.Foreign + score.Marked)),
            Mean(spliced, score => (double)score.Both / (score.Foreign + score.Marked - score.Both)),
            Mean(tellsSources ? all : [.. all.Where(score => score.Scenario.IsGenuine)], score => score.SourcesRight ? 1 : 0),
            all.Average(score => score.Marked > 0 ? 1.0 : 0), all.Average(score => (double)score.Marked / score.Pixels),
            Mean(found, donor => donor.RightSteps / (double)PrimarySums.Steps), Mean(found, donor => donor.QualityError),
            Mean(found, donor => donor.ShiftRight ? 1 : 0));
    }

    static double? Mean<T>(IReadOnlyCollection<T> items, Func<T, double?> value) => items.Average(value);
}

/// <summary>The picture of a splice and what finders say of it.</summary>
readonly record struct RegionPicture(string Name, ImageBuffer Image);
