using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks;

// QualityTilePlan: the seven layers over a tile of one size, as a captured graph with the memory it works on.
//   bytes of the picture under the tile and its halo of 16 pixels -> [h+32,w+32,4] -> six times [.,64], two buffers in turn ->
//   two planes [h,w] of floats
// Each layer makes what the next one looks at, so the margin grows from 1 to 16 pixels. What of the planes is picture stands in
// device memory (`View`), written for each tile; what is not is neither computed nor read.
sealed class QualityTilePlan : IDisposable
{
    const int Halo = QualityArchitecture.Halo;
    const int BytesAPixel = 4;
    const int ViewLength = 9;

    readonly CudaStream stream;
    readonly QualityConvolutions convolutions;
    readonly DeviceBuffer<byte> bytes;
    readonly DeviceBuffer<int> view;
    readonly DeviceBuffer<byte> input;
    readonly DeviceBuffer<byte>[] features;
    readonly DeviceBuffer<float> maps;
    readonly ConvolutionPlan?[] plans;
    readonly CudaGraph graph;

    public QualityTilePlan(CudaStream stream, QualityConvolutions convolutions, CudnnContext? cudnn, int width, int height)
    {
        (this.stream, this.convolutions, Width, Height) = (stream, convolutions, width, height);
        Planes = ConvolutionPlanes.Whole(1, width + 2 * Halo, height + 2 * Halo);
        int storage = convolutions.Storage.Bytes;
        bytes = stream.Rent<byte>(Planes.Pixels * BytesAPixel);
        view = stream.Rent<int>(ViewLength);
        input = stream.Rent<byte>(Planes.Pixels * 4 * storage);
        features = [stream.Rent<byte>(Planes.Pixels * 64 * storage), stream.Rent<byte>(Planes.Pixels * 64 * storage)];
        maps = stream.Rent<float>(2L * width * height);
        Bytes = stream.Runtime.Pin<byte>(checked((int)bytes.Length));
        View = stream.Runtime.Pin<int>(ViewLength);
        Maps = stream.Runtime.Pin<float>(checked((int)maps.Length));
        plans = [.. Enumerable.Range(0, QualityArchitecture.Layers).Select(layer => convolutions.Plan(cudnn, layer, Planes))];
        // Once over an empty picture, so that everything is loaded before the capture.
        stream.Clear(view);
        Work(stream);
        graph = stream.Capture(Work);
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>The tile with its halo.</summary>
    public ConvolutionPlanes Planes { get; }

    /// <summary>The picture's bytes under the planes, row by row.</summary>
    public PinnedBuffer<byte> Bytes { get; }

    /// <summary>Left, top, right, bottom of the picture in the planes; bytes a row, bytes a pixel, offsets of red, green, blue.</summary>
    public PinnedBuffer<int> View { get; }

    /// <summary>[2,height,width], there once the stream has come so far.</summary>
    public PinnedBuffer<float> Maps { get; }

    /// <summary>Device memory of a plan.</summary>
    public static long MemoryBytes(int width, int height, int storageBytes)
    {
        long pixels = (width + 2L * Halo) * (height + 2L * Halo);
        return pixels * (BytesAPixel + 132 * storageBytes) + 8L * width * height;
    }

    /// <summary>Starts the tile that <see cref="Bytes"/> and <see cref="View"/> hold; rows of the maps beyond the given are not copied.</summary>
    public void Start(int byteCount, int rows)
    {
        stream.UploadAsync(View, view);
        stream.UploadAsync(Bytes, bytes.Slice(0, byteCount));
        stream.Launch(graph);
        for (int map = 0; map < 2; map++)
            stream.DownloadAsync(maps.Slice((long)map * Width * Height, (long)Width * rows), Maps, map * Width * Height);
    }

    public void Dispose()
    {
        graph.Dispose();
        foreach (IDisposable held in (IDisposable[])[bytes, view, input, .. features, maps, Bytes, View, Maps])
            held.Dispose();
    }

    void Work(CudaStream on)
    {
        on.Launch(on.Runtime.Kernel("quality", $"quality_load_{convolutions.Storage.Suffix}"), new Dim3((int)((Planes.Pixels + 255) / 256)), new Dim3(256), 0,
            bytes, view, input, 1, Planes.Width, Planes.Height);
        DeviceSpan<int> bounds = view.Slice(0, 4);
        DeviceSpan<byte> from = input;
        int margin = 0;
        for (int layer = 0; layer < QualityArchitecture.Layers; layer++)
        {
            margin += QualityArchitecture.Dilations[layer];
            ConvolutionPlanes made = Planes.Inset(margin);
            if (layer == QualityArchitecture.Layers - 1)
            {
                convolutions.Pair(on, from, maps, bounds, made, 1, (long)Width * Height);
                break;
            }
            DeviceSpan<byte> to = features[layer % 2];
            if (plans[layer] is { } plan)
                convolutions.Forward(on, plan, layer, from, to, bounds, Planes);
            else
                convolutions.Forward(on, layer, from, to, bounds, made);
            from = to;
        }
    }
}
