using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Findings;

// RegionDescription: labels of windows -> the map and its sources, the largest area first.
static class RegionDescription
{
    const float ClearShift = 0.5f;

    // labels, confidence, cells: numbers are changed to places. found: evidence of each label. never: the label of what was never
    // compressed, -1 for none.
    public static RegionMap Describe(
        PrimaryQuantMap map, RegionEvidence evidence, QualityMap? quality, short[] labels, float[] confidence, RegionCells? cells, double[] found, int never)
    {
        RegionPixels pixels = cells is null
            ? new RegionPixels(map.PictureWidth, map.Grid, WindowGrid.Side, labels, confidence)
            : new RegionPixels(map.PictureWidth, map.Grid with { Rows = cells.Rows, Columns = cells.Columns }, map.Stride, cells.Labels, cells.Confidence);
        var areas = new RegionAreas(pixels, map.PictureWidth, map.PictureHeight, found.Length, quality);
        int[] order = [.. Enumerable.Range(0, found.Length).Where(label => label == 0 || areas.Share(label) > 0).OrderByDescending(areas.Share)];
        var place = new short[found.Length];
        for (int i = 0; i < order.Length; i++)
            place[order[i]] = (short)i;
        var sources = new RegionSource[order.Length];
        for (int i = 0; i < order.Length; i++)
        {
            int label = order[i];
            PrimaryQuantEstimate primary = RegionPool.Of(map, evidence, labels, label);
            sources[i] = new RegionSource(i, label == never ? RegionSourceKind.NeverCompressed : i == 0 ? RegionSourceKind.Background : RegionSourceKind.Donor, primary)
            {
                Share = areas.Share(label),
                Bounds = areas.Bounds(label),
                Confidence = MeanConfidence(labels, confidence, label),
                Evidence = i == 0 ? 0 : found[label] == 0 ? found[order[0]] : found[label],
                Shift = primary.GridShift is { Probability: >= ClearShift } shift ? shift : null,
                MeanQuality = areas.MeanQuality(label),
                CompressedShare = areas.CompressedShare(label),
            };
        }
        Renumber(labels, place);
        if (cells is not null)
            Renumber(cells.Labels, place);
        return new RegionMap(map.PictureWidth, map.PictureHeight, map.Grid, labels, confidence, pixels, sources);
    }

    static void Renumber(short[] labels, short[] place)
    {
        for (int i = 0; i < labels.Length; i++)
            labels[i] = labels[i] < 0 ? labels[i] : place[labels[i]];
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
