using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks;

// CudaQualityEngine: the quality network over a picture of any size on a CUDA device, in a bounded part of its memory.
// The picture is cut into tiles; two lanes (QualityLane) take them in turn, so that copies and host work of one run beside the
// kernels of the other. Halos are computed again. Values do not depend on the tiles where our own kernels make them
// (ConvolutionPreference).
// Calls from several threads follow one another.
sealed unsafe class CudaQualityEngine : IQualityEngine
{
    const int Lanes = 2;
    const int LargestTile = 1024;
    const int SmallestTile = 64;
    const long MemoryAim = 1536L << 20;

    readonly Lock gate = new();
    readonly CudaRuntime runtime;
    readonly QualityConvolutions convolutions;
    readonly QualityLane[] lanes = new QualityLane[Lanes];
    readonly int largestTile;

    /// <param name="runtime">The device; this engine's own once it is made, still the caller's where it throws.</param>
    /// <param name="network">The weights.</param>
    /// <param name="precision">Of the convolutions.</param>
    /// <param name="tileSize">Longest side of a tile; 0 chooses by the memory.</param>
    /// <param name="preference">Who makes the convolutions; null: as the environment says.</param>
    public CudaQualityEngine(CudaRuntime runtime, QualityNetwork network, ComputePrecision precision, int tileSize = 0, ConvolutionPreference? preference = null)
    {
        this.runtime = runtime;
        bool cudnn = (preference ?? ConvolutionPreferences.Chosen) == ConvolutionPreference.Cudnn;
        CudaStream stream = runtime.CreateStream();
        convolutions = new QualityConvolutions(stream, precision, gradients: false, cudnn);
        using (DeviceBuffer<float> parameters = stream.Rent<float>(network.Parameters.Length))
        {
            stream.Upload<float>(network.Parameters, parameters);
            convolutions.Lay(stream, parameters);
        }
        stream.Synchronize();
        lanes[0] = new QualityLane(stream, convolutions, cudnn);
        for (int i = 1; i < Lanes; i++)
            lanes[i] = new QualityLane(runtime.CreateStream(), convolutions, cudnn);
        largestTile = tileSize == 0 ? TileFor(Math.Min(MemoryAim, runtime.MemoryCap / 2)) : Math.Max(16, tileSize / 16 * 16);
    }

    public void Run(PixelView picture, Span<float> degradation, Span<float> flag, IProgress<double>? progress, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        long pixels = (long)picture.Width * picture.Height;
        if (degradation.Length != pixels || flag.Length != pixels)
            throw new ArgumentException($"the maps of a {picture.Width}x{picture.Height} picture hold {pixels} values");
        QualityTiling tiling = QualityTiling.Of(picture.Width, picture.Height, largestTile);
        var done = new WorkProgress(progress, pixels);
        fixed (byte* bytes = picture.Pixels)
        fixed (float* first = degradation)
        fixed (float* second = flag)
        {
            var source = new LanePicture(bytes, picture.Stride, picture.Format, picture.Width, picture.Height);
            var target = new LaneMaps(first, second, picture.Width);
            lock (gate)
            {
                try
                {
                    for (int i = 0; i < tiling.Count; i++)
                    {
                        cancellation.ThrowIfCancellationRequested();
                        QualityLane lane = lanes[i % Lanes];
                        done.Add(lane.Finish(target));
                        lane.Start(source, tiling[i], tiling.Width, tiling.Height);
                    }
                    for (int i = tiling.Count; i < tiling.Count + Lanes; i++)
                        done.Add(lanes[i % Lanes].Finish(target));
                }
                catch
                {
                    foreach (QualityLane lane in lanes)
                        lane.Abandon();
                    throw;
                }
            }
        }
    }

    public void Dispose()
    {
        foreach (QualityLane lane in lanes)
            lane.Dispose();
        convolutions.Dispose();
        runtime.Dispose();
    }

    // The largest tile of which all lanes fit.
    int TileFor(long memory)
    {
        int tile = LargestTile;
        while (tile > SmallestTile && Lanes * QualityTilePlan.MemoryBytes(tile, tile, convolutions.Storage.Bytes) > memory)
            tile -= 64;
        return tile;
    }
}
