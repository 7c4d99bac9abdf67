using System.Collections.Concurrent;
using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks.PhaseHistogram;

// CudaPhaseHistogramEngine: the phase-histogram network on a device. Windows lie over luma that is there once, never cut:
// a row of a map takes the 64 rows of pixels below it along,
// and where its windows overlap by whole blocks their tallies slide. Each call borrows a worker (a stream and its planes) of which
// there are two, so that one uploads while the other computes; further callers wait. Memory does not grow with the picture.
// A window's outputs do not depend on the windows beside it. Evidence is the processor's to the bit, in Float32
// outputs to the rounding of one exponential.
sealed class CudaPhaseHistogramEngine : IPrimaryEngine
{
    const int Workers = 2, Side = WindowGrid.Side;

    // Windows through the network together; a shape of 48 coefficients takes 1.3 MB each.
    const int MostWindows = 256, LeastWindows = 16;

    readonly CudaRuntime runtime;
    readonly PhaseHistogramNetwork network;
    readonly ComputePrecision precision;
    readonly int together;
    readonly ConcurrentBag<Worker> idle = [];
    readonly SemaphoreSlim free = new(Workers);

    /// <param name="runtime">Taken over: disposed with the engine.</param>
    /// <param name="network">The weights.</param>
    /// <param name="precision">Of the products (<see cref="StridedProductOps"/>).</param>
    public CudaPhaseHistogramEngine(CudaRuntime runtime, PhaseHistogramNetwork network, ComputePrecision precision = ComputePrecision.Float32)
    {
        this.precision = precision;
        this.runtime = runtime;
        this.network = network;
        PhaseHistogramOptions o = network.Options;
        long bytes = sizeof(float) * (long)o.Coefficients * PhaseHistogramArchitecture.Phases * (o.Features + o.Hidden);
        together = (int)Math.Clamp(Math.Min(runtime.MemoryBytes, runtime.MemoryCap) / 8 / bytes, LeastWindows, runtime.IsEmulated ? LeastWindows : MostWindows);
        // The first worker at once: what cannot be had is known now.
        idle.Add(new Worker(runtime, network, precision, together));
    }

    /// <exception cref="NotSupportedException">A shape that a block's shared memory does not hold.</exception>
    public static CudaPhaseHistogramEngine Open(int device, PhaseHistogramNetwork network, ComputePrecision precision)
    {
        CudaRuntime runtime = CudaRuntime.Open(device);
        try
        {
            return new CudaPhaseHistogramEngine(runtime, network, precision);
        }
        catch
        {
            runtime.Dispose();
            throw;
        }
    }

    public bool GivesPhase => true;

    public int Together => together;

    public void RunWindows(ReadOnlySpan<byte> windows, int count, ReadOnlySpan<ushort> secondZigZag, Span<float> logits, Span<float> phase)
    {
        const int Bytes = WindowByWindowSource.WindowBytes;
        Worker worker = Take();
        try
        {
            worker.SetSecond(secondZigZag);
            for (int first = 0; first < count; first += together)
            {
                int n = Math.Min(together, count - first);
                worker.Load(windows.Slice(first * Bytes, n * Bytes), 3 * Side, 3, 0, Side, Side * n);
                worker.Run(Side * Side, Side, 0, 0, 0, n, logits.Slice(first * PrimaryBlocks.Outputs, n * PrimaryBlocks.Outputs), phase.Slice(64 * first, 64 * n));
            }
        }
        finally
        {
            Return(worker);
        }
    }

    public IPrimaryMapSource Open(PinnedPixels picture, ReadOnlySpan<ushort> secondZigZag, WindowGrid grid) =>
        new Source(this, picture, secondZigZag.ToArray(), grid);

    public void Dispose()
    {
        while (idle.TryTake(out Worker? worker))
            worker.Dispose();
        free.Dispose();
        runtime.Dispose();
    }

    Worker Take()
    {
        free.Wait();
        if (idle.TryTake(out Worker? worker))
            return worker;
        try
        {
            return new Worker(runtime, network, precision, together);
        }
        catch
        {
            free.Release();
            throw;
        }
    }

    void Return(Worker worker)
    {
        idle.Add(worker);
        free.Release();
    }

    sealed class Source(CudaPhaseHistogramEngine engine, PinnedPixels picture, ushort[] second, WindowGrid grid) : IPrimaryMapSource
    {
        byte[] band = [];

        public void FillRow(int row, int first, int count, Span<float> logits, Span<float> phase)
        {
            PixelView view = picture.View;
            int bytes = view.Format.BytesPerPixel(), red = view.Format is PixelFormat.Bgr24 or PixelFormat.Bgra32 ? 2 : 0;
            Worker worker = engine.Take();
            try
            {
                worker.SetSecond(second);
                for (int done = 0; done < count; done += engine.together)
                {
                    int n = Math.Min(engine.together, count - done), columns = (n - 1) * grid.Stride + Side, left = grid.Left(first + done);
                    if (band.Length < Side * columns * bytes)
                        band = new byte[Side * columns * bytes];
                    for (int y = 0; y < Side; y++)
                        view.Row(grid.Top(row) + y).Slice(left * bytes, columns * bytes).CopyTo(band.AsSpan(y * columns * bytes));
                    worker.Load(band.AsSpan(0, Side * columns * bytes), columns * bytes, bytes, red, columns, Side);
                    worker.Run(
                        grid.Stride, columns, (first + done) * grid.Stride, row * grid.Stride, grid.Stride, n,
                        logits.Slice(done * PrimaryBlocks.Outputs, n * PrimaryBlocks.Outputs), phase.Slice(64 * done, 64 * n));
                }
            }
            finally
            {
                engine.Return(worker);
            }
        }

        public void Dispose()
        {
        }
    }

    // One stream and what its windows need. Pixels and luma grow to the widest band that was asked for.
    sealed class Worker : IDisposable
    {
        readonly CudaStream stream;
        readonly PhaseHistogramOptions options;
        readonly CudaPhaseEvidenceOps evidence;
        readonly CudaPhaseHistogramForward forward;
        readonly CudaPhaseHistogramPlanes planes;
        readonly DeviceBuffer<float> parameters;
        readonly float[] seconds;
        ushort[] second = [];
        DeviceBuffer<byte>? pixels;
        DeviceBuffer<float>? luma;

        public Worker(CudaRuntime runtime, PhaseHistogramNetwork network, ComputePrecision precision, int windows)
        {
            options = network.Options;
            stream = runtime.CreateStream();
            try
            {
                evidence = new CudaPhaseEvidenceOps(stream, options.Evidence);
                forward = new CudaPhaseHistogramForward(stream, network.Architecture, precision);
                planes = new CudaPhaseHistogramPlanes(stream, options, windows);
                parameters = stream.Rent<float>(network.Parameters.Length);
                stream.Upload<float>(network.Parameters, parameters);
                seconds = new float[planes.Seconds.Length];
            }
            catch
            {
                planes?.Dispose();
                evidence?.Dispose();
                stream.Dispose();
                throw;
            }
        }

        public void SetSecond(ReadOnlySpan<ushort> zigZag)
        {
            if (options.SecondTable && zigZag.Length < options.Coefficients)
                throw new ArgumentException($"at least {options.Coefficients} steps of the second table expected, got {zigZag.Length}", nameof(zigZag));
            if (second.Length > 0 && zigZag.SequenceEqual(second))
                return;
            second = zigZag.ToArray();
            // One table for all windows, whatever n.
            for (int n = 0; n < planes.Windows; n++)
                CudaPhaseHistogramPlanes.SecondsOf(options, zigZag, 1, seconds.AsSpan(2 * options.Coefficients * n, 2 * options.Coefficients));
            stream.Upload<float>(seconds, planes.Seconds);
        }

        public void Load(ReadOnlySpan<byte> bytes, int stride, int pixelBytes, int red, int columns, int rows)
        {
            Grow(ref pixels, bytes.Length);
            Grow(ref luma, (long)columns * rows);
            stream.Upload(bytes, pixels!.Slice(0, bytes.Length));
            evidence.Luma(pixels!, stride, pixelBytes, red, columns, rows, luma!, columns);
        }

        public void Run(long windowStep, int row, int gridX, int gridY, int gridStep, int n, Span<float> logits, Span<float> phase)
        {
            if (gridStep > 0)
                evidence.MeasureRow(luma!, row, gridX, gridY, gridStep, n, planes.Evidence, planes.Overall);
            else
                evidence.Measure(luma!, windowStep, row, gridX, gridY, 0, n, planes.Evidence, planes.Overall);
            forward.Run(parameters, planes, n);
            stream.Download(planes.Logits.Slice(0, logits.Length), logits);
            stream.Download(planes.Posterior.Slice(0, phase.Length), phase);
        }

        public void Dispose()
        {
            pixels?.Dispose();
            luma?.Dispose();
            parameters.Dispose();
            planes.Dispose();
            evidence.Dispose();
            stream.Dispose();
        }

        void Grow<T>(ref DeviceBuffer<T>? buffer, long length)
            where T : unmanaged
        {
            if (buffer is { } held && held.Length >= length)
                return;
            buffer?.Dispose();
            buffer = null;
            buffer = stream.Rent<T>(length);
        }
    }
}
