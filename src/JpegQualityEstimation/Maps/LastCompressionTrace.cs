using System.Numerics;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Maps;

// LastCompressionTrace: what the grids of last compressions (GridTraces) say beside the network.
//   flag     the greatest of the network's and the evidence for each grid: never lowered, as lack of a grid says nothing
//   quality  network + evidence * (Q - network), evidence that for the table of quality Q, standard tables only; of
//            several grids the one with most of it
// Rows are independent: bands and threads change nothing. Memory is kept from picture to picture: 5 MB, 0.6 kB a column and
// thread, 0.35 bytes a pixel. One picture at a time.
sealed class LastCompressionTrace
{
    const int BandRows = 64;

    readonly GridTraces grids = new();
    readonly Idle<EvidenceRows> idleRows = new();

    public LastCompressionEstimate Estimate => grids.Whole;

    public static LastCompressionTrace Of(PixelView picture, int threads, CancellationToken cancellation)
    {
        var trace = new LastCompressionTrace();
        trace.Read(picture, threads, cancellation);
        return trace;
    }

    /// <summary>Looks for the grids of a picture; those of the last one are forgotten.</summary>
    public void Read(PixelView picture, int threads, CancellationToken cancellation) => grids.Read(picture, threads, cancellation);

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
            EvidenceRows evidence = idleRows.Take();
            evidence.Begin(width);
            Span<float> grid = evidence.Grid, table = evidence.Table, most = evidence.Most, known = evidence.Known;
            for (int row = band * BandRows; row < Math.Min(rows, (band + 1) * BandRows); row++)
            {
                Span<float> flag = flags.AsSpan(row * width, width), quality = qualities.AsSpan(row * width, width);
                most.Clear();
                for (int t = 0; t < grids.Traces.Count; t++)
                {
                    GridTrace trace = grids.Traces[t];
                    trace.Evidence.Row(top + row, grid, table, evidence.Line);
                    Raise(flag, grid);
                    if (trace.Estimate.IsStandard)
                        Take(table, trace.Estimate.NearestQualityFactor!.Value, most, known);
                }
                Blend(quality, most, known);
            }
            idleRows.Return(evidence);
        });
    }

    /// <summary>The map that is served, of that of the network alone.</summary>
    public QualityMap Fuse(QualityMap network)
    {
        float[] qualities = network.Quality.ToArray(), flags = network.Compressed.ToArray();
        Fuse(qualities, flags, network.Width, 0, network.Height, threads: 1);
        return new QualityMap(network.Width, network.Height, qualities, flags, network.Reliability.ToArray(), calibration: network.Calibration, last: Estimate);
    }

    // A thread's rows of a picture.
    sealed class EvidenceRows
    {
        KeptArray<float> values;
        int width;

        public Span<float> Grid => values.Values(width);

        public Span<float> Table => Row(1);

        public Span<float> Most => Row(2);

        public Span<float> Known => Row(3);

        /// <summary>A value a block.</summary>
        public Span<float> Line => Row(4);

        public void Begin(int columns)
        {
            width = columns;
            values.Room(5 * columns);
            // What is not known counts for nothing, but must be a number.
            Known.Clear();
        }

        Span<float> Row(int row) => values.Values((row + 1) * width)[(row * width)..];
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
