using System.Collections.Concurrent;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// PhaseHistogramEngine: windows of pixels through evidence and network. Single windows are measured one by one, those of
// a picture slide (PhaseEvidenceMap); both go through the network in groups, which changes no bit of a window.
sealed class PhaseHistogramEngine(PhaseHistogramNetwork network) : IPrimaryEngine
{
    readonly PhaseHistogramInference inference = new(network);
    readonly PhaseEvidenceOptions options = network.Options.Evidence;
    readonly ConcurrentBag<Scratch> idle = [];

    public bool GivesPhase => true;

    public void RunWindows(ReadOnlySpan<byte> windows, int count, ReadOnlySpan<ushort> secondZigZag, Span<float> logits, Span<float> phase)
    {
        const int Side = WindowGrid.Side, Bytes = WindowByWindowSource.WindowBytes;
        if (!idle.TryTake(out Scratch? scratch))
            scratch = new Scratch(options);
        for (int first = 0; first < count; first += PhaseHistogramInference.Group)
        {
            int taken = Math.Min(PhaseHistogramInference.Group, count - first);
            for (int n = 0; n < taken; n++)
            {
                var window = new PixelView(windows.Slice((first + n) * Bytes, Bytes), Side, Side, PixelFormat.Rgb24);
                LumaRows.Convert(window, scratch.Luma, Side);
                scratch.Windows.Compute(
                    scratch.Luma, Side,
                    scratch.Evidence.AsSpan(n * options.EvidenceLength, options.EvidenceLength),
                    scratch.Overall.AsSpan(n * options.OverallLength, options.OverallLength));
            }
            Infer(scratch.Evidence, scratch.Overall, secondZigZag, first, taken, logits, phase);
        }
        idle.Add(scratch);
    }

    public IPrimaryMapSource Open(PinnedPixels picture, ReadOnlySpan<ushort> secondZigZag, WindowGrid grid) =>
        new Source(this, picture, secondZigZag.ToArray(), grid);

    public void Dispose() => idle.Clear();

    void Infer(
        float[] evidence, float[] overall, ReadOnlySpan<ushort> second, int first, int count, Span<float> logits, Span<float> phase) => inference.Run(
            evidence.AsSpan(0, count * options.EvidenceLength), overall.AsSpan(0, count * options.OverallLength), second, count,
            logits.Slice(first * PrimaryBlocks.Outputs, count * PrimaryBlocks.Outputs), phase.Slice(64 * first, 64 * count));

    sealed class Scratch(PhaseEvidenceOptions options)
    {
        public PhaseEvidence Windows { get; } = new(options);

        public float[] Luma { get; } = new float[WindowGrid.Side * WindowGrid.Side];

        public float[] Evidence { get; } = new float[PhaseHistogramInference.Group * options.EvidenceLength];

        public float[] Overall { get; } = new float[PhaseHistogramInference.Group * options.OverallLength];
    }

    sealed class Source : IPrimaryMapSource
    {
        // Windows whose evidence is held at a time; bounds the memory of a thread (0.4 MB a window).
        const int MostAtATime = 32;

        readonly PhaseHistogramEngine engine;
        readonly PinnedPixels picture;
        readonly ushort[] second;
        readonly WindowGrid grid;
        readonly PhaseEvidenceMap map;
        readonly float[] evidence, overall;
        readonly int atATime;

        public Source(PhaseHistogramEngine engine, PinnedPixels picture, ushort[] second, WindowGrid grid)
        {
            (this.engine, this.picture, this.second, this.grid) = (engine, picture, second, grid);
            map = new PhaseEvidenceMap(engine.options, picture.Width - grid.OriginColumn, picture.Height - grid.OriginRow, WindowGrid.Side, grid.Stride);
            const int Group = PhaseHistogramInference.Group;
            atATime = Math.Max(Group, Math.Min(map.Group, MostAtATime) / Group * Group);
            evidence = new float[atATime * engine.options.EvidenceLength];
            overall = new float[atATime * engine.options.OverallLength];
        }

        public void FillRow(int row, int first, int count, Span<float> logits, Span<float> phase)
        {
            // The second grid begins at the origin: cropped there, phases count from it.
            PixelView view = picture.View.Crop(
                grid.OriginColumn, grid.OriginRow, picture.Width - grid.OriginColumn, picture.Height - grid.OriginRow);
            for (int done = 0; done < count; done += atATime)
            {
                int taken = Math.Min(atATime, count - done);
                map.FillRow(view, row, first + done, taken, evidence, overall);
                engine.Infer(evidence, overall, second, done, taken, logits, phase);
            }
        }

        public void Dispose()
        {
        }
    }
}
