using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Findings;

// RegionLabelling: a map's sources.
//   never-compressed parts by the quality map (NeverCompressedParts)  -> taken out
//   every n-th window both ways, at most MostWindows of them          -> sources (RegionSearch)
//   all windows under the sources' models (WindowField, RegionParts)  -> labels
//   labels                                                            -> cells, from which pixels (RegionCells, RegionPixels)
//   labels, pixels                                                    -> shares, bounds, pooled estimates (RegionDescription)
// Memory beside the evidence: 8 bytes a window and source, and what the search holds of MostWindows.
sealed class RegionLabelling
{
    const int MostWindows = 60_000;

    readonly PrimaryQuantMap map;
    readonly RegionEvidence evidence;
    readonly QualityMap? quality;
    readonly RegionOptions options;
    readonly int count;
    readonly double area, tests;
    readonly byte[] determined;
    readonly NeverCompressedParts? never;

    public RegionLabelling(PrimaryQuantMap map, RegionEvidence evidence, QualityMap? quality, RegionOptions options)
    {
        (this.map, this.evidence, this.quality, this.options) = (map, evidence, quality, options);
        count = map.Width * map.Height;
        determined = new byte[count];
        for (int i = 0; i < count; i++)
            determined[i] = (byte)(map.IsLegible(i) ? 1 : 0);
        area = (double)map.PictureWidth * map.PictureHeight;
        tests = Math.Log10(SourceCandidate.All.Length * Math.Max(1, area / options.MinimumArea));
        if (quality is null || options.MaximumSources == 1)
            return;
        var parts = new NeverCompressedParts(map, quality, Least(map.Stride), tests);
        if (parts.Count == 0 || parts.Evidence < options.MinimumEvidence)
            return;
        never = parts;
        for (int i = 0; i < count; i++)
            determined[i] &= (byte)(parts.Windows[i] ? 0 : 1);
    }

    public RegionMap Run()
    {
        int step = 1;
        while ((long)(map.Width / step + 1) * (map.Height / step + 1) > MostWindows)
            step++;
        SourceState found = Search(step);
        float[][] probabilities = new WindowField(map.Height, map.Width, determined).Labels(
            [.. found.Models.Select(model => model.LogLikelihoods(evidence, map.Height, map.Width, determined))]);
        short[] best = RegionParts.Clean(map.Height, map.Width, determined, probabilities, Least(map.Stride));
        var labels = new short[count];
        var confidence = new float[count];
        for (int i = 0; i < count; i++)
        {
            if (never?.Windows[i] == true)
                (labels[i], confidence[i]) = ((short)found.Models.Length, 1 - never.Flags[i]);
            else
                (labels[i], confidence[i]) = determined[i] == 0 ? (RegionMap.Undetermined, 0) : (best[i], probabilities[best[i]][i]);
        }
        RegionCells? cells = null;
        if (WindowGrid.Side % map.Stride == 0 && found.Models.Length > 1)
        {
            cells = new RegionCells(map.Height, map.Width, WindowGrid.Side / map.Stride);
            cells.Fill(labels, confidence, found.Models.Length);
        }
        double[] kept = never is null ? found.Evidence : [.. found.Evidence, never.Evidence];
        return RegionDescription.Describe(map, evidence, quality, labels, confidence, cells, kept, never is null ? -1 : found.Models.Length);
    }

    SourceState Search(int step)
    {
        RegionEvidence coarse = evidence.Every(step);
        int rows = (map.Height + step - 1) / step, columns = (map.Width + step - 1) / step;
        byte[] known = determined;
        if (step > 1)
        {
            known = new byte[rows * columns];
            for (int y = 0; y < rows; y++)
                for (int x = 0; x < columns; x++)
                    known[y * columns + x] = determined[y * step * map.Width + x * step];
        }
        return new RegionSearch(coarse, rows, columns, map.Stride * step, known, Least(map.Stride * step), tests, map.Second, options).Run();
    }

    // Windows of the least area.
    int Least(int stride) => (int)Math.Ceiling(Math.Max(options.MinimumArea, options.MinimumShare * area) / ((double)stride * stride));
}
