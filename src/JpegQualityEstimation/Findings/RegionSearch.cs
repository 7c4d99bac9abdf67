using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Findings;

// RegionSearch: windows whose clear grid shift is another than most of the picture's.
sealed class RegionSearch(PrimaryQuantMap map, RegionEvidence evidence, QualityMap? quality, RegionOptions options)
{
    const float ClearShift = 0.5f;

    public RegionMap Run()
    {
        int count = map.Width * map.Height;
        var shares = new int[256];
        for (int i = 0; i < count; i++)
            if (Clear(i))
                shares[map.GridShifts[i]]++;
        int[] shifts = [.. Enumerable.Range(0, 64).Where(s => shares[s] > 0).OrderByDescending(s => shares[s])];
        double least = Math.Max(options.MinimumShare * count, (double)options.MinimumArea / map.Stride / map.Stride);
        int[] kept = [.. shifts.Where((s, i) => i == 0 || shares[s] >= least).Take(options.MaximumSources)];
        var labels = new short[count];
        var confidence = new float[count];
        for (int i = 0; i < count; i++)
        {
            int label = Clear(i) ? Math.Max(0, Array.IndexOf(kept, map.GridShifts[i])) : 0;
            (labels[i], confidence[i]) = map.Determined[i] == 0 ? (RegionMap.Undetermined, 0) : ((short)label, map.GridShiftProbability[i]);
        }
        return RegionDescription.Describe(map, evidence, quality, labels, confidence, [.. new double[Math.Max(1, kept.Length)]]);
    }

    bool Clear(int i) => map.Determined[i] != 0 && map.HasGridShifts && map.GridShiftProbability[i] >= ClearShift;
}
