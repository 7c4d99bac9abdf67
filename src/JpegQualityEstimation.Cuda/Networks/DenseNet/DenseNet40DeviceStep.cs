using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks.DenseNet;

// DenseNet40DeviceStep: forward and backward of a batch on a device, launches only, on one stream; what DenseNet40Gradient is on
// the processor, in its order. The layers' convolutions and their gradients are made in the precision asked for, all else in float.
sealed class DenseNet40DeviceStep : IDisposable
{
    const int Blocks = DenseNet40Architecture.Blocks;
    const int Layers = DenseNet40Architecture.Layers;
    const int Growth = DenseNet40Architecture.Growth;
    const int FirstFilters = DenseNet40Architecture.FirstFilters;
    const int WindowBytes = DenseNet40Architecture.WindowSize * DenseNet40Architecture.WindowSize * 3;

    readonly CudaStream stream;
    readonly DenseNet40Kernels kernels;
    readonly DenseNet40TrainingKernels training;
    readonly DenseNet40Architecture architecture;
    readonly DenseNet40Packs packs;
    readonly DenseNet40DeviceState state;
    readonly DenseNet40DevicePhases? phases;
    readonly DeviceBuffer<byte> pixels;
    readonly DeviceBuffer<float> logits;
    readonly DeviceBuffer<float> dLogits;
    readonly DeviceBuffer<ulong> stepKey;
    readonly double dropout;

    public DenseNet40DeviceStep(CudaStream stream, DenseNet40Kernels kernels, DenseNet40Architecture architecture, int batch, double dropout)
    {
        (this.stream, this.kernels, this.architecture, this.dropout) = (stream, kernels, architecture, dropout);
        training = new DenseNet40TrainingKernels(stream, kernels);
        packs = new DenseNet40Packs(stream, kernels, architecture, splits: false, training: true);
        state = new DenseNet40DeviceState(stream, kernels, training, architecture, batch);
        phases = architecture.HasPhases ? new DenseNet40DevicePhases(stream, training, batch) : null;
        pixels = stream.Rent<byte>((long)batch * WindowBytes);
        logits = stream.Rent<float>((long)batch * architecture.Outputs);
        dLogits = stream.Rent<float>((long)batch * architecture.Outputs);
        stepKey = stream.Rent<ulong>(1);
    }

    public int Batch => state.Batch;

    /// <summary>Outputs [n,outputs] of the last forward pass.</summary>
    public DeviceSpan<float> Logits => logits;

    /// <summary>The gradient of the loss by them, put here before <see cref="Backward"/>.</summary>
    public DeviceSpan<float> LogitGradients => dLogits;

    /// <summary>Windows of the next pass, where they are learnt its grid phases, and what its dropout masks are keyed with.</summary>
    public void Load(ReadOnlySpan<byte> windows, ReadOnlySpan<byte> gridPhases, ulong seed, ulong step)
    {
        stream.Upload(windows, pixels.Slice(0, windows.Length));
        phases?.Load(gridPhases);
        stream.Upload<ulong>([DropoutMask.StepKey(seed, step)], stepKey);
    }

    /// <summary>Outputs of the loaded windows.</summary>
    /// <param name="parameters">All of them; in training their running statistics move.</param>
    /// <param name="count">Windows.</param>
    /// <param name="pass">Whose statistics, and whether there is dropout.</param>
    /// <param name="movement">Share of the way that running statistics move to those of the batch.</param>
    public void Forward(DeviceSpan<float> parameters, int count, DensePass pass, double movement = DenseNet40Gradient.Momentum)
    {
        ulong p = parameters.Address;
        packs.Pack(stream, parameters);
        bool drops = pass == DensePass.Training;
        if (pass == DensePass.Use)
            for (int b = 0; b < Blocks; b++)
                training.Running(At(p, architecture.Mean(b)), At(p, architecture.Variance(b)), DenseNet40Gradient.Epsilon, state.Mean(b), state.Inverse(b), DenseNet40Architecture.BlockOutputs(b));
        DenseCanvas canvas = state.Canvas(0, count);
        kernels.First(stream, pixels.Span.Address, WindowBytes, 3 * canvas.Width, 0, architecture.InputChannels, p, canvas);
        Ready(p, canvas, 0, 0, 0, FirstFilters, pass, movement);
        for (int b = 0; b < Blocks; b++)
        {
            for (int l = 0; l < Layers; l++)
            {
                int channels = DenseNet40Architecture.LayerInputs(b, l);
                kernels.Layer(stream, canvas, 0, channels, channels, false, packs.At(b, l), state.Scale(b, l), state.Shift(b, l), Mask(b, l, drops));
                Ready(p, canvas, b, l + 1, channels, Growth, pass, movement);
            }
            if (b == Blocks - 1)
                break;
            DenseCanvas next = state.Canvas(b + 1, count);
            training.Transition(canvas, Norm(p, b, Layers), packs.Transition(b), next, Mask(b, Layers, drops));
            Ready(p, next, b + 1, 0, 0, DenseNet40Architecture.BlockInputs(b + 1), pass, movement);
            canvas = next;
        }
        kernels.Head(stream, canvas, state.Scale(Blocks - 1, Layers), state.Shift(Blocks - 1, Layers), packs.Head, At(p, architecture.Bias), architecture.Outputs,
            state.Averages, logits.Span.Address);
    }

    /// <summary>Loss of the grid phases, after a forward pass; nothing where they are not learnt.</summary>
    /// <param name="parameters">Those of the forward pass.</param>
    /// <param name="count">Windows.</param>
    /// <param name="factor">Of a window's loss in the gradient, before <see cref="Backward"/>; null: none is made.</param>
    /// <param name="primary">[3], of the loss of the steps.</param>
    /// <param name="values">[5], overwritten.</param>
    public void Phases(DeviceSpan<float> parameters, int count, double? factor, DeviceSpan<double> primary, DeviceSpan<double> values) =>
        phases?.Measure(state.Canvas(Blocks - 1, count), Norm(parameters.Address, Blocks - 1, Layers), At(parameters.Address, architecture.PhaseWeight), factor,
            primary.Address, values.Address);

    /// <summary>The gradient of the loss by all trainable parameters, after a forward pass in training.</summary>
    public void Backward(DeviceSpan<float> parameters, DeviceSpan<float> gradient, int count)
    {
        ulong p = parameters.Address, to = gradient.Address;
        const int Last = Blocks - 1;
        state.ClearReaders();
        DenseCanvas canvas = state.Canvas(Last, count);
        int linear = architecture.Weight(Last, Layers);
        training.Linear(dLogits.Span.Address, state.Averages, At(p, linear), count, architecture.Outputs, state.AverageGradients, At(to, linear), At(to, architecture.Bias));
        if (phases is null)
            training.AverageGradient(canvas, state.AverageGradients, Norm(p, Last, Layers), state.Gradients(Last), state.Partials);
        else
            phases.Backward(canvas, state.AverageGradients, Norm(p, Last, Layers), At(p, architecture.PhaseWeight), At(to, architecture.PhaseWeight),
                state.Gradients(Last), state.Partials);
        Merge(p, to, canvas, Last, Layers, phases is null ? count : training.PhaseParts(count));
        for (int b = Last; b >= 0; b--)
        {
            canvas = state.Canvas(b, count);
            for (int l = Layers - 1; l >= 0; l--)
            {
                int channels = DenseNet40Architecture.LayerInputs(b, l);
                NormAddresses norm = Norm(p, b, l);
                Output(canvas, b, channels, Growth, norm, Mask(b, l, true));
                training.LayerWeights(canvas, state.Output, norm, state.Partials, At(to, architecture.Weight(b, l)));
                training.LayerGradient(canvas, state.Output, At(p, architecture.Weight(b, l)), packs.Gradient(b, l), norm, state.Gradients(b), state.Partials);
                Merge(p, to, canvas, b, l, training.LayerParts(canvas));
            }
            if (b == 0)
                break;
            int inputs = DenseNet40Architecture.BlockInputs(b);
            NormAddresses before = Norm(p, b - 1, Layers);
            Output(canvas, b, 0, inputs, before, DropoutKey.None);
            DenseCanvas previous = state.Canvas(b - 1, count);
            training.TransitionWeights(previous, state.Output, before, state.Partials, At(to, architecture.Weight(b - 1, Layers)), Mask(b - 1, Layers, true));
            training.TransitionGradient(previous, state.Output, At(p, architecture.Weight(b - 1, Layers)), before, state.Gradients(b - 1), state.Partials, Mask(b - 1, Layers, true));
            Merge(p, to, previous, b - 1, Layers, training.TransitionParts(previous));
        }
        Output(canvas, 0, 0, FirstFilters, Norm(p, 0, 0), DropoutKey.None);
        training.FirstWeights(canvas, pixels.Span.Address, architecture.InputChannels, state.Output, state.Partials, to);
    }

    public void Dispose()
    {
        foreach (IDisposable? part in (IDisposable?[])[packs, state, phases, pixels, logits, dLogits, stepKey])
            part?.Dispose();
    }

    // Channels [first, first + count) are there: their statistics, and scale and shift of the reader that comes next.
    void Ready(ulong p, in DenseCanvas canvas, int block, int reader, int first, int count, DensePass pass, double movement)
    {
        if (pass == DensePass.Use)
        {
            training.Scale(Norm(p, block, reader));
            return;
        }
        training.Statistics(canvas, first, count, state.PictureMeans, state.PictureSquares);
        training.MergeStatistics(canvas, first, count, state.PictureMeans, state.PictureSquares, Norm(p, block, reader),
            At(p, architecture.Mean(block)), At(p, architecture.Variance(block)), movement, DenseNet40Gradient.Epsilon);
    }

    void Output(in DenseCanvas canvas, int block, int first, int count, in NormAddresses norm, in DropoutKey mask) =>
        training.Output(canvas, state.Gradients(block), first, count, norm with { Mean = state.Mean(block), Inverse = state.Inverse(block) },
            state.ReaderMeans(block), state.ReaderProducts(block), state.Output, mask);

    void Merge(ulong p, ulong to, in DenseCanvas canvas, int block, int layer, int parts) =>
        training.MergeNorm(state.Partials, parts, canvas.Pixels, Norm(p, block, layer), At(to, architecture.Gamma(block, layer)), At(to, architecture.Beta(block, layer)),
            state.ReaderMeans(block), state.ReaderProducts(block));

    NormAddresses Norm(ulong p, int block, int layer) => new(DenseNet40Architecture.LayerInputs(block, layer), At(p, architecture.Gamma(block, layer)),
        At(p, architecture.Beta(block, layer)), state.Mean(block), state.Inverse(block), state.Scale(block, layer), state.Shift(block, layer));

    // Masks are numbered through all convolutions: 13 a block.
    DropoutKey Mask(int block, int layer, bool drops) => drops && dropout > 0
        ? new(stepKey.Span.Address, block * (Layers + 1) + layer, (uint)(dropout * 4294967296.0), (float)(1 / (1 - dropout)))
        : DropoutKey.None;

    static ulong At(ulong values, int index) => values + (ulong)index * sizeof(float);
}

/// <summary>What a forward pass of DenseNet-40 is for.</summary>
enum DensePass
{
    /// <summary>The network as it answers: running statistics, no dropout.</summary>
    Use,
    /// <summary>Statistics of the batch, which move the running ones, and dropout.</summary>
    Training,
    /// <summary>The same without dropout.</summary>
    Statistics,
}
