namespace JpegQualityEstimation.Training.Evaluation;

// RegionScore: one finding held to the truth. Donors are matched to foreign labels one to one so that the pixels in common
// are most; a donor without a label has none in common. Pixels that nothing is told of count as ground.
//   F1 = 2 both / (truth + found), IoU = both / (truth + found - both)

sealed record RegionScore(
    RegionScenario Scenario, IReadOnlyList<DonorScore> Donors, int SourcesFound, long Pixels, long Foreign, long Marked, long Both, IReadOnlyList<int> Matches)
{
    public static RegionScore Of(RegionSplice splice, RegionFinding finding)
    {
        int donors = splice.Sources.Count - 1, labels = finding.Sources.Count - 1;
        // [donor or ground, label or nothing told or ground]
        var common = new long[donors + 1, labels + 1];
        ReadOnlySpan<byte> truth = splice.RegionOf;
        for (int i = 0; i < truth.Length; i++)
            common[truth[i], Math.Max(0, (int)finding.Labels[i])]++;
        int[] best = Match(common, donors, labels);
        long marked = 0, both = 0, foreign = 0;
        for (int d = 0; d <= donors; d++)
            for (int l = 0; l <= labels; l++)
            {
                foreign += d > 0 ? common[d, l] : 0;
                marked += l > 0 ? common[d, l] : 0;
                both += d > 0 && l > 0 ? common[d, l] : 0;
            }
        return new RegionScore(
            splice.Scenario, [.. Enumerable.Range(1, donors).Select(d => DonorScore.Of(splice, finding, common, d, best[d - 1]))],
            finding.Sources.Count, truth.Length, foreign, marked, both, best);
    }

    public bool SourcesRight => SourcesFound == Scenario.Donors.Count + 1;

    // Label of each donor, 0 for none; of equal choices the first.
    static int[] Match(long[,] common, int donors, int labels)
    {
        int[] best = new int[donors], now = new int[donors];
        long most = 0;
        Try(0, 0);
        return best;

        void Try(int donor, long sum)
        {
            if (donor == donors)
            {
                if (sum > most)
                {
                    most = sum;
                    now.CopyTo(best, 0);
                }
                return;
            }
            for (int label = 0; label <= labels; label++)
            {
                if (label > 0 && (common[donor + 1, label] == 0 || now.AsSpan(0, donor).Contains(label)))
                    continue;
                now[donor] = label;
                Try(donor + 1, sum + (label > 0 ? common[donor + 1, label] : 0));
            }
        }
    }
}

/// <summary>One donor: pixels of truth, of its label, of both; what is told of it.</summary>
sealed record DonorScore(double Share, long Truth, long Marked, long Both, int? RightSteps, int? QualityError, bool ShiftRight)
{
    /// <summary>What a donor that is found has at least of F1.</summary>
    public const double Found = 0.5;

    public double F1 => 2.0 * Both / (Truth + Marked);

    public double Iou => (double)Both / (Truth + Marked - Both);

    public bool IsFound => F1 >= Found;

    public static DonorScore Of(RegionSplice splice, RegionFinding finding, long[,] common, int donor, int label)
    {
        long truth = 0, marked = 0;
        for (int l = 0; l < common.GetLength(1); l++)
            truth += common[donor, l];
        for (int d = 0; d < common.GetLength(0) && label > 0; d++)
            marked += common[d, label];
        RegionClaim? claim = label > 0 ? finding.Sources[label] : null;
        RegionTruth source = splice.Sources[donor];
        return new DonorScore(
            splice.Share(donor), truth, marked, label > 0 ? common[donor, label] : 0,
            claim?.Steps is { } steps ? steps.Zip(source.Steps).Count(pair => pair.First == pair.Second) : null,
            claim?.Quality is { } quality && source.Quality > 0 ? Math.Abs(quality - source.Quality) : null,
            claim?.ShiftRow == source.ShiftRow && claim?.ShiftColumn == source.ShiftColumn);
    }
}
