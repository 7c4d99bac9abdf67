using System.Collections.Concurrent;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// PhaseHistogramEngine: windows of pixels through evidence and network. Single windows are measured each by itself, those of
// a picture slide (PhaseEvidenceMap); both meet the network in groups, one coefficient at a time. None of this changes a
// bit of a window.
sealed class PhaseHistogramEngine(PhaseHistogramNetwork network) : IPrimaryEngine
{
    readonly PhaseHistogramInference inference = new(network);
    readonly PhaseEvidenceOptions options = network.Options.Evidence;
    readonly ConcurrentBag<PhaseEvidenceWindows> idle = [];

    // By stride: what a source works in does not depend on its picture.
    readonly ConcurrentDictionary<int, ConcurrentBag<PhaseEvidenceMap>> idleMaps = [];

    public bool GivesPhase => true;

    public void RunWindows(ReadOnlySpan<byte> windows, int count, ReadOnlySpan<ushort> secondZigZag, Span<float> logits, Span<float> phase)
    {
        const int Bytes = WindowByWindowSource.WindowBytes;
        if (!idle.TryTake(out PhaseEvidenceWindows? measured))
            measured = new PhaseEvidenceWindows(options, WindowGrid.Side, PhaseHistogramInference.Group, CpuKernelSets.Chosen);
        for (int first = 0; first < count; first += PhaseHistogramInference.Group)
        {
            int taken = Math.Min(PhaseHistogramInference.Group, count - first);
            measured.Load(windows.Slice(first * Bytes, taken * Bytes), taken);
            inference.Run(measured, secondZigZag, taken, logits.Slice(first * PrimaryBlocks.Outputs, taken * PrimaryBlocks.Outputs), phase.Slice(64 * first, 64 * taken));
        }
        idle.Add(measured);
    }

    public IPrimaryMapSource Open(PinnedPixels picture, ReadOnlySpan<ushort> secondZigZag, WindowGrid grid) =>
        new Source(this, picture, secondZigZag.ToArray(), grid);

    public void Dispose()
    {
        idle.Clear();
        idleMaps.Clear();
    }

    ConcurrentBag<PhaseEvidenceMap> IdleMaps(int stride) =>
        idleMaps.TryGetValue(stride, out ConcurrentBag<PhaseEvidenceMap>? maps) ? maps : idleMaps.GetOrAdd(stride, _ => []);

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
            int width = picture.Width - grid.OriginColumn, height = picture.Height - grid.OriginRow;
            if (engine.IdleMaps(grid.Stride).TryTake(out PhaseEvidenceMap? idle))
                idle.Begin(width, height);
            map = idle ?? new PhaseEvidenceMap(engine.options, width, height, WindowGrid.Side, grid.Stride);
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

        public void Dispose() => engine.IdleMaps(grid.Stride).Add(map);
    }
}
