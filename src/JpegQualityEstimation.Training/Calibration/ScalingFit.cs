using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training.Calibration;

/// <summary>One answer: logarithms of its probabilities, the index of the truth, ln of the second step that it hangs on.</summary>
readonly record struct ScaledAnswer(ReadOnlyMemory<float> Logarithms, int Truth, double LogStep);

// ScalingFit: the numbers of PrimaryCalibration that make the truth of many answers most probable.
//   w_j = (t0 + t1 x) ln p_j + [j = 0] (t2 + t3 x) p_0^2,   NLL = mean of ln sum_j exp w_j - w_truth
// w is linear in t, so NLL is convex: Newton's steps from (1, 0, 0, 0), halved where they do not help. A minimum that leaves the
// range of a calibration is brought back on the line to the start, along which NLL falls all the way.
// Sums are doubles in the order of the answers.
sealed class ScalingFit(IReadOnlyList<ScaledAnswer> answers, int numbers)
{
    const int Iterations = 50, Halvings = 30;
    const double Ridge = 1e-9, Enough = 1e-10;

    readonly double[] powers = new double[64];
    readonly double[] gradient = new double[numbers];
    readonly double[,] hessian = new double[numbers, numbers];

    /// <summary>Two numbers (inverse temperature) or four (bias too).</summary>
    /// <param name="isInRange">Whether they make a calibration.</param>
    public double[] Minimize(Predicate<double[]> isInRange)
    {
        double[] start = [1, .. new double[numbers - 1]], at = start;
        if (answers.Count == 0)
            return start;
        double loss = Loss(at, derivatives: true);
        for (int iteration = 0; iteration < Iterations; iteration++)
        {
            double[] step = Solve();
            double[] next = at;
            double less = loss, share = 1;
            for (int halving = 0; halving < Halvings && less >= loss; halving++, share /= 2)
            {
                next = [.. at.Zip(step, (value, change) => value - share * change)];
                less = Loss(next, derivatives: false);
            }
            // Written so that what is no number ends it too.
            if (!(less < loss - Enough))
                break;
            at = next;
            loss = Loss(at, derivatives: true);
        }
        double kept = 1;
        double[] fitted = at;
        while (!isInRange(fitted) && kept > 1e-6)
        {
            kept *= 0.9;
            fitted = [.. start.Zip(at, (from, to) => from + kept * (to - from))];
        }
        return isInRange(fitted) ? fitted : start;
    }

    // NLL of the numbers; gradient and Hessian too where asked for.
    double Loss(double[] at, bool derivatives)
    {
        if (derivatives)
        {
            gradient.AsSpan().Clear();
            Array.Clear(hessian);
        }
        Span<double> features = stackalloc double[4];
        double sum = 0;
        foreach (ScaledAnswer answer in answers)
        {
            ReadOnlySpan<float> logs = answer.Logarithms.Span;
            double evidence = Math.Exp(2.0 * logs[0]), a = at[0] + at[1] * answer.LogStep;
            double bias = numbers == 4 ? (at[2] + at[3] * answer.LogStep) * evidence : 0;
            double largest = double.NegativeInfinity, total = 0;
            for (int j = 0; j < logs.Length; j++)
                largest = Math.Max(largest, powers[j] = a * logs[j] + (j == 0 ? bias : 0));
            double truth = powers[answer.Truth];
            for (int j = 0; j < logs.Length; j++)
                total += powers[j] = Math.Exp(powers[j] - largest);
            sum += largest + Math.Log(total) - truth;
            if (!derivatives)
                continue;
            double mean = 0, square = 0, first = powers[0] / total;
            for (int j = 0; j < logs.Length; j++)
            {
                double weighted = powers[j] / total * logs[j];
                mean += weighted;
                square += weighted * logs[j];
            }
            double byA = mean - logs[answer.Truth], byB = first - (answer.Truth == 0 ? 1 : 0);
            double aa = square - mean * mean, ab = first * (logs[0] - mean), bb = first * (1 - first);
            (features[0], features[1], features[2], features[3]) = (1, answer.LogStep, evidence, evidence * answer.LogStep);
            for (int r = 0; r < numbers; r++)
            {
                gradient[r] += features[r] * (r < 2 ? byA : byB) / answers.Count;
                for (int c = 0; c <= r; c++)
                    hessian[r, c] += features[r] * features[c] * (r < 2 ? aa : c < 2 ? ab : bb) / answers.Count;
            }
        }
        return sum / answers.Count;
    }

    // Hessian^-1 gradient by Cholesky.
    double[] Solve()
    {
        var lower = new double[numbers, numbers];
        var step = new double[numbers];
        for (int r = 0; r < numbers; r++)
        {
            for (int c = 0; c <= r; c++)
            {
                double rest = hessian[r, c] + (r == c ? Ridge : 0);
                for (int k = 0; k < c; k++)
                    rest -= lower[r, k] * lower[c, k];
                lower[r, c] = r == c ? Math.Sqrt(Math.Max(rest, Ridge)) : rest / lower[c, c];
            }
        }
        for (int r = 0; r < numbers; r++)
        {
            step[r] = gradient[r];
            for (int k = 0; k < r; k++)
                step[r] -= lower[r, k] * step[k];
            step[r] /= lower[r, r];
        }
        for (int r = numbers - 1; r >= 0; r--)
        {
            for (int k = r + 1; k < numbers; k++)
                step[r] -= lower[k, r] * step[k];
            step[r] /= lower[r, r];
        }
        return step;
    }
}
