using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks.DenseNet;

// CudaDenseNet40Strip: windows side by side, 8 pixels apart, sliding down 8 pixels at a time: what overlapping windows have in
// common is computed once, without approximation (DenseNet40Strip has the reasoning; rings and sizes are the same).
//   strip    one image that all windows read; zero padding above and below only
//   edges    the outermost 15 columns of every window, [left, right][window] images. Columns in the ring are computed,
//            those behind it are copied from the strip.
//   sliding  in strip and edges, rows that neither the upper nor the lower ring touches stay when the windows move down:
//            canvases have twice the rows and are moved up when these are used up.
// In the middle block every layer's sum over the block's 168 inputs is shared in this way, rounded to what the canvas stores;
// what it adds from channels of the block itself, and the last block, is computed window by window.
// With floats, values are those of single windows to rounding: sums of the middle block are added in two parts.
// A call takes up to 16 rows of windows: one upload, one download, and from the second full call on one graph.
// For one thread at a time.
sealed class CudaDenseNet40Strip : IDisposable
{
    public const int Stride = 8;
    const int Size = DenseNet40Architecture.WindowSize;
    const int Layers = DenseNet40Architecture.Layers;
    const int EdgeColumns = 15;
    const int PooledEdgeColumns = 9;
    const int Inputs = DenseNet40Packs.SplitInputs;
    const int Middle = 312;
    const int PooledRing = 7;
    const int SumRing = 8;

    /// <summary>Rows of windows that one call takes.</summary>
    public const int MostRows = 16;

    readonly DenseNet40Kernels kernels;
    readonly CudaDenseNet40Weights weights;
    readonly CudaStream stream;
    readonly CudaDenseNet40Layers layers;
    readonly int width;
    readonly byte[] bytes;
    readonly DeviceBuffer<byte> pixels;
    readonly SlidingCanvas strip;
    readonly SlidingCanvas edges;
    readonly SlidingCanvas pooled;
    readonly SlidingCanvas pooledEdges;
    readonly DeviceBuffer<byte> middle;
    readonly DeviceBuffer<byte> last;
    readonly DeviceBuffer<byte> means;
    readonly DeviceBuffer<float> features;
    readonly DeviceBuffer<float> outputs;
    CudaGraph? graph;
    bool ran;

    public CudaDenseNet40Strip(CudaRuntime runtime, DenseNet40Kernels kernels, CudaDenseNet40Weights weights, int windows)
    {
        (this.kernels, this.weights, Windows) = (kernels, weights, windows);
        stream = runtime.CreateStream();
        layers = new CudaDenseNet40Layers(stream, kernels, weights);
        width = Width(windows);
        bytes = new byte[(Size + Stride * (MostRows - 1)) * 3 * width];
        pixels = stream.Rent<byte>(bytes.Length);
        strip = new SlidingCanvas(stream, kernels, Inputs, width, Size, 1);
        edges = new SlidingCanvas(stream, kernels, Inputs, EdgeColumns, Size, 2 * windows);
        pooled = new SlidingCanvas(stream, kernels, Middle, width / 2, Size / 2, 1);
        pooledEdges = new SlidingCanvas(stream, kernels, Middle, PooledEdgeColumns, Size / 2, 2 * windows);
        middle = stream.Rent<byte>(windows * MiddleBytes(kernels));
        last = stream.Rent<byte>(windows * LastBytes(kernels));
        stream.Clear(middle);
        stream.Clear(last);
        // Of edges and strip in the first transition, of windows in the second.
        means = stream.Rent<byte>(Math.Max((long)width / 2 * 32 * Inputs, (long)windows * Math.Max(2 * PooledRing * 32 * Inputs, 16 * 16 * Middle)) * kernels.ValueBytes);
        features = stream.Rent<float>((long)windows * DenseNet40Architecture.Features);
        outputs = stream.Rent<float>((long)MostRows * windows * Outputs);
    }

    /// <summary>Bytes of device memory a window, for strips of many.</summary>
    public static long BytesPerWindow(DenseNet40Kernels kernels) =>
        MiddleBytes(kernels) + LastBytes(kernels) + kernels.ValueBytes *
            (2L * Size * (Stride + 2 * EdgeColumns) * Inputs + Size * (Stride / 2 + 2 * PooledEdgeColumns) * Middle + 16 * 16 * Middle);

    /// <summary>Windows side by side.</summary>
    public int Windows { get; }

    int Outputs => weights.Architecture.Outputs;

    /// <summary>Outputs [rows,count,outputs] of windows whose top left corners are at (top + 8 y, left + 8 x).</summary>
    /// <param name="picture">Any format.</param>
    /// <param name="top">Row of the first windows.</param>
    /// <param name="left">Column of the first windows.</param>
    /// <param name="rows">Rows of windows, at most <see cref="MostRows"/>.</param>
    /// <param name="count">Windows of a row, at most <see cref="Windows"/>.</param>
    /// <param name="results">Overwritten; a row begins so many values behind the one before:</param>
    /// <param name="resultStride">at least count times the outputs of a window.</param>
    public void Run(PixelView picture, int top, int left, int rows, int count, Span<float> results, int resultStride)
    {
        Load(picture, top, left, rows, Width(count));
        if (rows < MostRows)
            Forward(rows);
        else
        {
            if (ran)
                graph ??= stream.Capture(_ => Forward(MostRows));
            if (graph is null)
                Forward(MostRows);
            else
                stream.Launch(graph);
            ran = true;
        }
        float[] all = new float[rows * Windows * Outputs];
        stream.Download(outputs.Slice(0, all.Length), all);
        for (int y = 0; y < rows; y++)
            all.AsSpan(y * Windows * Outputs, count * Outputs).CopyTo(results[(y * resultStride)..]);
    }

    public void Dispose()
    {
        stream.Settle();
        graph?.Dispose();
        foreach (IDisposable buffer in (IDisposable[])[pixels, strip, edges, pooled, pooledEdges, middle, last, means, features, outputs])
            buffer.Dispose();
        stream.Dispose();
    }

    static int Width(int windows) => Size + Stride * (windows - 1);

    static long MiddleBytes(DenseNet40Kernels kernels) => (long)(Size / 2) * (Size / 2) * Middle * kernels.ValueBytes;

    static long LastBytes(DenseNet40Kernels kernels) => (long)(Size / 4) * (Size / 4) * DenseNet40Architecture.Features * kernels.ValueBytes;

    // The rows under the windows; columns behind the last window are zero and belong to windows that nobody reads.
    void Load(PixelView picture, int top, int left, int rows, int used)
    {
        int row = 3 * width, height = Size + Stride * (rows - 1);
        for (int y = 0; y < height; y++)
        {
            WindowByWindowSource.CopyRow(picture.Crop(left, top + y, used, 1), bytes.AsSpan(y * row, 3 * used));
            bytes.AsSpan(y * row + 3 * used, row - 3 * used).Clear();
        }
        stream.Upload(bytes.AsSpan(0, height * row), pixels.Slice(0, height * row));
    }

    void Forward(int rows)
    {
        foreach (SlidingCanvas canvas in (SlidingCanvas[])[strip, edges, pooled, pooledEdges])
            canvas.Restart();
        for (int y = 0; y < rows; y++)
            ForwardRow(y);
    }

    // What a row needs beyond the one before it; of the first, everything.
    void ForwardRow(int y)
    {
        bool fresh = y == 0;
        if (!fresh)
            foreach ((SlidingCanvas canvas, int by) in ((SlidingCanvas, int)[])[(strip, Stride), (edges, Stride), (pooled, Stride / 2), (pooledEdges, Stride / 2)])
                canvas.Slide(stream, kernels, by);
        FirstBlock(fresh, pixels.Span.Address + (ulong)(y * Stride * 3 * width));
        MiddleInputs(fresh);
        DenseCanvas windows = DenseCanvas.Of(middle.Span.Address, Middle, Size / 2, Size / 2, Windows);
        kernels.Assemble(stream, pooled.Canvas, pooledEdges.Canvas, windows, Stride / 2);
        for (int l = 1; l < Layers; l++)
            layers.Growth(windows, l);
        DenseCanvas end = DenseCanvas.Of(last.Span.Address, DenseNet40Architecture.Features, Size / 4, Size / 4, Windows);
        layers.Transition(windows, 1, 0, means.Span.Address, end);
        for (int l = 0; l < Layers; l++)
            layers.Layer(end, 2, l);
        layers.Head(end, features.Span.Address, outputs.Span.Address + (ulong)(y * Windows * Outputs * sizeof(float)));
    }

    void FirstBlock(bool fresh, ulong from)
    {
        for (int l = -1; l < Layers; l++)
        {
            int ring = l + 2;
            (int upper, int lower) = Rows(fresh, ring, Size, Stride);
            DenseCanvas all = strip.Canvas.WithRows(upper, lower), sides = edges.Canvas.WithRows(upper, lower);
            if (l < 0)
            {
                layers.First(from, 0, 3 * width, 0, all);
                layers.First(from, 3 * Stride, 3 * width, 3 * (Size - EdgeColumns), sides.WithRing(ring));
            }
            else
            {
                layers.Layer(all, 0, l);
                layers.Layer(sides.WithRing(ring), 0, l);
            }
            kernels.Share(stream, all, sides, ring, Stride, Size - EdgeColumns, l < 0 ? 0 : DenseNet40Architecture.LayerInputs(0, l),
                l < 0 ? DenseNet40Architecture.FirstFilters : DenseNet40Architecture.Growth);
        }
    }

    void MiddleInputs(bool fresh)
    {
        (int upper, int lower) = Rows(fresh, PooledRing, Size / 2, Stride / 2);
        DenseCanvas all = pooled.Canvas.WithRows(upper, lower), sides = pooledEdges.Canvas.WithRows(upper, lower);
        layers.Transition(strip.Canvas, 0, 0, means.Span.Address, all);
        // The right edge keeps columns 49..63, its pooled one columns 23..31: pooled column 2 of it lies over column 1.
        layers.Transition(edges.Canvas, 0, -3, means.Span.Address, sides.WithRing(PooledRing));
        kernels.Share(stream, all, sides, PooledRing, Stride / 2, Size / 2 - PooledEdgeColumns, 0, Inputs);
        (upper, lower) = Rows(fresh, SumRing, Size / 2, Stride / 2);
        all = pooled.Canvas.WithRows(upper, lower);
        sides = pooledEdges.Canvas.WithRows(upper, lower).WithRing(SumRing);
        for (int l = 0; l < Layers; l++)
        {
            layers.Inputs(all, l);
            layers.Inputs(sides, l);
        }
    }

    // Rows that a layer with that ring computes: all, or the upper ring and what the lower one reaches of the new rows.
    static (int Upper, int Lower) Rows(bool fresh, int ring, int size, int stride) =>
        fresh ? (size, size) : (ring, size - stride - ring);
}
