using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Findings;

// RegionSearch: sources of windows [h,w], one after another, beginning with the background alone.
//   propose    of 64 grid shifts and 27 ranges of quality factors the one that most windows in one place speak for, against
//              what else the sources there now could be (SourceCandidate)
//   settle     models (SourceModel) and labels (WindowField) by turns, a few times
//   keep       if every source, against any other in its place, has evidence enough, log10:
//              told   = sum_w c_w Kb log (A_s B_s / A_other B_other) / ln 10 - log10(tests)
//              untold = sum_w (1 - c_w) (Ka log A_s/A_other + Kb log B_s/B_other) / ln 10
//              evidence = min(told + untold, max(0, told) + d / (KernelSteps ln 10))
//              c_w: probability that window and source have one grid shift; K = (stride / independent pixels)^2: as part of
//              how many independent windows one counts; d: between the sources' median ln(step). Without a grid shift of
//              its own a part can be the other source's, read wrong all over alike because of what it shows: one error of
//              Laplace distribution, not one a window, so that its evidence does not add up with the windows.
//              Where the model gives no grid shifts there is none to be lost, and told holds Ka log A_s/A_other of all windows.
//              A first compression at most as coarse as the last (within KernelSteps) leaves its trace where texture carries it and none
//              elsewhere: a part without one and a part with such a one are not two sources if one of them is the background.
//              And Clear nats a window on the mean, and it is large enough. Windows with two other sources in them do not
//              count: a mixture can look like a third source. Else the proposal is dropped.
sealed class RegionSearch
{
    const int IndependentQuality = 48, IndependentShift = 24;
    const float Clear = 3;
    const float Limit = 4;
    const int Rounds = 3, FitSteps = 3, MostDropped = 4;

    readonly RegionEvidence evidence;
    readonly byte[] determined;
    readonly RegionOptions options;
    readonly int rows, columns, count, least, reach;
    readonly double qualityWeight, shiftWeight, tests, lastScale;

    // ln(scale) of quality 97: all steps 1, or nearly.
    static readonly double traceless = Math.Log(6);
    readonly bool[] seenShifts;
    readonly float[] ratios, smooth;

    /// <param name="evidence">Of the windows.</param>
    /// <param name="rows">Rows of windows.</param>
    /// <param name="columns">Windows a row.</param>
    /// <param name="stride">Pixels from one to the next.</param>
    /// <param name="determined">[h,w]: 1 for those to look at.</param>
    /// <param name="least">Windows that a source has at least.</param>
    /// <param name="tests">log10 of the sources that could be found.</param>
    /// <param name="second">The last compression's table.</param>
    /// <param name="options">Strictness.</param>
    public RegionSearch(RegionEvidence evidence, int rows, int columns, int stride, byte[] determined, int least, double tests, QuantTable second, RegionOptions options)
    {
        lastScale = SourceModel.LogScale(second);
        (this.evidence, this.rows, this.columns, this.determined) = (evidence, rows, columns, determined);
        (this.least, this.tests, this.options) = (least, tests, options);
        count = rows * columns;
        reach = WindowGrid.Side / 2 / stride;
        double window = (double)stride * stride;
        qualityWeight = Math.Min(1, window / (IndependentQuality * IndependentQuality));
        shiftWeight = Math.Min(1, window / (IndependentShift * IndependentShift));
        seenShifts = SeenShifts();
        ratios = new float[count];
        smooth = new float[count];
    }

    public SourceState Run()
    {
        var state = new SourceState([new SourceModel()], new short[count], [0]);
        float[] ones = Ones();
        for (int i = 0; i < FitSteps; i++)
            state.Models[0].Fit(evidence, rows, columns, ones);
        while (state.Models.Length < options.MaximumSources && Next(state) is { } next)
            state = next;
        return state;
    }

    // The best proposal that stands.
    SourceState? Next(SourceState state)
    {
        (SourceCandidate Candidate, double Score)[] proposals = [.. Propose(state).OrderByDescending(p => p.Score).Take(MostDropped)];
        foreach (var (candidate, _) in proposals)
        {
            Compare(state, candidate);
            SourceState next = Settle(state, candidate, Seeds());
            if (Stands(next))
                return next;
        }
        return null;
    }

    bool Stands(SourceState state) => state.Evidence.Skip(1).All(found => found >= options.MinimumEvidence);

    List<(SourceCandidate Candidate, double Score)> Propose(SourceState state)
    {
        var proposals = new List<(SourceCandidate, double)>();
        foreach (SourceCandidate candidate in SourceCandidate.All)
        {
            if ((candidate.Shift is { } shift && !seenShifts[shift]) || state.Models.Any(model => candidate.Within(model) > 0.5f))
                continue;
            if (Compare(state, candidate) >= least && Score() is > 0 and var score)
                proposals.Add((candidate, score));
        }
        return proposals;
    }

    // Grid shifts that enough windows find possible.
    bool[] SeenShifts()
    {
        var windows = new int[RegionEvidence.AllShifts];
        for (int y = 0; y < rows; y++)
        {
            ReadOnlySpan<byte> row = evidence.Row(y);
            for (int x = 0; x < columns; x++)
                for (int k = 0; k < RegionEvidence.Shifts; k++)
                    if (row[x * RegionEvidence.WindowBytes + RegionEvidence.ShiftAt + k] is not RegionEvidence.NoShift and var shift
                        && row[x * RegionEvidence.WindowBytes + RegionEvidence.CodeAt + k] <= RegionEvidence.Possible)
                        windows[shift] += determined[y * columns + x];
        }
        return Array.ConvertAll(windows, n => n >= least);
    }

    // Fills ratios: log likelihood ratio of each window for a candidate against what else its source could be; answers how
    // many are above 0.
    int Compare(SourceState state, SourceCandidate candidate)
    {
        SourceModel own = candidate.Model();
        SourceModel[] others = [.. state.Models.Select(model => model.Without(candidate.Shift, candidate.Lowest, candidate.Highest))];
        int favourable = 0;
        Array.Clear(ratios);
        for (int y = 0; y < rows; y++)
        {
            ReadOnlySpan<byte> row = evidence.Row(y);
            for (int x = 0; x < columns; x++)
            {
                int i = y * columns + x;
                if (determined[i] == 0)
                    continue;
                ReadOnlySpan<byte> window = row.Slice(x * RegionEvidence.WindowBytes, RegionEvidence.WindowBytes);
                ratios[i] = Math.Clamp(candidate.Against(own, others[state.Best[i]], window), -Limit, Limit);
                favourable += ratios[i] > 0 ? 1 : 0;
            }
        }
        return favourable;
    }

    float[] Ones()
    {
        var ones = new float[count];
        for (int i = 0; i < count; i++)
            ones[i] = determined[i];
        return ones;
    }

    // Parts in which windows speak for the candidate together with their neighbours, large enough, clear enough; their sum.
    double Score()
    {
        var (parts, sums) = Favourable();
        double score = 0;
        for (int p = 0; p < sums.Length; p++)
            score += parts.Sizes[p] >= least && sums[p] > parts.Sizes[p] ? sums[p] : 0;
        return score;
    }

    // [h,w]: 1 in these parts.
    float[] Seeds()
    {
        var (parts, sums) = Favourable();
        var seeds = new float[count];
        for (int i = 0; i < count; i++)
            seeds[i] = parts.Numbers[i] is >= 0 and var part && parts.Sizes[part] >= least && sums[part] > parts.Sizes[part] ? 1 : 0;
        return seeds;
    }

    (WindowComponents Parts, double[] Sums) Favourable()
    {
        for (int i = 0; i < count; i++)
        {
            int y = i / columns, x = i % columns;
            float sum = 0;
            for (int ny = Math.Max(0, y - 1); ny <= Math.Min(rows - 1, y + 1); ny++)
                for (int nx = Math.Max(0, x - 1); nx <= Math.Min(columns - 1, x + 1); nx++)
                    sum += ratios[ny * columns + nx];
            smooth[i] = sum;
        }
        var parts = new WindowComponents(rows, columns, i => determined[i] != 0 && smooth[i] > 0 ? 0 : -1);
        var sums = new double[parts.Count];
        for (int i = 0; i < count; i++)
            if (parts.Numbers[i] >= 0)
                sums[parts.Numbers[i]] += ratios[i];
        return (parts, sums);
    }

    SourceState Settle(SourceState state, SourceCandidate candidate, float[] seeds)
    {
        var models = new SourceModel[state.Models.Length + 1];
        for (int s = 0; s < state.Models.Length; s++)
            models[s] = state.Models[s].Without(candidate.Shift, candidate.Lowest, candidate.Highest);
        SourceModel added = models[^1] = candidate.Model();
        for (int i = 0; i < FitSteps; i++)
            added.Fit(evidence, rows, columns, seeds);
        var field = new WindowField(rows, columns, determined);
        float[][] labels = [];
        short[] best = [];
        for (int round = 0; round < Rounds; round++)
        {
            if (round > 0)
            {
                for (int s = 0; s < models.Length; s++)
                {
                    models[s] = new SourceModel();
                    for (int i = 0; i < FitSteps; i++)
                        models[s].Fit(evidence, rows, columns, Weights(labels[s], best, s));
                }
            }
            labels = field.Labels([.. models.Select(model => model.LogLikelihoods(evidence, rows, columns, determined))]);
            best = RegionParts.Clean(rows, columns, determined, labels, least);
        }
        LargestFirst(models, best);
        return new SourceState(models, best, Judge(models, best));
    }

    // The background is the source of most windows.
    void LargestFirst(SourceModel[] models, short[] best)
    {
        var windows = new int[models.Length];
        for (int i = 0; i < count; i++)
            windows[best[i]] += determined[i];
        int largest = Array.IndexOf(windows, windows.Max());
        (models[0], models[largest]) = (models[largest], models[0]);
        for (int i = 0; i < count; i++)
            best[i] = best[i] == 0 ? (short)largest : best[i] == largest ? (short)0 : best[i];
    }

    static float[] Weights(float[] label, short[] best, int source)
    {
        var weights = new float[label.Length];
        for (int i = 0; i < weights.Length; i++)
            weights[i] = best[i] == source ? label[i] : 0;
        return weights;
    }

    // log10 evidence of each source but the first; minus infinity for what is too small or too unclear.
    double[] Judge(SourceModel[] models, short[] best)
    {
        var found = new double[models.Length];
        for (int s = 1; s < found.Length; s++)
        {
            found[s] = double.PositiveInfinity;
            for (int other = 0; other < found.Length; other++)
                if (other != s)
                    found[s] = Math.Min(found[s], Judge(models[s], models[other], best, s));
            if (MayBeOne(models[s], models[0]))
                found[s] = double.NegativeInfinity;
        }
        return found;
    }

    // One without a trace, the other with one that need not be everywhere.
    bool MayBeOne(SourceModel one, SourceModel other)
    {
        double finer = Math.Min(one.MedianLogScale(), other.MedianLogScale()), coarser = Math.Max(one.MedianLogScale(), other.MedianLogScale());
        return finer <= traceless && coarser <= lastScale + SourceModel.KernelSteps;
    }

    double Judge(SourceModel own, SourceModel other, short[] best, int source)
    {
        double ratios = 0, told = 0, untold = 0;
        int windows = 0;
        for (int y = 0; y < rows; y++)
        {
            ReadOnlySpan<byte> row = evidence.Row(y);
            for (int x = 0; x < columns; x++)
            {
                if (best[y * columns + x] != source || determined[y * columns + x] == 0 || BetweenOthers(best, y, x))
                    continue;
                ReadOnlySpan<byte> window = row.Slice(x * RegionEvidence.WindowBytes, RegionEvidence.WindowBytes);
                double qualities = Math.Log(own.Quality(window) / other.Quality(window)), shifts = Math.Log(own.Shift(window) / other.Shift(window));
                ratios += qualities + shifts;
                windows++;
                if (window[RegionEvidence.ShiftAt] == RegionEvidence.NoShift)
                {
                    told += qualityWeight * qualities;
                    continue;
                }
                double shared = own.SharedShift(window);
                told += shared * shiftWeight * (qualities + shifts);
                untold += (1 - shared) * (qualityWeight * qualities + shiftWeight * shifts);
            }
        }
        if (windows < least || ratios < Clear * windows)
            return double.NegativeInfinity;
        (told, untold) = (told / Math.Log(10) - tests, untold / Math.Log(10));
        double bias = Math.Abs(own.MedianLogScale() - other.MedianLogScale()) / SourceModel.KernelSteps / Math.Log(10);
        return Math.Min(told + untold, Math.Max(0, told) + bias);
    }

    // Whether two other sources are within half a window: what looks like a third one there may be a mixture of the two.
    bool BetweenOthers(short[] best, int y, int x)
    {
        int own = best[y * columns + x], other = -1;
        for (int distance = reach; distance > 0; distance /= 2)
        {
            for (int k = 0; k < 9; k++)
            {
                int ny = y + (k / 3 - 1) * distance, nx = x + (k % 3 - 1) * distance;
                if ((uint)ny >= (uint)rows || (uint)nx >= (uint)columns || determined[ny * columns + nx] == 0)
                    continue;
                int label = best[ny * columns + nx];
                if (label == own || label == other)
                    continue;
                if (other >= 0)
                    return true;
                other = label;
            }
        }
        return false;
    }
}

/// <summary>Sources so far: models, the most probable of each window [h,w], log10 evidence of each.</summary>
sealed record SourceState(SourceModel[] Models, short[] Best, double[] Evidence);
