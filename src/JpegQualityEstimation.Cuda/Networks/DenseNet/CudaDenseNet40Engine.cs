using System.Collections.Concurrent;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks.DenseNet;

// CudaDenseNet40Engine: DenseNet-40 on a CUDA device as an engine for primary quantization; what DenseNet40Engine is on the
// processor. Windows go through in groups, rows of a map's windows in strips; at most two calls are at work at a time,
// each with a stream and memory of its own, and further callers wait. A window's outputs do not depend on the windows beside it.

/// <summary>DenseNet-40 on one CUDA device. Thread-safe.</summary>
sealed class CudaDenseNet40Engine : IPrimaryEngine
{
    const int MostLanes = 2;

    // Share of the device's memory that the engine's lanes and strips may take together.
    const double MemoryShare = 0.5;

    readonly CudaRuntime runtime;
    readonly DenseNet40Network network;
    readonly DenseNet40Kernels kernels;
    readonly CudaDenseNet40Weights weights;
    readonly CudaStream stream;
    readonly CudnnDenseNet40Filters? filters;
    readonly ConcurrentBag<DenseNet40Lane> idle = [];
    readonly ConcurrentBag<CudaDenseNet40Strip> idleStrips = [];
    readonly SemaphoreSlim free = new(MostLanes);

    /// <param name="runtime">The device; the engine gives it up when it is disposed.</param>
    /// <param name="network">The weights.</param>
    /// <param name="precision">Of canvases and products.</param>
    /// <param name="preference">Whose convolutions; null: as the environment says. Maps always take our own.</param>
    public CudaDenseNet40Engine(CudaRuntime runtime, DenseNet40Network network, ComputePrecision precision, ConvolutionPreference? preference = null)
    {
        (this.runtime, this.network) = (runtime, network);
        kernels = new DenseNet40Kernels(runtime, precision);
        stream = runtime.CreateStream();
        weights = new CudaDenseNet40Weights(stream, kernels, network);
        if ((preference ?? ConvolutionPreferences.Chosen) == ConvolutionPreference.Cudnn)
            filters = new CudnnDenseNet40Filters(stream, precision, network);
        long room = (long)(MemoryShare * Math.Min(runtime.MemoryBytes, runtime.MemoryCap > 0 ? runtime.MemoryCap : long.MaxValue));
        // A group's first block has two warps of work a window: four windows a multiprocessor fill the device once.
        Group = (int)Math.Clamp(room / (2 * MostLanes) / (DenseNet40Lane.BytesPerWindow(kernels) + (filters is null ? 0 : CudnnDenseNet40Layers.BytesPerWindow(precision))), 1, 4L * runtime.Multiprocessors);
        StripWindows = (int)Math.Clamp(room / (2 * MostLanes) / CudaDenseNet40Strip.BytesPerWindow(kernels), 1, 2L * runtime.Multiprocessors);
    }

    public bool GivesPhase => false;

    /// <summary>Most windows that go through the network together.</summary>
    public int Group { get; }

    public int Together => Group;

    // Most windows side by side that a map's strip takes together.
    int StripWindows { get; }

    public void RunWindows(ReadOnlySpan<byte> windows, int count, ReadOnlySpan<ushort> secondZigZag, Span<float> logits, Span<float> phase)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (windows.Length != (long)count * DenseNet40Inference.WindowBytes)
            throw new ArgumentException($"windows: {(long)count * DenseNet40Inference.WindowBytes} bytes expected, got {windows.Length}", nameof(windows));
        if (logits.Length != (long)count * PrimaryBlocks.Outputs)
            throw new ArgumentException($"logits: {(long)count * PrimaryBlocks.Outputs} values expected, got {logits.Length}", nameof(logits));
        bool direct = network.Outputs == PrimaryBlocks.Outputs;
        Span<float> outputs = direct ? logits : new float[count * network.Outputs];
        free.Wait();
        try
        {
            // Lanes grow with what is asked of them: a single window needs no room for a group.
            if (!idle.TryTake(out DenseNet40Lane? lane))
                lane = NewLane(count);
            else if (lane.Group < Math.Min(count, Group))
            {
                lane.Dispose();
                lane = NewLane(count);
            }
            try
            {
                lane.Run(windows, count, outputs);
            }
            catch
            {
                lane.Dispose();
                throw;
            }
            idle.Add(lane);
        }
        finally
        {
            free.Release();
        }
        if (!direct)
            DenseNet40Engine.ToLogits(network.Outputs, outputs, count, logits);
    }

    public IPrimaryMapSource Open(PinnedPixels picture, ReadOnlySpan<ushort> secondZigZag, WindowGrid grid) =>
        grid.Stride == CudaDenseNet40Strip.Stride
            ? new CudaDenseNet40MapSource(this, picture, grid, StripWindows)
            : new WindowByWindowSource(this, picture, secondZigZag, grid);

    /// <summary>Numbers the network gives a window.</summary>
    internal int Outputs => network.Outputs;

    /// <summary>A strip of so many windows, nobody else's until it is given back. Waits while all are in use.</summary>
    internal CudaDenseNet40Strip BorrowStrip(int windows)
    {
        free.Wait();
        try
        {
            if (idleStrips.TryTake(out CudaDenseNet40Strip? strip))
            {
                if (strip.Windows == windows)
                    return strip;
                strip.Dispose();
            }
            return new CudaDenseNet40Strip(runtime, kernels, weights, windows);
        }
        catch
        {
            free.Release();
            throw;
        }
    }

    internal void GiveBack(CudaDenseNet40Strip strip)
    {
        idleStrips.Add(strip);
        free.Release();
    }

    public void Dispose()
    {
        while (idle.TryTake(out DenseNet40Lane? lane))
            lane.Dispose();
        while (idleStrips.TryTake(out CudaDenseNet40Strip? strip))
            strip.Dispose();
        weights.Dispose();
        filters?.Dispose();
        stream.Dispose();
        free.Dispose();
        runtime.Dispose();
    }

    // Powers of two, so that memory is not rented anew for every size.
    DenseNet40Lane NewLane(int count) =>
        new(runtime, kernels, weights, (int)Math.Min(Group, System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, count))), filters);
}
