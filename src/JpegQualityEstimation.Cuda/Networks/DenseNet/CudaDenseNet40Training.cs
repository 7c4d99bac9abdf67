using System.Globalization;
using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks.DenseNet;

// CudaDenseNet40Training: DenseNet-40 in training on a device: forward, loss, backward, optimiser, one graph from the second
// step on. Precisions: Float32; TensorFloat32 (products of the layers, forward and backward); BFloat16 (canvases and these products;
// weights, sums, statistics and G are floats). Parameters are those of the processor, running statistics included.
// Values: those of TrainingMeasures.Primary: loss, phase loss, accuracy, mean squared error, phases found; phase loss and phases
// found are 0 where grid phases are not learnt.
sealed class CudaDenseNet40Training : IDeviceTraining
{
    const int WindowBytes = DenseNet40Architecture.WindowSize * DenseNet40Architecture.WindowSize * 3;

    readonly CudaRuntime runtime;
    readonly DenseNetTrainingShape shape;
    readonly DenseNet40Architecture architecture;
    readonly CudaStream stream;
    readonly OpContext context;
    readonly CudaOptimizer optimizer;
    readonly PrimaryLossOps loss;
    readonly DenseNet40DeviceStep step;
    readonly DeviceBuffer<byte> steps;
    readonly DeviceBuffer<double> values;
    readonly DeviceBuffer<float> statistics;
    readonly CudaGraph?[] graphs = new CudaGraph?[2];
    readonly bool[] ran = new bool[2];

    /// <param name="runtime">The device; given up when the training is disposed.</param>
    /// <param name="shape">Network, batch, loss.</param>
    public CudaDenseNet40Training(CudaRuntime runtime, DenseNetTrainingShape shape)
    {
        if (shape.Precision == ComputePrecision.Float16)
            throw new NotSupportedException("gradients of DenseNet-40 leave the range of 16-bit floats: train in Float32, TensorFloat32 or BFloat16");
        if (shape.Outputs != (shape.Loss.Regression ? PrimaryBlocks.Count : PrimaryBlocks.Outputs))
            throw new ArgumentException($"{shape.Outputs} outputs do not go with {(shape.Loss.Regression ? "a regression" : "a softmax")} loss", nameof(shape));
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.BatchSize, 1, nameof(shape));
        (this.runtime, this.shape) = (runtime, shape);
        architecture = new DenseNet40Architecture(shape.Input, shape.Outputs, shape.PhaseWeight > 0);
        stream = runtime.CreateStream();
        context = new OpContext(stream);
        optimizer = new CudaOptimizer(context, new MatrixProductOps(context), architecture.Count, architecture.TrainableCount, shape.Matrices);
        loss = new PrimaryLossOps(context);
        step = new DenseNet40DeviceStep(stream, new DenseNet40Kernels(runtime, shape.Precision), architecture, shape.BatchSize, shape.Dropout);
        steps = stream.Rent<byte>((long)shape.BatchSize * PrimaryBlocks.Count);
        values = stream.Rent<double>(PrimaryLossOps.Values + (architecture.HasPhases ? DenseNet40DevicePhases.Values : 0));
        statistics = stream.Rent<float>(architecture.Count - architecture.TrainableCount);
    }

    /// <summary>Length of every vector of <see cref="Upload"/> and <see cref="Download"/>.</summary>
    public int ParameterCount => architecture.Count;

    public void Upload(ReadOnlySpan<float> parameters, ReadOnlySpan<float> first, ReadOnlySpan<float> second, ReadOnlySpan<float> average) =>
        optimizer.Upload(parameters, first, second, average);

    public void Download(Span<float> parameters, Span<float> first, Span<float> second, Span<float> average) =>
        optimizer.Download(parameters, first, second, average);

    public void Step(DeviceBatch batch, in OptimizerStep update, Span<double> measures)
    {
        if (batch.Count != shape.BatchSize)
            throw new ArgumentException($"a batch of {shape.BatchSize} windows expected, got {batch.Count}", nameof(batch));
        Load(batch);
        optimizer.Set(update);
        Launch(update.Muon);
        StepVerdict verdict = optimizer.ReadVerdict();
        if (verdict.Finite == 0)
        {
            stream.Copy(statistics.Span, Statistics);
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                $"step {batch.Step}: the loss or its gradient is not a finite number; lower the learning rate"));
        }
        Read(measures);
    }

    public void Measure(DeviceBatch batch, Span<double> measures)
    {
        RequireAtMost(batch);
        Load(batch);
        step.Forward(optimizer.Average, batch.Count, DensePass.Use);
        loss.Run(shape.Loss, step.Logits, steps, default, OfSteps, default, batch.Count);
        step.Phases(optimizer.Average, batch.Count, null, OfSteps, Measures);
        Read(measures);
    }

    public void MoveStatistics(DeviceBatch batch, double movement)
    {
        if (!(movement is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(movement), movement, "outside 0..1");
        RequireAtMost(batch);
        Load(batch);
        step.Forward(optimizer.Average, batch.Count, DensePass.Statistics, movement);
    }

    public void Dispose()
    {
        stream.Settle();
        foreach (CudaGraph? graph in graphs)
            graph?.Dispose();
        foreach (IDisposable part in (IDisposable[])[step, optimizer, steps, values, statistics, context, stream, runtime])
            part.Dispose();
    }

    /// <summary>The gradient of the last step, laid out as the parameters; its trainable part.</summary>
    internal float[] DownloadGradient()
    {
        float[] gradient = new float[architecture.TrainableCount];
        stream.Download(optimizer.Gradient.Slice(0, gradient.Length), gradient);
        return gradient;
    }

    // [3] of the loss of the steps, and all that is measured: these alone, or [5].
    DeviceSpan<double> OfSteps => values.Slice(0, PrimaryLossOps.Values);

    DeviceSpan<double> Measures => architecture.HasPhases ? values.Slice(PrimaryLossOps.Values) : OfSteps;

    DeviceSpan<float> Statistics => optimizer.Parameters.Slice(architecture.TrainableCount);

    void Load(DeviceBatch batch)
    {
        Require(batch.Pixels.Length, batch.Count * WindowBytes, "pixels");
        Require(batch.Steps.Length, batch.Count * PrimaryBlocks.Count, "steps");
        if (architecture.HasPhases)
            Require(batch.Phases.Length, batch.Count, "grid phases");
        step.Load(batch.Pixels.Span, batch.Phases.Span, shape.Seed, (ulong)batch.Step);
        stream.Upload(batch.Steps.Span, steps.Slice(0, batch.Steps.Length));
    }

    void Launch(bool muon)
    {
        int kind = muon ? 1 : 0;
        if (graphs[kind] is null && ran[kind])
            graphs[kind] = stream.Capture(_ => Work(muon));
        if (graphs[kind] is { } graph)
            stream.Launch(graph);
        else
            Work(muon);
        ran[kind] = true;
    }

    void Work(bool muon)
    {
        // A step that fails gives the running statistics back.
        stream.Copy(Statistics, statistics.Span);
        step.Forward(optimizer.Parameters, shape.BatchSize, DensePass.Training);
        loss.Run(shape.Loss, step.Logits, steps, step.LogitGradients, OfSteps, default, shape.BatchSize);
        step.Phases(optimizer.Parameters, shape.BatchSize, shape.PhaseWeight / shape.BatchSize, OfSteps, Measures);
        step.Backward(optimizer.Parameters, optimizer.Gradient, shape.BatchSize);
        optimizer.Run(muon, Measures);
    }

    void Read(Span<double> measures)
    {
        double[] read = new double[Measures.Length];
        stream.Download(Measures, read);
        ((ReadOnlySpan<double>)(architecture.HasPhases ? read : [read[0], 0, read[1], read[2], 0])).CopyTo(measures);
    }

    void RequireAtMost(DeviceBatch batch)
    {
        if (batch.Count < 1 || batch.Count > shape.BatchSize)
            throw new ArgumentException($"a batch of at most {shape.BatchSize} windows expected, got {batch.Count}", nameof(batch));
    }

    static void Require(int actual, int expected, string name)
    {
        if (actual != expected)
            throw new ArgumentException($"{name}: {expected} bytes expected, got {actual}", name);
    }
}
