using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks;

// CudaQualityTraining: steps of the quality network (QualityTrainingStep, then the optimiser) on a device.
//   bytes -> [n,h,w,4] -> six activations [n,h,w,64] -> two maps -> dMaps [n,h,w,4], mean squared errors -> back through the layers,
//   two gradients [n,h,w,64] in turn -> partial sums over chunks of pixels -> gradient -> optimiser
// Activations, their gradients and the weights that convolutions read are of the precision's storage (for bfloat16 the float
// parameters are the masters); weight gradients, losses and optimiser are floats and doubles. A step is one graph; what changes
// from step to step is in device memory.
sealed class CudaQualityTraining : IQueuedTraining
{
    const int Layers = QualityArchitecture.Layers;
    const int MostLossBlocks = 1024;

    readonly QualityTrainingShape shape;
    readonly CudaRuntime runtime;
    readonly CudaStream stream;
    readonly OpContext context;
    readonly CudaOptimizer optimizer;
    readonly QualityConvolutions convolutions;
    readonly ConvolutionPlanes planes;
    readonly GradientChunks chunks;
    readonly List<IDisposable> held = [];
    readonly DeviceSpan<byte> pixels;
    readonly DeviceSpan<float> targets;
    readonly DeviceSpan<int> view;
    readonly DeviceSpan<byte>[] activations = new DeviceSpan<byte>[Layers];
    readonly DeviceSpan<byte>[] gradients = new DeviceSpan<byte>[2];
    readonly DeviceSpan<byte> dMaps;
    readonly DeviceSpan<float> maps;
    readonly DeviceSpan<float> parts;
    readonly DeviceSpan<int> places;
    readonly DeviceSpan<double> errors;
    readonly DeviceSpan<double> values;
    readonly CudaGraph?[] graphs = new CudaGraph?[2];
    readonly QueuedResults results;

    /// <param name="runtime">The device; this training's own once it is made, still the caller's where it throws.</param>
    /// <param name="shape">Batch, patch, precision.</param>
    public CudaQualityTraining(CudaRuntime runtime, QualityTrainingShape shape)
    {
        this.runtime = runtime;
        if (shape.Precision == ComputePrecision.Float16)
            throw new NotSupportedException("gradients in float16 would vanish; train in bfloat16, tf32 or float32");
        this.shape = shape;
        stream = runtime.CreateStream();
        context = new OpContext(stream);
        optimizer = new CudaOptimizer(context, new MatrixProductOps(context), QualityArchitecture.ParameterCount, QualityArchitecture.ParameterCount, shape.Matrices);
        convolutions = new QualityConvolutions(stream, shape.Precision, gradients: true);
        planes = ConvolutionPlanes.Whole(shape.BatchSize, shape.PatchSize, shape.PatchSize);
        long count = planes.Pixels;
        chunks = GradientChunks.Of(count, QualityGradientLayout.Length);
        int storage = convolutions.Storage.Bytes;
        pixels = Hold<byte>(3 * count);
        targets = Hold<float>(2 * count);
        view = Hold<int>(9);
        for (int l = 0; l < Layers; l++)
            activations[l] = Hold<byte>(count * storage * (l == 0 ? 4 : 64));
        for (int i = 0; i < gradients.Length; i++)
            gradients[i] = Hold<byte>(count * storage * 64);
        dMaps = Hold<byte>(count * storage * 4);
        maps = Hold<float>(2 * count);
        parts = Hold<float>(chunks.Count * chunks.Stride);
        places = Hold<int>(QualityGradientLayout.Length);
        errors = Hold<double>(2 * MostLossBlocks);
        values = Hold<double>(2);
        int size = shape.PatchSize;
        stream.Upload<int>([0, 0, size, size, 3 * size, 3, 0, 1, 2], view);
        stream.Upload<int>(QualityGradientLayout.Places(), places);
        results = new QueuedResults(stream, 2);
        // What no kernel writes is never read into a sum that counts, but it must be a number.
        stream.Clear(parts);
    }

    public void Upload(ReadOnlySpan<float> parameters, ReadOnlySpan<float> first, ReadOnlySpan<float> second, ReadOnlySpan<float> average) =>
        optimizer.Upload(parameters, first, second, average);

    public void Download(Span<float> parameters, Span<float> first, Span<float> second, Span<float> average) =>
        optimizer.Download(parameters, first, second, average);

    public void Step(DeviceBatch batch, in OptimizerStep update, Span<double> values)
    {
        Begin(batch, update);
        End(values);
    }

    public void Begin(DeviceBatch batch, in OptimizerStep update)
    {
        results.RequireRoom();
        Take(batch);
        optimizer.Set(update);
        int muon = update.Muon ? 1 : 0;
        if (graphs[muon] is { } graph)
            stream.Launch(graph);
        else
        {
            // The first step is done in the open, so that everything is loaded before the capture.
            Work(update.Muon);
            graphs[muon] = stream.Capture(_ => Work(muon == 1));
        }
        results.Add(update.Step, values, optimizer.Verdict);
    }

    public void End(Span<double> values) => results.Take(values);

    public void Measure(DeviceBatch batch, Span<double> values)
    {
        Take(batch);
        Forward(optimizer.Average);
        stream.Download(this.values, values);
    }

    /// <summary>The gradient of the last step, before it was clipped.</summary>
    public void ReadGradient(Span<float> gradient) => stream.Download(optimizer.Gradient, gradient);

    // It has none.
    public void MoveStatistics(DeviceBatch batch, double movement)
    {
    }

    public void Dispose()
    {
        // A step may be under way still, and its results on their way to memory that goes now.
        stream.Settle();
        foreach (CudaGraph? graph in graphs)
            graph?.Dispose();
        results.Dispose();
        foreach (IDisposable buffer in held)
            buffer.Dispose();
        convolutions.Dispose();
        optimizer.Dispose();
        context.Dispose();
        stream.Dispose();
        runtime.Dispose();
    }

    void Take(DeviceBatch batch)
    {
        if (batch.Count != shape.BatchSize || batch.Pixels.Length != pixels.Length || batch.Targets.Length != targets.Length)
            throw new ArgumentException($"a step takes {shape.BatchSize} patches of {shape.PatchSize} pixels");
        stream.Upload(batch.Pixels.Span, pixels);
        stream.Upload(batch.Targets.Span, targets);
    }

    void Work(bool muon)
    {
        Forward(optimizer.Parameters);
        Backward();
        optimizer.Run(muon, values);
    }

    void Forward(DeviceSpan<float> parameters)
    {
        convolutions.Lay(stream, parameters);
        stream.Launch(Kernel("quality_load"), Blocks(planes.Pixels), new Dim3(256), 0, pixels, view, activations[0], planes.Count, planes.Width, planes.Height);
        for (int l = 0; l < Layers - 1; l++)
            convolutions.Forward(stream, l, activations[l], activations[l + 1], default, planes);
        convolutions.Pair(stream, activations[^1], maps, default, planes, 2, 1);
        int count = checked((int)planes.Pixels), blocks = Math.Min(MostLossBlocks, (count + 255) / 256);
        stream.Launch(Kernel("quality_loss"), new Dim3(blocks), new Dim3(256), 0, maps, targets, dMaps, errors, count,
            Scale(shape.QualityLossWeight), Scale(shape.FlagLossWeight));
        stream.Launch(runtime.Kernel("quality", "quality_loss_sum"), new Dim3(1), new Dim3(32), 0, errors, values, blocks, (double)count);
    }

    void Backward()
    {
        Conv3x3Kernels kernels = convolutions.Kernels;
        DeviceSpan<byte> gradient = dMaps;
        for (int l = Layers - 1; l >= 0; l--)
        {
            int dilation = QualityArchitecture.Dilations[l];
            DeviceSpan<float> weightParts = parts.Slice(QualityGradientLayout.WeightOffset(l)), biasParts = parts.Slice(QualityGradientLayout.BiasOffset(l));
            if (l == Layers - 1)
                kernels.WeightGradient(stream, 4, gradient, activations[l], weightParts, planes, dilation, chunks);
            else
                kernels.WeightGradient(stream, l == 0 ? 4 : 64, activations[l], gradient, weightParts, planes, dilation, chunks);
            kernels.BiasGradient(stream, l == Layers - 1 ? 4 : 64, gradient, biasParts, planes, chunks);
            if (l == 0)
                break;
            DeviceSpan<byte> below = gradients[l % 2];
            convolutions.InputGradient(stream, l, gradient, activations[l], below, planes);
            gradient = below;
        }
        Conv3x3Kernels.Sum(stream, parts, places, optimizer.Gradient, chunks);
    }

    // As the processor rounds it.
    float Scale(double weight) => (float)(2 * (float)weight / (double)planes.Pixels);

    KernelFunction Kernel(string name) => runtime.Kernel("quality", $"{name}_{convolutions.Storage.Suffix}");

    static Dim3 Blocks(long items) => new((int)((items + 255) / 256));

    DeviceSpan<T> Hold<T>(long length)
        where T : unmanaged
    {
        DeviceBuffer<T> buffer = stream.Rent<T>(length);
        held.Add(buffer);
        return buffer;
    }
}
