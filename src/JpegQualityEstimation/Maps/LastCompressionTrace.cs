using System.Numerics;
using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Maps;

// LastCompressionTrace: what the grids of last compressions (GridTraces) say beside the network.
//   flag     the greatest of the network's and the evidence for each grid: never lowered, as lack of a grid says nothing
//   quality  network + evidence * (Q - network), evidence that for the table of quality Q, standard tables only; of
//            several grids the one with most of it
// Rows are independent: bands and threads change nothing.
sealed class LastCompressionTrace
{
    const int BandRows = 64;

    readonly GridTraces grids;

    LastCompressionTrace(GridTraces grids) => this.grids = grids;

    public LastCompressionEstimate Estimate => grids.Whole;

    public static LastCompressionTrace Of(PixelView picture, int threads, CancellationToken cancellation) =>
        new(GridTraces.Of(picture, threads, cancellation));

    /// <summary>Fuses rows of planes: 0..100 and 0..1.</summary>
    /// <param name="qualities">[rows, width].</param>
    /// <param name="flags">[rows, width].</param>
    /// <param name="width">Of the picture.</param>
    /// <param name="top">The planes' first row in the picture.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="threads">At most so many.</param>
    public void Fuse(float[] qualities, float[] flags, int width, int top, int rows, int threads)
    {
        if (grids.Traces.Count == 0)
            return;
        RowBands.Run((rows + BandRows - 1) / BandRows, threads, band =>
        {
            float[] grid = new float[width], table = new float[width], most = new float[width], known = new float[width], line = new float[width / 8 + 1];
            for (int row = band * BandRows; row < Math.Min(rows, (band + 1) * BandRows); row++)
            {
                Span<float> flag = flags.AsSpan(row * width, width), quality = qualities.AsSpan(row * width, width);
                most.AsSpan().Clear();
                foreach (GridTrace trace in grids.Traces)
                {
                    trace.Evidence.Row(top + row, grid, table, line);
                    Raise(flag, grid);
                    if (trace.Estimate.IsStandard)
                        Take(table, trace.Estimate.NearestQualityFactor!.Value, most, known);
                }
                Blend(quality, most, known);
            }
        });
    }

    /// <summary>The map that is served, of that of the network alone.</summary>
    public QualityMap Fuse(QualityMap network)
    {
        float[] qualities = network.Quality.ToArray(), flags = network.Compressed.ToArray();
        Fuse(qualities, flags, network.Width, 0, network.Height, threads: 1);
        return new QualityMap(network.Width, network.Height, qualities, flags, network.Reliability.ToArray(), calibration: network.Calibration, last: Estimate);
    }

    // flag = max(flag, evidence).
    static void Raise(Span<float> flag, ReadOnlySpan<float> evidence)
    {
        int x = 0;
        for (; x <= flag.Length - Vector<float>.Count; x += Vector<float>.Count)
            Vector.Max(new Vector<float>(flag[x..]), new Vector<float>(evidence[x..])).CopyTo(flag[x..]);
        for (; x < flag.Length; x++)
            flag[x] = Math.Max(flag[x], evidence[x]);
    }

    // The quality of the most evidence.
    static void Take(ReadOnlySpan<float> evidence, float quality, Span<float> most, Span<float> known)
    {
        int x = 0;
        for (; x <= most.Length - Vector<float>.Count; x += Vector<float>.Count)
        {
            Vector<float> value = new(evidence[x..]), before = new(most[x..]);
            Vector<int> more = Vector.GreaterThan(value, before);
            Vector.ConditionalSelect(more, value, before).CopyTo(most[x..]);
            Vector.ConditionalSelect(more, new Vector<float>(quality), new Vector<float>(known[x..])).CopyTo(known[x..]);
        }
        for (; x < most.Length; x++)
            if (evidence[x] > most[x])
                (most[x], known[x]) = (evidence[x], quality);
    }

    // quality += evidence * (known - quality), each step rounded.
    static void Blend(Span<float> quality, ReadOnlySpan<float> evidence, ReadOnlySpan<float> known)
    {
        int x = 0;
        for (; x <= quality.Length - Vector<float>.Count; x += Vector<float>.Count)
        {
            var value = new Vector<float>(quality[x..]);
            (value + new Vector<float>(evidence[x..]) * (new Vector<float>(known[x..]) - value)).CopyTo(quality[x..]);
        }
        for (; x < quality.Length; x++)
            quality[x] += evidence[x] * (known[x] - quality[x]);
    }
}
