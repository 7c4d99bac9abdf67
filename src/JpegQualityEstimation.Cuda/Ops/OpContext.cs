using System.Runtime.CompilerServices;
using JpegQualityEstimation.Cuda.Runtime;

namespace JpegQualityEstimation.Cuda.Ops;

// OpContext: what the ops of one stream share: the stream, and scratch memory for partial sums that one op uses at a time.
// Scratch that was too small stays until the end, since a captured graph may still write to it; work is run once before it
// is captured, so that nothing is rented while it is. No result depends on how many blocks a launch has.
// For one thread at a time.
sealed class OpContext(CudaStream stream, int mostBlocks = int.MaxValue) : IDisposable
{
    const int BlocksPerMultiprocessor = 16;

    readonly List<DeviceBuffer<byte>> buffers = [];

    public CudaStream Stream => stream;

    public CudaRuntime Runtime => stream.Runtime;

    /// <summary>Scratch that the next call takes again.</summary>
    public ulong Scratch(long bytes)
    {
        if (buffers.Count == 0 || buffers[^1].Length < bytes)
            buffers.Add(stream.Rent<byte>(Math.Max(bytes, 1 << 16)));
        return buffers[^1].Span.Address;
    }

    /// <summary>Blocks of a grid-stride loop over so many items.</summary>
    public Dim3 Grid(long items, int perBlock)
    {
        // Kernels count in 32 bits, and step beyond the end by at most a grid.
        if (items > uint.MaxValue - (1L << 24))
            throw new ArgumentException($"{items} items are more than one launch takes");
        return new Dim3((int)Math.Clamp((items + perBlock - 1) / perBlock, 1, Math.Min(mostBlocks, Runtime.Multiprocessors * BlocksPerMultiprocessor)));
    }

    public void Dispose()
    {
        foreach (DeviceBuffer<byte> buffer in buffers)
            buffer.Dispose();
        buffers.Clear();
    }

    public static void Require(bool condition, string op, string message)
    {
        if (!condition)
            throw new ArgumentException($"{op}: {message}");
    }

    public static void RequireLength(long actual, long expected, string op, [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        if (actual < expected)
            throw new ArgumentException($"{op}: {what} is {actual}, needed are {expected}");
    }

    public static void RequireSizes(in FeatureSpan one, in FeatureSpan other, string op)
    {
        if (!one.Layout.HasSizesOf(other.Layout))
            throw new ArgumentException($"{op}: features {one.Layout} and {other.Layout}");
    }

    public static void RequireType(StorageType one, StorageType other, string op)
    {
        if (one != other)
            throw new ArgumentException($"{op}: features of {one} and {other}");
    }
}
