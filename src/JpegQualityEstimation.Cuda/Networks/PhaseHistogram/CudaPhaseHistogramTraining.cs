using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks.PhaseHistogram;

// CudaPhaseHistogramTraining: a phase-histogram network in training on a device.
//   loss = mean over windows of ( block loss + PhaseWeight * -log alpha[true phase, head 0] )
// values: block loss, phase loss, share of right steps, squared error of the steps, share of phases found.
// Parameters, moments and all that is stored are floats; the precision is that of the products (StridedProductOps).
// Runs repeat bit for bit; against the processor's gradients the sums are taken in another order.
sealed class CudaPhaseHistogramTraining : IDeviceTraining
{
    /// <summary>Values of a step.</summary>
    public const int ValueCount = 5;

    const int Side = WindowGrid.Side, MostLumaWindows = 512;

    readonly PhaseHistogramTrainingShape shape;
    readonly PhaseHistogramOptions options;
    readonly List<IDisposable> owned = [];
    readonly CudaStream stream;
    readonly CudaPhaseEvidenceOps evidence;
    readonly CudaPhaseHistogramForward forward;
    readonly CudaPhaseHistogramPlanes planes;
    readonly CudaPhaseHistogramBackward backward;
    readonly CudaOptimizer optimizer;
    readonly PrimaryLossOps loss;
    readonly KernelFunction supervise, merge;
    readonly DeviceBuffer<byte> pixels, steps, phases;
    readonly DeviceBuffer<float> luma, dLogits;
    readonly DeviceBuffer<double> primaryValues, phaseLosses, values;
    readonly DeviceBuffer<int> found;
    readonly float[] seconds;
    readonly CudaGraph?[] graphs = new CudaGraph?[2];
    readonly bool[] launched = new bool[2];

    /// <param name="runtime">Taken over: disposed with the training, or where it cannot be made.</param>
    /// <param name="shape">Network, batch, loss.</param>
    public CudaPhaseHistogramTraining(CudaRuntime runtime, PhaseHistogramTrainingShape shape)
    {
        this.shape = shape;
        options = shape.Options;
        int n = shape.BatchSize;
        owned.Add(runtime);
        try
        {
            var layers = new PhaseHistogramArchitecture(options);
            stream = Own(runtime.CreateStream());
            OpContext context = Own(new OpContext(stream));
            evidence = Own(new CudaPhaseEvidenceOps(stream, options.Evidence));
            forward = new CudaPhaseHistogramForward(stream, layers, shape.Precision);
            planes = Own(new CudaPhaseHistogramPlanes(stream, options, n));
            backward = Own(new CudaPhaseHistogramBackward(stream, layers, n, shape.Precision));
            optimizer = Own(new CudaOptimizer(context, new MatrixProductOps(context), layers.ParameterCount, layers.ParameterCount, shape.Matrices));
            loss = new PrimaryLossOps(context);
            (supervise, merge) = (runtime.Kernel("phase_training", "phase_supervise"), runtime.Kernel("phase_training", "phase_values"));
            pixels = Own(stream.Rent<byte>((long)n * WindowByWindowSource.WindowBytes));
            luma = Own(stream.Rent<float>((long)n * Side * Side));
            steps = Own(stream.Rent<byte>(n * PrimaryBlocks.Count));
            phases = Own(stream.Rent<byte>(n));
            dLogits = Own(stream.Rent<float>((long)n * PrimaryBlocks.Outputs));
            primaryValues = Own(stream.Rent<double>(PrimaryLossOps.Values));
            phaseLosses = Own(stream.Rent<double>(n));
            found = Own(stream.Rent<int>(n));
            values = Own(stream.Rent<double>(ValueCount));
            seconds = new float[2 * options.Coefficients * n];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Upload(ReadOnlySpan<float> parameters, ReadOnlySpan<float> first, ReadOnlySpan<float> second, ReadOnlySpan<float> average) =>
        optimizer.Upload(parameters, first, second, average);

    public void Download(Span<float> parameters, Span<float> first, Span<float> second, Span<float> average) =>
        optimizer.Download(parameters, first, second, average);

    public void Step(DeviceBatch batch, in OptimizerStep update, Span<double> values)
    {
        if (batch.Count != shape.BatchSize)
            throw new ArgumentException($"a batch of {batch.Count} windows, the training's are of {shape.BatchSize}", nameof(batch));
        Upload(batch);
        optimizer.Set(update);
        Launch(update.Muon);
        stream.Download(this.values, values);
        StepVerdict verdict = optimizer.ReadVerdict();
        if (verdict.Finite == 0)
            throw new InvalidOperationException($"step {update.Step}: loss {values[0]}, gradient norm {verdict.Norm}: not finite, nothing was changed");
    }

    public void Measure(DeviceBatch batch, Span<double> values)
    {
        Upload(batch);
        Forward(batch.Count, optimizer.Average, default);
        stream.Download(this.values, values);
    }

    /// <summary>Values and gradient of a batch, on the device.</summary>
    internal void Differentiate(DeviceBatch batch)
    {
        Upload(batch);
        Differentiate(batch.Count);
    }

    // The first step is launched one kernel after the other, so that all is loaded and rented; the next one is written down,
    // and from then on a step is one launch. One graph for each kind of step.
    void Launch(bool muon)
    {
        ref CudaGraph? graph = ref graphs[muon ? 1 : 0];
        if (graph is null && launched[muon ? 1 : 0])
            graph = Own(stream.Capture(_ => Work()));
        if (graph is null)
            Work();
        else
            stream.Launch(graph);
        launched[muon ? 1 : 0] = true;

        void Work()
        {
            Differentiate(shape.BatchSize);
            optimizer.Run(muon, values);
        }
    }

    void Differentiate(int n)
    {
        Forward(n, optimizer.Parameters, dLogits);
        backward.Run(optimizer.Parameters, planes, dLogits, phases, (float)shape.PhaseWeight * (1f / n), n, optimizer.Gradient);
    }

    internal void DownloadGradient(Span<float> gradient) => stream.Download(optimizer.Gradient, gradient);

    internal void DownloadValues(Span<double> downloaded) => stream.Download(values, downloaded);

    // It has none.
    public void MoveStatistics(DeviceBatch batch, double movement)
    {
    }

    public void Dispose()
    {
        for (int i = owned.Count - 1; i >= 0; i--)
            owned[i].Dispose();
        owned.Clear();
    }

    void Forward(int n, DeviceSpan<float> parameters, DeviceSpan<float> dOutputs)
    {
        for (int first = 0; first < n; first += MostLumaWindows)
        {
            int taken = Math.Min(MostLumaWindows, n - first);
            evidence.Luma(pixels.Slice((long)first * WindowByWindowSource.WindowBytes), 3 * Side, 3, 0, Side, Side * taken, luma.Slice((long)first * Side * Side), Side);
        }
        evidence.Measure(luma, Side * Side, Side, 0, 0, 0, n, planes.Evidence, planes.Overall);
        forward.Run(parameters, planes, n);
        loss.Run(shape.Loss, planes.Logits, steps, dOutputs, primaryValues, default, n);
        stream.Launch(supervise, new Dim3((n + 127) / 128), new Dim3(128), 0, planes.Posterior, phases, n, phaseLosses, found);
        stream.Launch(merge, new Dim3(1), new Dim3(256), 0, primaryValues, phaseLosses, found, n, values);
    }

    void Upload(DeviceBatch batch)
    {
        int n = batch.Count, u = 2 * options.Coefficients * n;
        if (n < 1 || n > shape.BatchSize)
            throw new ArgumentException($"a batch of {n} windows, at most {shape.BatchSize} fit", nameof(batch));
        stream.Upload(Exactly(batch.Pixels, n * WindowByWindowSource.WindowBytes, nameof(batch.Pixels)), pixels.Slice(0, (long)n * WindowByWindowSource.WindowBytes));
        stream.Upload(Exactly(batch.Steps, n * PrimaryBlocks.Count, nameof(batch.Steps)), steps.Slice(0, n * PrimaryBlocks.Count));
        ReadOnlySpan<byte> truePhases = Exactly(batch.Phases, n, nameof(batch.Phases));
        foreach (byte phase in truePhases)
            if (phase is >= PhaseHistogramArchitecture.Phases and not PhaseHistogramGradient.UnknownPhase)
                throw new ArgumentException($"phase {phase} is neither 0..63 nor {PhaseHistogramGradient.UnknownPhase}", nameof(batch));
        stream.Upload(truePhases, phases.Slice(0, n));
        ReadOnlySpan<ushort> tables = options.SecondTable ? Exactly(batch.Second, 64 * n, nameof(batch.Second)) : default;
        CudaPhaseHistogramPlanes.SecondsOf(options, tables, n, seconds.AsSpan(0, u));
        stream.Upload<float>(seconds.AsSpan(0, u), planes.Seconds.Slice(0, u));
    }

    static ReadOnlySpan<T> Exactly<T>(ReadOnlyMemory<T> values, int length, string name) =>
        values.Length == length ? values.Span : throw new ArgumentException($"{name}: {length} values expected, got {values.Length}", name);

    T Own<T>(T resource)
        where T : IDisposable
    {
        owned.Add(resource);
        return resource;
    }
}
