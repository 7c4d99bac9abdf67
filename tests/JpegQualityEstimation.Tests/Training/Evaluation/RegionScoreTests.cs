using JpegQualityEstimation.Images;
using JpegQualityEstimation.Training.Evaluation;
using Xunit;

namespace JpegQualityEstimation.Tests.Training.Evaluation;

public sealed class RegionScoreTests
{
    static readonly RegionSplice splice = RegionSplice.Create(
        [TrainingScene.Texture(200, 168, 1), TrainingScene.Texture(200, 168, 2), TrainingScene.Texture(200, 168, 3)],
        RegionScenario.Parse("75+95+85-shifted-90"), number: 1, seed: 5);

    [Fact]
    public void The_truth_under_other_names_is_right_in_everything()
    {
        RegionScore score = RegionScore.Of(splice, Finding(label => (short)(label == 0 ? 0 : 3 - label), Claim(0), Claim(2), Claim(1)));
        Assert.Equal([2, 1], score.Matches);
        Assert.True(score.SourcesRight);
        Assert.Equal((score.Foreign, score.Foreign), (score.Marked, score.Both));
        Assert.All(score.Donors, donor => Assert.Equal((1, 1, true, 15, 0, true), (donor.F1, donor.Iou, donor.IsFound, donor.RightSteps, donor.QualityError, donor.ShiftRight)));
    }

    [Fact]
    public void One_label_over_both_donors_is_the_larger_ones()
    {
        RegionScore score = RegionScore.Of(splice, Finding(label => (short)Math.Min(1, (int)label), Claim(0), Claim(1)));
        int larger = splice.Share(1) > splice.Share(2) ? 0 : 1;
        Assert.False(score.SourcesRight);
        Assert.Equal(1, score.Matches[larger]);
        Assert.Equal(0, score.Matches[1 - larger]);
        Assert.Equal((0, 0, null), (score.Donors[1 - larger].F1, score.Donors[1 - larger].Iou, score.Donors[1 - larger].RightSteps));
        DonorScore found = score.Donors[larger];
        Assert.Equal(2.0 * found.Truth / (found.Truth + score.Foreign), found.F1, 12);
        Assert.Equal(found.Truth / (double)score.Foreign, found.Iou, 12);
        Assert.Equal(score.Both, score.Foreign);
    }

    [Fact]
    public void Nothing_told_counts_as_ground()
    {
        RegionScore score = RegionScore.Of(splice, Finding(_ => -1, Claim(0)));
        Assert.Equal((0, 0), (score.Marked, score.Both));
        Assert.All(score.Donors, donor => Assert.Equal(0, donor.F1));
    }

    [Fact]
    public void A_wrong_shift_or_none_is_not_right()
    {
        RegionScore score = RegionScore.Of(splice, Finding(
            label => label, Claim(0), Claim(1) with { ShiftRow = (splice.Sources[1].ShiftRow + 1) % 8 }, Claim(2) with { ShiftRow = null }));
        Assert.All(score.Donors, donor => Assert.False(donor.ShiftRight));
    }

    static RegionClaim Claim(int source) => new(
        splice.Sources[source].Steps, splice.Sources[source].Quality, splice.Sources[source].ShiftRow, splice.Sources[source].ShiftColumn);

    static RegionFinding Finding(Func<byte, short> label, params RegionClaim[] claims) =>
        new(Array.ConvertAll(splice.RegionOf.ToArray(), truth => label(truth)), claims);
}
