using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu;

// QualityInference: the quality network over a picture of any size in a bounded working set.
// The picture is cut into tiles, strips as high as the picture, that a team of threads goes through a few rows at a time
// (QualityTileWorker): a tile of 512 columns needs about 18 MB whatever its height. Up to four threads are one team; more
// are several, each with tiles of its own. What lies along the seams is computed on both sides.
// Every value is computed by the same additions in the same order wherever the seams lie, so the maps are the same
// bits for every tile size and thread count. In steady state a picture allocates nothing.
sealed unsafe class QualityInference : IQualityRowsEngine
{
    public const int DefaultTileSize = 512;
    const int MostMembers = 4;
    const int MinimalBand = 192;

    static readonly WorkProgress Silent = new(null, 1);

    readonly int threads;
    readonly int tileSize;
    readonly Conv3x3Ops ops;
    readonly QualityWeights weights;
    readonly Lock gate = new();
    readonly Stack<Pass> idle = new();

    /// <param name="network">The weights.</param>
    /// <param name="threads">Threads at work, at least 1.</param>
    /// <param name="tileSize">Columns a tile, at least 16; bounds the memory a team needs (33 kB a column).</param>
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
    /// <param name="cancellation">Looked at every few rows.</param>
    /// <exception cref="OperationCanceledException">Cancelled; the maps are then half filled.</exception>
    public void Run(PixelView picture, Span<float> degradation, Span<float> flag, IProgress<double>? progress, CancellationToken cancellation)
    {
        WorkProgress done = progress is null ? Silent : new WorkProgress(progress, (long)picture.Width * picture.Height);
        RunRows(picture, 0, picture.Height, degradation, flag, done, cancellation);
    }

    public void RunRows(PixelView picture, int top, int bottom, Span<float> degradation, Span<float> flag, WorkProgress done, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        long pixels = (long)picture.Width * (bottom - top);
        if (degradation.Length != pixels || flag.Length != pixels)
            throw new ArgumentException($"the maps of {picture.Width}x{bottom - top} pixels hold {pixels} values");
        Pass pass = Rent();
        fixed (byte* bytes = picture.Pixels)
        fixed (float* first = degradation)
        fixed (float* second = flag)
        {
            long before = (long)top * picture.Width;
            pass.Run(new QualityPass(bytes, picture, first - before, second - before), top, bottom, done, cancellation);
        }
        lock (gate)
            idle.Push(pass);
    }

    /// <summary>Nothing to release: workers are the collector's.</summary>
    public void Dispose()
    {
    }

    Pass Rent()
    {
        lock (gate)
        {
            if (idle.TryPop(out Pass? pass))
                return pass;
        }
        return new Pass(this);
    }

    static int Part(int length, int index, int parts) => (int)((long)length * index / parts);

    // One picture's way through: a leader a team, tiles taken as teams become free.
    sealed class Pass : ITeamWork
    {
        readonly QualityInference owner;
        readonly WorkTeam leaders;
        readonly QualityTileWorker?[] workers;
        QualityPass picture;
        WorkProgress? done;
        CancellationToken cancellation;
        int top;
        int bottom;
        int across;
        int down;

        public Pass(QualityInference owner)
        {
            this.owner = owner;
            leaders = new WorkTeam((owner.threads + MostMembers - 1) / MostMembers);
            workers = new QualityTileWorker?[leaders.Members];
        }

        public void Run(in QualityPass pass, int first, int end, WorkProgress progress, CancellationToken token)
        {
            (picture, top, bottom, done, cancellation) = (pass, first, end, progress, token);
            // Columns in equal parts of at most a tile; rows in bands only where there would be too few tiles for the teams.
            across = (pass.Width + owner.tileSize - 1) / owner.tileSize;
            down = Math.Clamp((2 * leaders.Members + across - 1) / across, 1, Math.Max(1, (bottom - top) / MinimalBand));
            if (leaders.Members == 1)
                down = 1;
            leaders.Begin();
            try
            {
                leaders.Run(this, across * down);
            }
            finally
            {
                leaders.End();
                (picture, done, cancellation) = (default, null, default);
            }
        }

        void ITeamWork.Do(int item, int member)
        {
            int members = Part(owner.threads, member + 1, leaders.Members) - Part(owner.threads, member, leaders.Members);
            QualityTileWorker worker = workers[member] ??= new QualityTileWorker(owner.ops, owner.weights, owner.tileSize, members);
            (int i, int j) = (item % across, item / across);
            var tile = new QualityTile(
                Part(picture.Width, i, across), Part(picture.Width, i + 1, across), top + Part(bottom - top, j, down), top + Part(bottom - top, j + 1, down));
            worker.Run(tile, picture, done!, cancellation);
        }
    }
}
