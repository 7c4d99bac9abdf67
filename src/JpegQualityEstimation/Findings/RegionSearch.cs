using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Findings;

// RegionSearch: sources of a map, one after another, beginning with the background alone.
//   propose    of 64 grid shifts and 27 ranges of quality factors the one that most windows in one place speak for, against
//              what else the sources there now could be (SourceCandidate)
//   settle     models (SourceModel) and labels (WindowField) by turns, a few times
//   keep       if every source, against any other in its place, has evidence enough:
//              sum_w (Ka log A_s/A_other + Kb log B_s/B_other) / ln 10 - log10(tests), K = (stride / independent pixels)^2: as
//              part of how many independent windows one counts, fewer for the qualities of windows without a clear grid
//              shift, whose errors follow the content; and Clear nats a window on the mean; and is large enough. Else the
//              proposal is dropped.
sealed class RegionSearch
{
    const int IndependentQuality = 48, IndependentShift = 24;
    const float Clear = 3;
    const float Limit = 4;
    const int Rounds = 3, FitSteps = 4, MostDropped = 6;

    readonly PrimaryQuantMap map;
    readonly RegionEvidence evidence;
    readonly QualityMap? quality;
    readonly RegionOptions options;
    readonly int rows, columns, count;
    readonly double qualityWeight, shiftWeight, tests;
    readonly int least;
    readonly byte[] determined;

    public RegionSearch(PrimaryQuantMap map, RegionEvidence evidence, QualityMap? quality, RegionOptions options)
    {
        (this.map, this.evidence, this.quality, this.options) = (map, evidence, quality, options);
        (rows, columns) = (map.Height, map.Width);
        count = rows * columns;
        determined = map.Determined.ToArray();
        double window = (double)map.Stride * map.Stride;
        qualityWeight = Math.Min(1, window / (IndependentQuality * IndependentQuality));
        shiftWeight = Math.Min(1, window / (IndependentShift * IndependentShift));
        double area = (double)map.PictureWidth * map.PictureHeight;
        least = (int)Math.Ceiling(Math.Max(options.MinimumArea, options.MinimumShare * area) / window);
        tests = Math.Log10(SourceCandidate.All.Length * Math.Max(1, area / options.MinimumArea));
    }

    public RegionMap Run()
    {
        var state = new SourceState([new SourceModel()], [Ones()], new short[count], [0]);
        for (int i = 0; i < FitSteps; i++)
            state.Models[0].Fit(evidence, rows, columns, state.Labels[0]);
        var dropped = new HashSet<SourceCandidate>();
        while (state.Models.Length < options.MaximumSources && dropped.Count < MostDropped && Propose(state, dropped) is var (candidate, seeds))
        {
            SourceState next = Settle(state, candidate, seeds);
            if (Stands(next))
                state = next;
            else
                dropped.Add(candidate);
        }
        var labels = new short[count];
        var confidence = new float[count];
        for (int i = 0; i < count; i++)
        {
            labels[i] = determined[i] == 0 ? RegionMap.Undetermined : state.Best[i];
            confidence[i] = determined[i] == 0 ? 0 : state.Labels[labels[i]][i];
        }
        return RegionDescription.Describe(map, evidence, quality, labels, confidence, state.Evidence);
    }

    float[] Ones()
    {
        var ones = new float[count];
        for (int i = 0; i < count; i++)
            ones[i] = determined[i];
        return ones;
    }

    (SourceCandidate Candidate, float[] Seeds)? Propose(SourceState state, HashSet<SourceCandidate> dropped)
    {
        (SourceCandidate, float[])? best = null;
        double most = 0;
        var ratio = new float[count];
        foreach (SourceCandidate candidate in SourceCandidate.All)
        {
            if (dropped.Contains(candidate) || state.Models.Any(model => candidate.Within(model) > 0.5f) || (candidate.Shift is not null && !map.HasGridShifts))
                continue;
            SourceModel own = candidate.Model();
            SourceModel[] others = [.. state.Models.Select(model => model.Without(candidate.Shift, candidate.Lowest, candidate.Highest))];
            int favourable = 0;
            for (int y = 0; y < rows; y++)
            {
                ReadOnlySpan<byte> row = evidence.Row(y);
                for (int x = 0; x < columns; x++)
                {
                    int i = y * columns + x;
                    ratio[i] = determined[i] == 0 ? 0 : Math.Clamp(
                        candidate.Against(own, others[state.Best[i]], row.Slice(x * RegionEvidence.WindowBytes, RegionEvidence.WindowBytes)), -Limit, Limit);
                    favourable += ratio[i] > 0 ? 1 : 0;
                }
            }
            if (favourable < least)
                continue;
            (double score, float[] seeds) = Seeds(ratio);
            if (score > most)
                (best, most) = ((candidate, seeds), score);
        }
        return best;
    }

    // Parts in which windows speak for the candidate together with their neighbours, large enough, and their sum.
    (double Score, float[] Seeds) Seeds(float[] ratio)
    {
        var smooth = new float[count];
        for (int i = 0; i < count; i++)
        {
            int y = i / columns, x = i % columns;
            float sum = 0;
            for (int ny = Math.Max(0, y - 1); ny <= Math.Min(rows - 1, y + 1); ny++)
                for (int nx = Math.Max(0, x - 1); nx <= Math.Min(columns - 1, x + 1); nx++)
                    sum += ratio[ny * columns + nx];
            smooth[i] = sum;
        }
        var parts = new WindowComponents(rows, columns, i => determined[i] != 0 && smooth[i] > 0 ? 0 : -1);
        var sums = new double[parts.Count];
        for (int i = 0; i < count; i++)
            if (parts.Numbers[i] >= 0)
                sums[parts.Numbers[i]] += ratio[i];
        var seeds = new float[count];
        for (int i = 0; i < count; i++)
            seeds[i] = parts.Numbers[i] is >= 0 and var part && parts.Sizes[part] >= least && sums[part] > parts.Sizes[part] ? 1 : 0;
        double score = 0;
        for (int p = 0; p < sums.Length; p++)
            score += parts.Sizes[p] >= least && sums[p] > parts.Sizes[p] ? sums[p] : 0;
        return (score, seeds);
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
        float[][] likelihoods = [], labels = [];
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
            likelihoods = [.. models.Select(Likelihoods)];
            labels = field.Labels(likelihoods);
            best = RegionParts.Clean(rows, columns, determined, labels, least);
        }
        LargestFirst(models, likelihoods, labels, best);
        return new SourceState(models, labels, best, Judge(models, best));
    }

    // The background is the source of most windows.
    void LargestFirst(SourceModel[] models, float[][] likelihoods, float[][] labels, short[] best)
    {
        var windows = new int[models.Length];
        for (int i = 0; i < count; i++)
            windows[best[i]] += determined[i];
        int largest = Array.IndexOf(windows, windows.Max());
        (models[0], models[largest]) = (models[largest], models[0]);
        (likelihoods[0], likelihoods[largest]) = (likelihoods[largest], likelihoods[0]);
        (labels[0], labels[largest]) = (labels[largest], labels[0]);
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

    float[] Likelihoods(SourceModel model)
    {
        var values = new float[count];
        for (int y = 0; y < rows; y++)
        {
            ReadOnlySpan<byte> row = evidence.Row(y);
            for (int x = 0; x < columns; x++)
                if (determined[y * columns + x] != 0)
                    values[y * columns + x] = model.LogLikelihood(row.Slice(x * RegionEvidence.WindowBytes, RegionEvidence.WindowBytes));
        }
        return values;
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
        }
        return found;
    }

    double Judge(SourceModel own, SourceModel other, short[] best, int source)
    {
        double ratios = 0, counted = 0;
        int windows = 0;
        for (int y = 0; y < rows; y++)
        {
            ReadOnlySpan<byte> row = evidence.Row(y);
            for (int x = 0; x < columns; x++)
            {
                if (best[y * columns + x] != source || determined[y * columns + x] == 0)
                    continue;
                ReadOnlySpan<byte> window = row.Slice(x * RegionEvidence.WindowBytes, RegionEvidence.WindowBytes);
                double qualities = Math.Log(own.Quality(window) / other.Quality(window)), shifts = Math.Log(own.Shift(window) / other.Shift(window));
                ratios += qualities + shifts;
                counted += double.Lerp(qualityWeight, shiftWeight, RegionEvidence.Clarity(window)) * qualities + shiftWeight * shifts;
                windows++;
            }
        }
        return windows < least || ratios < Clear * windows ? double.NegativeInfinity : counted / Math.Log(10) - tests;
    }

    bool Stands(SourceState state)
    {
        for (int s = 1; s < state.Evidence.Length; s++)
            if (!(state.Evidence[s] >= options.MinimumEvidence))
                return false;
        return true;
    }
}

sealed record SourceState(SourceModel[] Models, float[][] Labels, short[] Best, double[] Evidence);
