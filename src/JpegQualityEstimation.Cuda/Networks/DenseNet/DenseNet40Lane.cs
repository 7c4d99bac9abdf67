using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks.DenseNet;

// DenseNet40Lane: one stream with room for a group of windows: two groups of pixels, so that one is copied while the other is
// worked on, one concatenation buffer a block, the means of a transition. Once a group size comes up a second time its
// launches are a graph. For one thread at a time.
sealed class DenseNet40Lane : IDisposable
{
    const int Blocks = DenseNet40Architecture.Blocks;
    const int Size = DenseNet40Architecture.WindowSize;
    const int WindowBytes = Size * Size * 3;
    const int MostGraphs = 8;

    readonly DenseNet40Kernels kernels;
    readonly CudaDenseNet40Weights weights;
    readonly CudaStream stream;
    readonly CudaStream copies;
    readonly CudaDenseNet40Layers layers;
    readonly CudnnDenseNet40Layers? cudnn;
    readonly DeviceBuffer<byte>[] pixels;
    readonly DeviceBuffer<byte>[] blocks = new DeviceBuffer<byte>[Blocks];
    readonly DeviceBuffer<byte> means;
    readonly DeviceBuffer<float> features;
    readonly DeviceBuffer<float>[] outputs;
    readonly Dictionary<(int Count, int Slot), CudaGraph?> graphs = [];

    /// <param name="runtime">The device.</param>
    /// <param name="kernels">Launches.</param>
    /// <param name="weights">The network.</param>
    /// <param name="group">Most windows at a time.</param>
    /// <param name="filters">For cuDNN; null: our own convolutions.</param>
    public DenseNet40Lane(CudaRuntime runtime, DenseNet40Kernels kernels, CudaDenseNet40Weights weights, int group, CudnnDenseNet40Filters? filters = null)
    {
        (this.kernels, this.weights, Group) = (kernels, weights, group);
        stream = runtime.CreateStream();
        copies = runtime.CreateStream();
        layers = new CudaDenseNet40Layers(stream, kernels, weights);
        cudnn = CudnnDenseNet40Layers.Open(stream, filters, weights, group);
        pixels = [stream.Rent<byte>((long)group * WindowBytes), stream.Rent<byte>((long)group * WindowBytes)];
        for (int b = 0; b < Blocks; b++)
        {
            blocks[b] = stream.Rent<byte>(group * BlockBytes(kernels, b));
            // Sixteen bytes may reach into channels that are not there yet; what is read there counts for nothing.
            stream.Clear(blocks[b]);
        }
        means = stream.Rent<byte>(group * MeansBytes(kernels));
        features = stream.Rent<float>((long)group * DenseNet40Architecture.Features);
        outputs = [stream.Rent<float>((long)group * Outputs), stream.Rent<float>((long)group * Outputs)];
        // Memory rented on one stream and used on the other.
        using CudaEvent rented = stream.Record();
        copies.Wait(rented);
    }

    /// <summary>Most windows at a time.</summary>
    public int Group { get; }

    int Outputs => weights.Architecture.Outputs;

    /// <summary>Bytes of device memory that a window takes in a lane.</summary>
    public static long BytesPerWindow(DenseNet40Kernels kernels) =>
        2 * WindowBytes + Enumerable.Range(0, Blocks).Sum(b => BlockBytes(kernels, b)) + MeansBytes(kernels);

    /// <summary>Outputs [n,outputs] of windows [n,64,64,3].</summary>
    public void Run(ReadOnlySpan<byte> windows, int count, Span<float> results)
    {
        CudaEvent?[] done = [null, null];
        int groups = (count + Group - 1) / Group;
        for (int g = 0; g <= groups; g++)
        {
            if (g < groups)
                Start(windows.Slice(g * Group * WindowBytes, Taken(g) * WindowBytes), Taken(g), g & 1, done);
            // The group before is fetched while this one runs.
            if (g > 0)
                Fetch(results.Slice((g - 1) * Group * Outputs, Taken(g - 1) * Outputs), g - 1 & 1, done);
        }

        int Taken(int g) => Math.Min(Group, count - g * Group);
    }

    void Start(ReadOnlySpan<byte> windows, int count, int slot, CudaEvent?[] done)
    {
        copies.Upload(windows, pixels[slot].Slice(0, windows.Length));
        using (CudaEvent here = copies.Record())
            stream.Wait(here);
        Launch(count, slot);
        done[slot] = stream.Record();
    }

    // What is copied to this slot's pixels afterwards finds them read.
    void Fetch(Span<float> results, int slot, CudaEvent?[] done)
    {
        using (CudaEvent end = done[slot]!)
            copies.Wait(end);
        copies.Download(outputs[slot].Slice(0, results.Length), results);
    }

    void Launch(int count, int slot)
    {
        if (graphs.TryGetValue((count, slot), out CudaGraph? graph))
        {
            graph ??= graphs[(count, slot)] = stream.Capture(_ => Forward(count, slot));
            stream.Launch(graph);
            return;
        }
        if (graphs.Count < MostGraphs)
            graphs.Add((count, slot), null);
        Forward(count, slot);
    }

    void Forward(int count, int slot)
    {
        DenseCanvas canvas = Canvas(0, count);
        layers.First(pixels[slot].Span.Address, WindowBytes, 3 * Size, 0, canvas);
        for (int b = 0; b < Blocks; b++)
        {
            for (int l = 0; l < DenseNet40Architecture.Layers; l++)
                if (cudnn is null || !cudnn.Layer(canvas, b, l))
                    layers.Layer(canvas, b, l);
            if (b == Blocks - 1)
                break;
            DenseCanvas next = Canvas(b + 1, count);
            layers.Transition(canvas, b, 0, means.Span.Address, next);
            canvas = next;
        }
        layers.Head(canvas, features.Span.Address, outputs[slot].Span.Address);
    }

    DenseCanvas Canvas(int block, int count)
    {
        int size = DenseNet40Architecture.Size(block);
        return DenseCanvas.Of(blocks[block].Span.Address, DenseNet40Architecture.BlockOutputs(block), size, size, count);
    }

    static long BlockBytes(DenseNet40Kernels kernels, int block)
    {
        long size = DenseNet40Architecture.Size(block);
        return size * size * DenseNet40Architecture.BlockOutputs(block) * kernels.ValueBytes;
    }

    static long MeansBytes(DenseNet40Kernels kernels)
    {
        long size = DenseNet40Architecture.Size(1);
        return size * size * DenseNet40Architecture.BlockOutputs(0) * kernels.ValueBytes;
    }

    public void Dispose()
    {
        stream.Settle();
        copies.Settle();
        foreach (CudaGraph? graph in graphs.Values)
            graph?.Dispose();
        cudnn?.Dispose();
        foreach (IDisposable buffer in (IDisposable[])[.. pixels, .. blocks, means, features, .. outputs])
            buffer.Dispose();
        copies.Dispose();
        stream.Dispose();
    }
}
