namespace JpegQualityEstimation.Training.Evaluation;

// How well a score map finds a region. All thresholds are at scores that occur; ties are one threshold.
//   AUC = P(score inside > score outside) + P(equal) / 2;  F1 = 2 TP / (2 TP + FP + FN)

static class PixelMetrics
{
    /// <summary>Area under the ROC curve; 0.5 where one of the classes is empty.</summary>
    public static double Auc(ReadOnlySpan<float> scores, ReadOnlySpan<bool> truth)
    {
        (float[] sorted, bool[] inside) = Sort(scores, truth);
        long positives = inside.Count(value => value), negatives = inside.Length - positives;
        if (positives == 0 || negatives == 0)
            return 0.5;
        // Falling scores: each negative counts the positives above it, and half of those at its own score.
        double area = 0;
        long above = 0;
        for (int i = 0; i < sorted.Length;)
        {
            long p = 0, n = 0;
            for (float score = sorted[i]; i < sorted.Length && sorted[i] == score; i++)
            {
                if (inside[i])
                    p++;
                else
                    n++;
            }
            area += n * (above + 0.5 * p);
            above += p;
        }
        return area / positives / negatives;
    }

    /// <summary>The largest F1 that a threshold on the scores reaches.</summary>
    public static double BestF1(ReadOnlySpan<float> scores, ReadOnlySpan<bool> truth)
    {
        (float[] sorted, bool[] inside) = Sort(scores, truth);
        long positives = inside.Count(value => value), found = 0;
        double best = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            found += inside[i] ? 1 : 0;
            if (i + 1 == sorted.Length || sorted[i + 1] != sorted[i])
                best = Math.Max(best, 2.0 * found / (positives + i + 1));
        }
        return best;
    }

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

    static (float[] Scores, bool[] Truth) Sort(ReadOnlySpan<float> scores, ReadOnlySpan<bool> truth)
    {
        if (scores.Length != truth.Length)
            throw new ArgumentException($"{scores.Length} scores, {truth.Length} truths");
        // Falling: sort the negated scores.
        float[] keys = new float[scores.Length];
        for (int i = 0; i < keys.Length; i++)
            keys[i] = -scores[i];
        bool[] inside = truth.ToArray();
        Array.Sort(keys, inside);
        return (keys, inside);
    }
}
