using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Cuda.Networks.DenseNet;

// DenseNet40Kernels: launches of kernels/densenet*.cu for one precision: which kernel, which grid.
//   Float32          canvases of floats, multiply-adds in float
//   TensorFloat32    canvases of floats, products on tensor cores
//   Float16, BFloat16  canvases of 16-bit numbers, products on tensor cores
// Below compute capability 8.0, and for layers whose weights do not fit into a block's shared memory, products are
// multiply-adds in float whatever the precision; what is stored stays the same.
sealed class DenseNet40Kernels
{
    const int Warps = 8;
    readonly CudaRuntime runtime;
    readonly string type;
    readonly string product;

    public DenseNet40Kernels(CudaRuntime runtime, ComputePrecision precision)
    {
        this.runtime = runtime;
        Precision = precision;
        type = precision switch { ComputePrecision.Float16 => "half", ComputePrecision.BFloat16 => "bfloat16", _ => "float" };
        product = precision == ComputePrecision.TensorFloat32 ? "tf32" : type;
        UsesTensorCores = precision != ComputePrecision.Float32 && runtime.ComputeMajor >= 8;
    }

    public ComputePrecision Precision { get; }

    public bool UsesTensorCores { get; }

    /// <summary>Bytes of a stored value.</summary>
    public int ValueBytes => type == "float" ? 4 : 2;

    /// <summary>Values in the 16 bytes that a lane loads.</summary>
    public int LaneValues => 16 / ValueBytes;

    /// <summary>64 bytes of channels, rounded up.</summary>
    public int Blocks(int channels) => (channels + 4 * LaneValues - 1) / (4 * LaneValues);

    /// <summary>Whether a layer that reads so many channels runs on tensor cores.</summary>
    public bool LayerUsesTensorCores(int channels) => UsesTensorCores && LayerShared(channels) <= runtime.MaxSharedPerBlock;

    /// <summary>Bytes that the packed weights of a layer take.</summary>
    public long LayerBytes(int channels) => LayerUsesTensorCores(channels) ? Blocks(channels) * 15L * 32 * 16 : channels * 108L * 4;

    /// <summary>Bytes that the packed weights of a 1x1 convolution take.</summary>
    public long PointwiseBytes(int channels, int outputs) =>
        UsesTensorCores ? (outputs + 103) / 104 * (long)Blocks(channels) * 13 * 32 * 16 : (long)channels * outputs * 4;

    public void PackLayers(CudaStream stream, bool tensorCores, ulong parameters, ulong table, int rows, ulong packed)
    {
        if (rows == 0)
            return;
        if (tensorCores)
            stream.Launch(Kernel("densenet_pack", $"densenet_pack_layer_{product}"), new(16, rows), new(256), 0, parameters, table, packed);
        else
            stream.Launch(Kernel("densenet_pack", "densenet_pack_rows_float"), new(16, rows), new(256), 0, parameters, table, 9, packed);
    }

    /// <summary>Bytes that the packed weights of a layer take for the gradient of its inputs.</summary>
    public long GradientBytes(int channels) => (channels + 47) / 48 * 9L * 6 * 32 * 4 * ValueBytes;

    public void PackGradients(CudaStream stream, ulong parameters, ulong table, int rows, ulong packed)
    {
        if (rows > 0)
            stream.Launch(Kernel("densenet_pack", $"densenet_pack_gradient_{product}"), new(16, rows), new(256), 0, parameters, table, packed);
    }

    public void PackMatrices(CudaStream stream, bool tensorCores, ulong parameters, ulong table, int rows, ulong packed)
    {
        if (rows == 0)
            return;
        if (tensorCores)
            stream.Launch(Kernel("densenet_pack", $"densenet_pack_matrix_{product}"), new(32, rows), new(256), 0, parameters, table, packed);
        else
            stream.Launch(Kernel("densenet_pack", "densenet_pack_rows_float"), new(32, rows), new(256), 0, parameters, table, 1, packed);
    }

    /// <summary>The first convolution of pixels at <paramref name="bytes"/>: channels 0..23 of the canvas.</summary>
    public void First(CudaStream stream, ulong bytes, long imageBytes, long rowBytes, long rightBytes, int inputs, ulong weights, in DenseCanvas c) =>
        stream.Launch(Kernel("densenet_conv", $"densenet_first_{type}"), Tiles(c), new(256), 0, bytes, imageBytes, rowBytes, rightBytes, inputs, weights,
            c.Address, c.Pitch, c.Width, c.Height, c.ImageStride, c.Images, c.Ring, c.Upper, c.Lower);

    /// <summary>Twelve filters over channels [first, end) of the canvas, at channel <paramref name="output"/>.</summary>
    public void Layer(CudaStream stream, in DenseCanvas c, int first, int end, int output, bool add, ulong weights, ulong scale, ulong shift, in DropoutKey mask)
    {
        if (!LayerUsesTensorCores(end - first))
        {
            stream.Launch(Kernel("densenet_conv", $"densenet_layer_{type}"), Tiles(c), new(64), 0,
                c.Address, c.Pitch, c.Width, c.Height, c.ImageStride, c.Images, c.Ring, c.Upper, c.Lower, first, end, output, add ? 1 : 0,
                weights, scale, shift, mask.Key, mask.Layer, mask.Threshold, mask.Scale);
            return;
        }
        bool narrow = c.Width <= 16;
        int tiles = narrow || c.Width <= 32 ? 1 : c.Width <= 64 ? 2 : c.Width <= 128 ? 4 : 8;
        int step = c.Width > 256 ? 254 : 0;
        int groups = narrow ? (c.Images + 1) / 2 : c.Images * (step == 0 ? 1 : (c.Width + step - 1) / step);
        int columns = (groups + Warps / tiles - 1) / (Warps / tiles);
        int rows = StripRows(c, columns);
        int grid = Math.Min(runtime.Multiprocessors, columns * c.Strips(rows));
        stream.Launch(Kernel("densenet_conv_sm80", $"densenet_mma_{product}"), new(grid), new(32 * Warps), LayerShared(end - first),
            c.Address, c.Pitch, c.Width, c.Height, c.ImageStride, c.Images, c.Ring, c.Upper, c.Lower, first, end, output, add ? 1 : 0,
            weights, scale, shift, narrow ? 16 : 32, tiles, step, rows, mask.Key, mask.Layer, mask.Threshold, mask.Scale);
    }

    /// <summary>Means of 2x2 activated pixels of <paramref name="source"/> under the pixels of <paramref name="target"/>, dense [pixels][channels].</summary>
    public void Pool(CudaStream stream, in DenseCanvas source, int rightShift, int channels, ulong scale, ulong shift, ulong means, in DenseCanvas target) =>
        stream.Launch(Kernel("densenet", $"densenet_pool_{type}"), Grid(target.Pixels * channels / 4), new(256), 0,
            source.Address, source.Pitch, source.Width, source.ImageStride, rightShift, channels, scale, shift, means,
            target.Pitch, target.Width, target.Height, target.ImageStride, target.Images, target.Ring, target.Upper, target.Lower);

    /// <summary>1x1 convolution of dense [pixels][channels]: channels 0.. of the canvas.</summary>
    public void Pointwise(CudaStream stream, ulong input, int channels, ulong weights, int outputs, in DenseCanvas c)
    {
        KernelFunction kernel = UsesTensorCores ? Kernel("densenet_pointwise_sm80", $"densenet_product_{product}") : Kernel("densenet_pointwise", $"densenet_pointwise_{type}");
        Dim3 grid = UsesTensorCores ? new((int)((c.Pixels + 255) / 256), (outputs + 103) / 104) : new((int)((c.Pixels + 127) / 128), (outputs + 47) / 48);
        stream.Launch(kernel, grid, new(UsesTensorCores ? 256 : 128), 0, input, channels, weights, outputs,
            c.Address, c.Pitch, c.Width, c.Height, c.ImageStride, c.Images, c.Ring, c.Upper, c.Lower);
    }

    /// <summary>Global averages [n,456] and outputs [n,outputs]; weights [456][outputs].</summary>
    public void Head(CudaStream stream, in DenseCanvas c, ulong scale, ulong shift, ulong weights, ulong bias, int outputs, ulong features, ulong to) =>
        stream.Launch(Kernel("densenet", $"densenet_head_{type}"), new(c.Images), new(256), 0, c.Address, c.Pitch, c.Width * c.Height, c.ImageStride,
            scale, shift, weights, bias, outputs, features, to);

    /// <summary>Columns of edges that no edge touches, from the strip.</summary>
    public void Share(CudaStream stream, in DenseCanvas strip, in DenseCanvas edges, int ring, int stride, int right, int channel, int count) =>
        stream.Launch(Kernel("densenet", $"densenet_share_{type}"), Grid((long)edges.Images * edges.Rows * (edges.Width - ring) * count / 4), new(256), 0,
            strip.Address, strip.Pitch, strip.Width, edges.Address, edges.Pitch, edges.Width, edges.Height, edges.ImageStride, edges.Images,
            edges.Upper, edges.Lower, ring, stride, right, channel, count);

    /// <summary>Windows of the middle block from the strip and the edges.</summary>
    public void Assemble(CudaStream stream, in DenseCanvas strip, in DenseCanvas edges, in DenseCanvas windows, int stride) =>
        stream.Launch(Kernel("densenet", $"densenet_assemble_{type}"), Grid(windows.Pixels * windows.Pitch / 4), new(256), 0,
            strip.Address, strip.Width, edges.Address, edges.Width, edges.ImageStride, edges.Images / 2,
            windows.Address, windows.Pitch, windows.Width, windows.Images, stride);

    /// <summary>Rows [from, from + rows) of every image become rows 0 and after.</summary>
    public void Slide(CudaStream stream, in DenseCanvas c, int from, int rows)
    {
        long row = (long)c.RowLength * ValueBytes;
        stream.Launch(Kernel("densenet", "densenet_slide"), Grid(c.Images * rows * row / 16), new(256), 0,
            c.Address, c.ImageStride * ValueBytes, row, c.Images, from, rows);
    }

    KernelFunction Kernel(string module, string entry) => runtime.Kernel(module, entry);

    static int LayerSharedFloats(int padded) => 2 * Warps * 24 + 2 * padded;

    int LayerShared(int channels) => LayerSharedFloats(Blocks(channels) * 4 * LaneValues) * 4 + Blocks(channels) * 15 * 32 * 16;

    // Long strips load fewer rows twice; short ones keep all multiprocessors busy.
    int StripRows(in DenseCanvas c, int columns)
    {
        int rows = 64;
        while (rows > 4 && columns * c.Strips(rows) < runtime.Multiprocessors)
            rows /= 2;
        return rows;
    }

    // Tiles of 16x16 pixels: columns, strips of rows, images.
    static Dim3 Tiles(in DenseCanvas c) => new((c.Columns + 15) / 16, c.Strips(16), c.Images);

    Dim3 Grid(long threads) => new((int)Math.Clamp((threads + 255) / 256, 1, 16L * runtime.Multiprocessors));
}

/// <summary>Which dropout mask a layer applies; threshold 0: none.</summary>
/// <param name="Key">Address of the step's key.</param>
/// <param name="Layer">Number of the convolution.</param>
/// <param name="Threshold">Share dropped times 2^32.</param>
/// <param name="Scale">Of survivors.</param>
readonly record struct DropoutKey(ulong Key, int Layer, uint Threshold, float Scale)
{
    public static DropoutKey None => new(0, 0, 0, 1);
}
