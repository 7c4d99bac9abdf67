using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Training.Evaluation;

/// <summary>All numbers of an evaluation of primary-quantization networks.</summary>
/// <param name="Pictures">Pictures in use.</param>
/// <param name="DataManifest">SHA-256 over names and hashes of the pictures.</param>
/// <param name="Seed">Where pictures, shifts and positions came from.</param>
/// <param name="Subsampling">Chroma sampling of both compressions.</param>
/// <param name="WindowsPerPicture">Windows cut from one double-compressed picture.</param>
/// <param name="Models">One entry a model.</param>
public sealed record PrimaryEvaluationReport(
    int Pictures, string DataManifest, ulong Seed, ChromaSubsampling Subsampling, int WindowsPerPicture, IReadOnlyList<PrimaryModelEvaluation> Models)
{
    /// <summary>The splices with the maps of all models.</summary>
    internal IReadOnlyList<PrimarySplicePicture> SplicePictures { get; init; } = [];
}

/// <summary>The numbers of one model.</summary>
/// <param name="Name">The model.</param>
/// <param name="Sha256">Hash of its file; empty where there is none.</param>
/// <param name="Scenarios">One entry a scenario.</param>
/// <param name="Splices">One entry a splice; empty where none was asked for or no picture is large enough.</param>
public sealed record PrimaryModelEvaluation(
    string Name, string Sha256, IReadOnlyList<PrimaryScenarioEvaluation> Scenarios, IReadOnlyList<PrimarySpliceEvaluation> Splices);

/// <summary>The numbers of one model and scenario.</summary>
/// <param name="Name">Name of the scenario.</param>
/// <param name="Scenario">What it is.</param>
/// <param name="Total">Over all windows.</param>
/// <param name="Below">Where the first quality is below the second (Figure 5, left); null where no quality is.</param>
/// <param name="AtLeast">Where the first quality is the second or above (Figure 5, right); null where no quality is.</param>
/// <param name="Bands">By bands of first quality; empty for Photoshop and single compression.</param>
/// <param name="Points">One entry a first compression.</param>
public sealed record PrimaryScenarioEvaluation(
    string Name, PrimaryScenario Scenario, PrimaryFigures Total, PrimaryFigures? Below, PrimaryFigures? AtLeast,
    IReadOnlyList<PrimaryBand> Bands, IReadOnlyList<PrimaryPoint> Points)
{
    static readonly int[] BandEdges = [55, 60, 70, 80, 86, 90, 94, 99];

    internal static PrimaryScenarioEvaluation Of(PrimaryScenario scenario, PrimaryFirst[] firsts, PrimarySums[] sums)
    {
        bool standard = scenario.First == FirstCompression.Standard;
        var bands = new List<PrimaryBand>();
        for (int i = 1; i < BandEdges.Length; i++)
        {
            (int from, int to) = (BandEdges[i - 1], BandEdges[i]);
            if (Where(quality => quality >= from && quality < to) is { } figures)
                bands.Add(new PrimaryBand(from, to - 1, figures));
        }
        return new PrimaryScenarioEvaluation(
            scenario.Name, scenario, PrimarySums.Figures(sums)!, Where(quality => quality < scenario.SecondQuality),
            Where(quality => quality >= scenario.SecondQuality), bands,
            [.. firsts.Select((first, i) => new PrimaryPoint(first.Label, first.Steps, sums[i].Figures()!))]);

        PrimaryFigures? Where(Func<int, bool> chosen) =>
            standard ? PrimarySums.Figures(sums.Where((_, i) => chosen(firsts[i].Label))) : null;
    }
}

/// <summary>A splice of pictures of different first qualities, saved once more (section 5.3 of the paper), window by window.</summary>
/// <param name="Name">The first qualities, the ground's first.</param>
/// <param name="SecondQuality">Quality factor of the last compression.</param>
/// <param name="Regions">The ground and the pasted regions.</param>
public sealed record PrimarySpliceEvaluation(string Name, int SecondQuality, IReadOnlyList<PrimaryRegionEvaluation> Regions);

/// <summary>A region of a splice.</summary>
/// <param name="Name">Where it is.</param>
/// <param name="First">Quality factor of its first compression.</param>
/// <param name="ShiftRow">Rows cut off after that, 0..7.</param>
/// <param name="ShiftColumn">Columns cut off after that, 0..7.</param>
/// <param name="Figures">Over the windows that lie wholly in it; null where there is none.</param>
public sealed record PrimaryRegionEvaluation(string Name, int First, int ShiftRow, int ShiftColumn, PrimaryFigures? Figures);

/// <summary>The windows of one first compression.</summary>
/// <param name="First">Quality factor, or Photoshop level, or 0 without a first compression.</param>
/// <param name="Steps">The 15 steps that should be read.</param>
/// <param name="Figures">The averages.</param>
public sealed record PrimaryPoint(int First, IReadOnlyList<int> Steps, PrimaryFigures Figures);

/// <summary>The windows of a band of first qualities.</summary>
/// <param name="From">Lowest quality factor.</param>
/// <param name="To">Highest, included.</param>
/// <param name="Figures">The averages.</param>
public sealed record PrimaryBand(int From, int To, PrimaryFigures Figures);

/// <summary>Averages over windows.</summary>
/// <param name="Windows">How many.</param>
/// <param name="Accuracy">Share of the 15 steps that are right (section 3.2 of the paper), averaged over the windows.</param>
/// <param name="AccuracyError">Standard error of the accuracy, were the windows independent; those of one picture are not quite.</param>
/// <param name="Mse">Mean of the squared errors of the 15 steps, averaged over the windows.</param>
/// <param name="Exact">Share of windows with all 15 right.</param>
/// <param name="Ones">Share of steps that read as 1.</param>
/// <param name="PhaseFound">Share of windows whose true phase scored highest; null where the model tells none or there is none.</param>
/// <param name="StepAccuracy">Accuracy of each of the 15 (Figures 3, 4, 6, 7).</param>
/// <param name="StepMse">MSE of each of the 15.</param>
public sealed record PrimaryFigures(
    long Windows, double Accuracy, double AccuracyError, double Mse, double Exact, double Ones, double? PhaseFound,
    IReadOnlyList<double> StepAccuracy, IReadOnlyList<double> StepMse);
