namespace JpegQualityEstimation.Training.Evaluation;

// How well a score map finds a region. All thresholds are at scores that occur; ties are one threshold.
//   AUC = P(score inside > score outside) + P(equal) / 2;  F1 = 2 TP / (2 TP + FP + FN)

static class PixelMetrics
{
    /// <summary>Area under the ROC curve, 0.5 where one of the classes is empty; and the largest F1 that a threshold on the scores reaches.</summary>
    /// <param name="scores">Numbers; rising towards what is true.</param>
    /// <param name="truth">What is to be found, as many.</param>
    public static (double Auc, double BestF1) Ranking(ReadOnlySpan<float> scores, ReadOnlySpan<bool> truth)
    {
        ulong[] falling = Falling(scores, truth);
        long positives = 0, above = 0, seen = 0;
        foreach (ulong sample in falling)
            positives += (long)(sample & 1);
        long negatives = falling.Length - positives;
        // Falling scores: each negative counts the positives above it, and half of those at its own score.
        double area = 0, best = 0;
        for (int i = 0; i < falling.Length;)
        {
            long p = 0, n = 0;
            for (ulong score = falling[i] >> 1; i < falling.Length && falling[i] >> 1 == score; i++)
            {
                if ((falling[i] & 1) != 0)
                    p++;
                else
                    n++;
            }
            area += n * (above + 0.5 * p);
            above += p;
            seen += p + n;
            best = Math.Max(best, 2.0 * above / (positives + seen));
        }
        return (positives == 0 || negatives == 0 ? 0.5 : area / positives / negatives, best);
    }

    /// <inheritdoc cref="Ranking"/>
    public static double Auc(ReadOnlySpan<float> scores, ReadOnlySpan<bool> truth) => Ranking(scores, truth).Auc;

    /// <inheritdoc cref="Ranking"/>
    public static double BestF1(ReadOnlySpan<float> scores, ReadOnlySpan<bool> truth) => Ranking(scores, truth).BestF1;

    /// <summary>F1 of "score above threshold".</summary>
    public static double F1(ReadOnlySpan<float> scores, ReadOnlySpan<bool> truth, float threshold)
    {
        long found = 0, called = 0, positives = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            bool call = scores[i] > threshold;
            called += call ? 1 : 0;
            positives += truth[i] ? 1 : 0;
            found += call && truth[i] ? 1 : 0;
        }
        return called + positives == 0 ? 0 : 2.0 * found / (called + positives);
    }

    // One integer a sample that rises as its score falls, its lowest bit the truth. Zeros of both signs are one score.
    static ulong[] Falling(ReadOnlySpan<float> scores, ReadOnlySpan<bool> truth)
    {
        if (scores.Length != truth.Length)
            throw new ArgumentException($"{scores.Length} scores, {truth.Length} truths");
        var samples = new ulong[scores.Length];
        for (int i = 0; i < samples.Length; i++)
        {
            uint bits = BitConverter.SingleToUInt32Bits(scores[i] + 0f), rising = (bits & 0x80000000) != 0 ? ~bits : bits | 0x80000000;
            samples[i] = (ulong)~rising << 1 | (truth[i] ? 1u : 0);
        }
        Array.Sort(samples);
        return samples;
    }
}
