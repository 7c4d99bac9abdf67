using System.Collections.Concurrent;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu;

// QualityInference: the quality network over a picture of any size in a bounded working set.
// The picture is cut into tiles that workers go through a few rows at a time (QualityTileWorker): a tile of 512 columns
// needs about 26 MB whatever its height. What lies along the seams is computed on both sides.
// Every value is computed by the same additions in the same order wherever the seams lie, so the maps are the same
// bits for every tile size and thread count.
sealed unsafe class QualityInference : IQualityEngine
{
    public const int DefaultTileSize = 512;
    const int MinimalBand = 64;
    const int PreferredBand = 192;

    readonly int threads;
    readonly int tileSize;
    readonly Conv3x3Ops ops;
    readonly QualityWeights weights;
    readonly ConcurrentBag<QualityTileWorker> idleWorkers = [];

    /// <param name="network">The weights.</param>
    /// <param name="threads">Most tiles at a time, at least 1.</param>
    /// <param name="tileSize">Columns a tile, at least 16; bounds the memory a thread needs (37 kB a column).</param>
    /// <param name="kernels">Vector width; null: the process's.</param>
    /// <param name="algorithm">How the 64-to-64 convolutions are computed.</param>
    public QualityInference(QualityNetwork network, int threads, int tileSize = DefaultTileSize, CpuKernelSet? kernels = null,
        ConvolutionAlgorithm algorithm = ConvolutionAlgorithm.Winograd)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(tileSize, 16);
        this.threads = threads;
        this.tileSize = tileSize;
        ops = Conv3x3Ops.For(kernels ?? CpuKernelSets.Chosen);
        weights = new QualityWeights(ops, algorithm, withBackward: false);
        weights.Lay(network.Parameters);
    }

    /// <summary>Fills the raw output maps of a picture. Safe to call from several threads at once.</summary>
    /// <param name="picture">Any format; gray is read as R = G = B.</param>
    /// <param name="degradation">Output 0 [height, width]: 1 - quality/100, not clipped.</param>
    /// <param name="flag">Output 1 [height, width]: 1 = compressed, not clipped.</param>
    /// <param name="progress">Share of the picture done, 0..1, never falling; called from worker threads, one at a time.</param>
    /// <param name="cancellation">Looked at once a row.</param>
    /// <exception cref="OperationCanceledException">Cancelled; the maps are then half filled.</exception>
    public void Run(PixelView picture, Span<float> degradation, Span<float> flag, IProgress<double>? progress, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        int width = picture.Width;
        int height = picture.Height;
        int stride = picture.Stride;
        PixelFormat format = picture.Format;
        long pixels = (long)width * height;
        if (degradation.Length != pixels || flag.Length != pixels)
            throw new ArgumentException($"the maps of a {width}x{height} picture hold {pixels} values");
        List<QualityTile> tiles = Tiles(width, height);
        int byteCount = picture.Pixels.Length;
        var done = new WorkProgress(progress, pixels);
        fixed (byte* bytes = picture.Pixels)
        fixed (float* first = degradation)
        fixed (float* second = flag)
        {
            // A ref struct cannot be captured; the pinned pointers can.
            byte* pixelBytes = bytes;
            float* map0 = first;
            float* map1 = second;
            var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
            Parallel.For(0, tiles.Count, options, i =>
            {
                if (!idleWorkers.TryTake(out QualityTileWorker? worker))
                    worker = new QualityTileWorker(ops, weights, tileSize);
                var view = new PixelView(new ReadOnlySpan<byte>(pixelBytes, byteCount), width, height, stride, format);
                worker.Run(tiles[i], view, map0, map1, done.Add, cancellation);
                idleWorkers.Add(worker);
            });
        }
    }

    /// <summary>Nothing to release: workers are the collector's.</summary>
    public void Dispose()
    {
    }

    // Columns in equal parts of at most tileSize; rows in bands, enough of them to keep every thread busy but not
    // so thin that recomputing the rows at the seams costs more than a tenth.
    List<QualityTile> Tiles(int width, int height)
    {
        int across = (width + tileSize - 1) / tileSize;
        int wanted = (2 * threads + across - 1) / across;
        int down = Math.Min(wanted, Math.Max(1, height / PreferredBand));
        if (across * down < threads)
            down = Math.Clamp(threads / across, 1, Math.Max(1, height / MinimalBand));
        var tiles = new List<QualityTile>(across * down);
        for (int j = 0; j < down; j++)
            for (int i = 0; i < across; i++)
                tiles.Add(new QualityTile(Part(width, i, across), Part(width, i + 1, across), Part(height, j, down), Part(height, j + 1, down)));
        return tiles;
    }

    static int Part(int length, int index, int parts) => (int)((long)length * index / parts);
}
