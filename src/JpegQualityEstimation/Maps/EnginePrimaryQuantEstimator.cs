using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Maps;

// Estimates over any engine. A map's rows of windows are cut into bands, whole ones of what the engine computes together, each gone through by one thread with a source of
// its own, a row at a time: in work are, a thread, one row of outputs and what the source needs. Neither bands nor
// threads touch a value; rows are pooled apart and merged in order.
sealed unsafe class EnginePrimaryQuantEstimator(
    Func<QuantTable, PrimaryNetwork> networkFor, int threads, ChosenEngine<Func<PrimaryNetwork, IPrimaryEngine>> chosen) : IPrimaryQuantEstimator
{
    // Rows that a band should have, so that what a source computes anew at its start is a small part.
    const int PreferredBand = 16;

    readonly ConcurrentDictionary<PrimaryNetwork, Lazy<IPrimaryEngine>> engines = new();
    readonly Idle<PrimaryPool> idlePools = new();

    public ComputeDevice Device => chosen.Device;

    public string DeviceReason => chosen.Reason;

    public string ModelNameFor(QuantTable second)
    {
        ArgumentNullException.ThrowIfNull(second);
        return networkFor(second).Name;
    }

    public PrimaryQuantEstimate EstimatePatch(PixelView patch, QuantTable second)
    {
        if (patch.Width != WindowGrid.Side || patch.Height != WindowGrid.Side)
            throw new ArgumentException($"a patch is 64x64 pixels, this one {patch.Width}x{patch.Height}", nameof(patch));
        ArgumentNullException.ThrowIfNull(second);
        PrimaryNetwork network = networkFor(second);
        IPrimaryEngine engine = EngineOf(network).SharedBy(threads);
        ushort[] zigZag = second.ZigZagOrder();
        byte[] rented = ArrayPool<byte>.Shared.Rent(WindowByWindowSource.WindowBytes);
        Span<byte> rgb = rented.AsSpan(0, WindowByWindowSource.WindowBytes);
        WindowByWindowSource.Cut(patch, rgb);
        PrimaryQuantEstimate estimate = null!;
        new PrimaryPatches(engine, network.Calibration.For(zigZag), zigZag, rgb).Fill(new Span<PrimaryQuantEstimate>(ref estimate));
        ArrayPool<byte>.Shared.Return(rented);
        return estimate;
    }

    public IReadOnlyList<PrimaryQuantEstimate> EstimatePatches(
        ReadOnlySpan<byte> patches, QuantTable second, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(second);
        if (patches.Length % WindowByWindowSource.WindowBytes != 0)
            throw new ArgumentException($"{patches.Length} bytes are no whole number of patches [64,64,3]", nameof(patches));
        cancellationToken.ThrowIfCancellationRequested();
        int count = patches.Length / WindowByWindowSource.WindowBytes;
        if (count == 0)
            return [];
        PrimaryNetwork network = networkFor(second);
        IPrimaryEngine engine = EngineOf(network);
        ushort[] zigZag = second.ZigZagOrder();
        PrimaryScaling scaling = network.Calibration.For(zigZag);
        var estimates = new PrimaryQuantEstimate[count];
        var done = new WorkProgress(progress, count);
        int batches = Batches(count, engine.Together);
        if (batches < threads)
            engine = engine.SharedBy(threads / batches);
        if (batches == 1)
        {
            new PrimaryPatches(engine, scaling, zigZag, patches).Fill(estimates);
            done.Add(count);
            return estimates;
        }
        fixed (byte* bytes = patches)
        {
            byte* first = bytes;
            Run(batches, cancellationToken, batch =>
            {
                int from = Part(count, batch, batches), taken = Part(count, batch + 1, batches) - from;
                var windows = new ReadOnlySpan<byte>(first + (long)from * WindowByWindowSource.WindowBytes, taken * WindowByWindowSource.WindowBytes);
                new PrimaryPatches(engine, scaling, zigZag, windows).Fill(estimates.AsSpan(from, taken));
                done.Add(taken);
            });
        }
        return estimates;
    }

    public PrimaryQuantMap EstimateMap(
        PixelView picture, QuantTable second, PrimaryMapOptions? options, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(second);
        options ??= PrimaryMapOptions.Default;
        WindowGrid grid = Grid(picture, options);
        cancellationToken.ThrowIfCancellationRequested();
        PrimaryNetwork network = networkFor(second);
        IPrimaryEngine engine = EngineOf(network);
        ushort[] zigZag = second.ZigZagOrder();
        var planes = new PrimaryMapPlanes(grid.Rows, grid.Columns, engine.GivesPhase, options.KeepProbabilities, network.Calibration.For(zigZag));
        var pools = new PrimaryPool[grid.Rows];
        var done = new WorkProgress(progress, grid.Rows);
        var receiverGate = new Lock();
        int least = engine.Bands(grid);
        int bands = Math.Clamp(2 * threads, 1, Math.Max(threads, grid.Rows / PreferredBand));
        // Bands that the engine cannot cut are long work: one at a time, so that a slower thread does fewer of them.
        bands = least < grid.Rows ? least : Math.Min(bands, least);
        int width = picture.Width, height = picture.Height, stride = picture.Stride, length = picture.Pixels.Length;
        PixelFormat format = picture.Format;
        fixed (byte* bytes = picture.Pixels)
        {
            var pinned = new PinnedPixels(bytes, length, width, height, stride, format);
            using var evidence = new WindowEvidence(pinned, zigZag, grid.OriginRow, grid.OriginColumn, threads);
            Run(bands, cancellationToken, band =>
            {
                using IPrimaryMapSource source = engine.Open(pinned, zigZag, grid);
                using var rows = new PrimaryMapRows(engine.GivesPhase, options.RowReceiver is not null, source, grid, evidence, planes);
                int end = Part(grid.Rows, Part(least, band + 1, bands), least);
                for (int y = Part(grid.Rows, Part(least, band, bands), least); y < end; y++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    rows.Fill(y, pools[y] = idlePools.Take());
                    if (options.RowReceiver is { } receiver)
                        lock (receiverGate)
                            receiver(rows.Current(y));
                    done.Add(1);
                }
            });
        }
        PrimaryPool all = idlePools.Take();
        foreach (PrimaryPool row in pools)
        {
            all.Merge(row);
            Return(row);
        }
        PrimaryQuantEstimate pooled = all.ToEstimate();
        Return(all);
        return new PrimaryQuantMap(width, height, grid, second, network.Name, planes, pooled);
    }

    public void Dispose()
    {
        foreach (Lazy<IPrimaryEngine> engine in engines.Values)
            if (engine.IsValueCreated)
                engine.Value.Dispose();
        engines.Clear();
    }

    void Return(PrimaryPool pool)
    {
        pool.Clear();
        idlePools.Return(pool);
    }

    IPrimaryEngine EngineOf(PrimaryNetwork network) =>
        engines.TryGetValue(network, out Lazy<IPrimaryEngine>? opened) ? opened.Value : engines.GetOrAdd(network, n => new Lazy<IPrimaryEngine>(() => chosen.Engine(n))).Value;

    static WindowGrid Grid(PixelView picture, PrimaryMapOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Stride, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)options.OriginRow, 7u, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)options.OriginColumn, 7u, nameof(options));
        WindowGrid grid = WindowGrid.Over(picture.Width, picture.Height, options.Stride, options.OriginRow, options.OriginColumn);
        if (grid.Rows == 0 || grid.Columns == 0)
        {
            throw new ArgumentException(
                $"no 64x64 window fits into a {picture.Width}x{picture.Height} picture behind row {options.OriginRow}, column {options.OriginColumn}",
                nameof(picture));
        }
        return grid;
    }

    // On the processor as many for each thread, at most `together` windows each; a device takes them one after the other.
    int Batches(int count, int together)
    {
        int least = (count + together - 1) / together;
        return chosen.Device.Kind == ComputeDeviceKind.Cpu ? Math.Min(count, (least + threads - 1) / threads * threads) : least;
    }

    static int Part(int count, int index, int parts) => (int)((long)count * index / parts);

    // The first thing that went wrong, as itself; before all others what is no cancellation.
    void Run(int count, CancellationToken cancellationToken, Action<int> work)
    {
        if (threads == 1 || count == 1)
        {
            for (int i = 0; i < count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                work(i);
            }
            return;
        }
        try
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken }, work);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions.FirstOrDefault(inner => inner is not OperationCanceledException) ?? e.InnerExceptions[0]);
        }
    }
}
