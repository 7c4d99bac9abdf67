using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Findings;

// RegionDescription: labels of windows -> the map and its sources, the largest area first.
static class RegionDescription
{
    const float ClearShift = 0.5f;

    // evidence of each label; labels beyond it are not there.
    public static RegionMap Describe(
        PrimaryQuantMap map, RegionEvidence evidence, QualityMap? quality, short[] labels, float[] confidence, double[] found)
    {
        var areas = new RegionAreas(new RegionPixels(map.PictureWidth, map.Grid, labels, confidence), map.PictureWidth, map.PictureHeight, found.Length, quality);
        int[] order = [.. Enumerable.Range(0, found.Length).OrderByDescending(areas.Share)];
        var place = new short[found.Length];
        for (int i = 0; i < order.Length; i++)
            place[order[i]] = (short)i;
        var sources = new RegionSource[order.Length];
        for (int i = 0; i < order.Length; i++)
        {
            int label = order[i];
            PrimaryQuantEstimate primary = RegionPool.Of(map, evidence, labels, label);
            sources[i] = new RegionSource(i, i == 0 ? RegionSourceKind.Background : RegionSourceKind.Donor, primary)
            {
                Share = areas.Share(label),
                Bounds = areas.Bounds(label),
                Confidence = MeanConfidence(labels, confidence, label),
                Evidence = i == 0 ? 0 : found[label],
                Shift = primary.GridShift is { Probability: >= ClearShift } shift ? shift : null,
                MeanQuality = areas.MeanQuality(label),
                CompressedShare = areas.CompressedShare(label),
            };
        }
        for (int i = 0; i < labels.Length; i++)
            labels[i] = labels[i] < 0 ? labels[i] : place[labels[i]];
        return new RegionMap(map.PictureWidth, map.PictureHeight, map.Grid, labels, confidence, sources);
    }

    static float MeanConfidence(short[] labels, float[] confidence, int label)
    {
        double sum = 0;
        int count = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i] != label)
                continue;
            sum += confidence[i];
            count++;
        }
        return count == 0 ? 0 : (float)(sum / count);
    }
}
