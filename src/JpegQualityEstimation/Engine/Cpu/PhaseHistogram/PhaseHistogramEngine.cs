using System.Collections.Concurrent;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// PhaseHistogramEngine: windows of pixels through evidence and network. Single windows are measured one by one, those of
// a picture slide (PhaseEvidenceMap) and meet the network one coefficient at a time; both go through it in groups. None
// of this changes a bit of a window.
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
            inference.Run(
                scratch.Evidence.AsSpan(0, taken * options.EvidenceLength), scratch.Overall.AsSpan(0, taken * options.OverallLength), secondZigZag, taken,
                logits.Slice(first * PrimaryBlocks.Outputs, taken * PrimaryBlocks.Outputs), phase.Slice(64 * first, 64 * taken));
        }
        idle.Add(scratch);
    }

    public IPrimaryMapSource Open(PinnedPixels picture, ReadOnlySpan<ushort> secondZigZag, WindowGrid grid) =>
        new Source(this, picture, secondZigZag.ToArray(), grid);

    public void Dispose() => idle.Clear();

    sealed class Scratch(PhaseEvidenceOptions options)
    {
        public PhaseEvidence Windows { get; } = new(options);

        public float[] Luma { get; } = new float[WindowGrid.Side * WindowGrid.Side];

        public float[] Evidence { get; } = new float[PhaseHistogramInference.Group * options.EvidenceLength];

        public float[] Overall { get; } = new float[PhaseHistogramInference.Group * options.OverallLength];
    }

    sealed class Source : IPrimaryMapSource
    {
        readonly PhaseHistogramEngine engine;
        readonly PinnedPixels picture;
        readonly ushort[] second;
        readonly WindowGrid grid;
        readonly PhaseEvidenceMap map;
        readonly int atATime;

        public Source(PhaseHistogramEngine engine, PinnedPixels picture, ushort[] second, WindowGrid grid)
        {
            (this.engine, this.picture, this.second, this.grid) = (engine, picture, second, grid);
            map = new PhaseEvidenceMap(engine.options, picture.Width - grid.OriginColumn, picture.Height - grid.OriginRow, WindowGrid.Side, grid.Stride);
            const int Group = PhaseHistogramInference.Group;
            atATime = map.Group < Group ? map.Group : map.Group / Group * Group;
        }

        public void FillRow(int row, int first, int count, Span<float> logits, Span<float> phase)
        {
            // The second grid begins at the origin: cropped there, phases count from it.
            PixelView view = picture.View.Crop(
                grid.OriginColumn, grid.OriginRow, picture.Width - grid.OriginColumn, picture.Height - grid.OriginRow);
            for (int done = 0; done < count; done += atATime)
            {
                int taken = Math.Min(atATime, count - done);
                map.Load(view, row, first + done, taken);
                engine.inference.Run(
                    map, second, taken, logits.Slice(done * PrimaryBlocks.Outputs, taken * PrimaryBlocks.Outputs), phase.Slice(64 * done, 64 * taken));
            }
        }

        public void Dispose()
        {
        }
    }
}
