using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Findings;

// RegionPool: windows of a label as one estimate (PrimaryPool). Where the map keeps no probabilities, those of a window are put
// together again from what is there: the most probable step has its probability, the others share the rest alike, and so do
// the shifts that are not among the most probable.
static class RegionPool
{
    public static PrimaryQuantEstimate Of(PrimaryQuantMap map, RegionEvidence evidence, ReadOnlySpan<short> labels, int label)
    {
        if (map.HasProbabilities)
        {
            var windows = new bool[labels.Length];
            for (int i = 0; i < labels.Length; i++)
                windows[i] = labels[i] == label;
            return map.Pool(windows);
        }
        var all = new PrimaryPool();
        Span<double> logarithms = stackalloc double[PrimaryBlocks.Outputs];
        Span<float> probabilities = stackalloc float[PrimaryBlocks.Outputs];
        Span<float> shifts = stackalloc float[RegionEvidence.AllShifts];
        for (int y = 0; y < map.Height; y++)
        {
            ReadOnlySpan<byte> row = evidence.Row(y);
            var pool = new PrimaryPool();
            for (int x = 0; x < map.Width; x++)
            {
                int i = y * map.Width + x;
                if (labels[i] != label || !map.IsLegible(i))
                    continue;
                Steps(map, i, probabilities);
                Shifts(row.Slice(x * RegionEvidence.WindowBytes, RegionEvidence.WindowBytes), shifts);
                PrimaryPosterior.Logarithms(probabilities, logarithms);
                pool.Add(logarithms, map.HasGridShifts ? shifts : default, map.Confidence[i]);
            }
            all.Merge(pool);
        }
        return all.ToEstimate();
    }

    static void Steps(PrimaryQuantMap map, int window, Span<float> probabilities)
    {
        int count = map.Width * map.Height;
        for (int i = 0; i < PrimaryBlocks.Count; i++)
        {
            Span<float> block = probabilities.Slice(PrimaryBlocks.Offsets[i], PrimaryBlocks.Sizes[i]);
            float most = map.StepConfidence[i * count + window];
            block.Fill((1 - most) / (block.Length - 1));
            block[map.Steps[i * count + window] - 1] = most;
        }
    }

    static void Shifts(ReadOnlySpan<byte> window, Span<float> shifts)
    {
        shifts.Fill(Probability(window[RegionEvidence.RestAt]));
        for (int k = 0; k < RegionEvidence.Shifts; k++)
            if (window[RegionEvidence.ShiftAt + k] != RegionEvidence.NoShift)
                shifts[window[RegionEvidence.ShiftAt + k]] = Probability(window[RegionEvidence.CodeAt + k]);
    }

    static float Probability(byte code) => (float)Math.Exp(-code / RegionEvidence.Scale);
}
