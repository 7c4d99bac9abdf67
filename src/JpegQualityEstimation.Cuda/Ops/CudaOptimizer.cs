using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Cuda.Ops;

// CudaOptimizer: parameters, gradient, moments and the running average of a network in device memory, and one step of the
// optimiser on them, in the order of the processor's TrainingLoop: norm and clip, Muon for the matrices and Adam for all
// else, average; the network's own statistics behind the trainable part are copied into the average.
// A step whose values or gradient norm are not finite changes nothing (ReadVerdict says so). Adam's bits are those of the
// processor's; norms are summed in doubles in another order, by blocks, which depends on the length alone.
// Set uploads the numbers of a step; Run is launches only and may be captured. For one thread at a time.
sealed class CudaOptimizer : IDisposable
{
    const int NormRun = 4096;

    readonly OpContext context;
    readonly int trainable;
    readonly KernelFunction norm;
    readonly KernelFunction verdictOf;
    readonly KernelFunction adam;
    readonly MuonPlan? muon;
    readonly DeviceBuffer<float> state;
    readonly DeviceBuffer<ParameterRun> runs;
    readonly DeviceBuffer<StepNumbers> numbers;
    readonly DeviceBuffer<StepVerdict> verdict;
    readonly long pitch;

    /// <param name="context">Stream and scratch.</param>
    /// <param name="products">For Muon.</param>
    /// <param name="count">Parameters, statistics of the network's own included.</param>
    /// <param name="trainable">Those that the optimiser moves, the first ones.</param>
    /// <param name="matrices">For Muon, in rising order.</param>
    public CudaOptimizer(OpContext context, MatrixProductOps products, int count, int trainable, IReadOnlyList<ParameterMatrix> matrices)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(trainable, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, trainable);
        (this.context, Count, this.trainable) = (context, count, trainable);
        norm = context.Runtime.Kernel("adam", "adam_norm");
        verdictOf = context.Runtime.Kernel("adam", "adam_verdict");
        adam = context.Runtime.Kernel("adam", "adam_update");
        CudaStream stream = context.Stream;
        ParameterRun[] cut = ParameterRun.Cut(count, trainable, matrices);
        // Five vectors in one buffer, each from 256 bytes on.
        pitch = (count + 63L) / 64 * 64;
        state = stream.Rent<float>(5 * pitch);
        runs = stream.Rent<ParameterRun>(cut.Length);
        numbers = stream.Rent<StepNumbers>(1);
        verdict = stream.Rent<StepVerdict>(1);
        stream.Clear(state.Span);
        stream.Upload<ParameterRun>(cut, runs);
        muon = matrices.Count > 0 ? new MuonPlan(context, products, matrices, cut) : null;
    }

    /// <summary>Length of each of the vectors below.</summary>
    public int Count { get; }

    public DeviceSpan<float> Parameters => state.Slice(0, Count);

    /// <summary>The gradient of a step, put here before <see cref="Run"/>; its trainable part is read.</summary>
    public DeviceSpan<float> Gradient => state.Slice(pitch, Count);

    public DeviceSpan<float> First => state.Slice(2 * pitch, Count);

    public DeviceSpan<float> Second => state.Slice(3 * pitch, Count);

    public DeviceSpan<float> Average => state.Slice(4 * pitch, Count);

    public void Upload(ReadOnlySpan<float> parameters, ReadOnlySpan<float> first, ReadOnlySpan<float> second, ReadOnlySpan<float> average)
    {
        context.Stream.Upload(parameters, Parameters);
        context.Stream.Upload(first, First);
        context.Stream.Upload(second, Second);
        context.Stream.Upload(average, Average);
    }

    /// <summary>Waits for the device.</summary>
    public void Download(Span<float> parameters, Span<float> first, Span<float> second, Span<float> average)
    {
        context.Stream.Download(Parameters, parameters);
        context.Stream.Download(First, first);
        context.Stream.Download(Second, second);
        context.Stream.Download(Average, average);
    }

    /// <summary>The numbers of the next steps, until they are set again.</summary>
    public void Set(in OptimizerStep step) => context.Stream.Upload<StepNumbers>([StepNumbers.Of(step)], numbers);

    /// <summary>One step with the numbers that were set.</summary>
    /// <param name="useMuon">As the numbers' step says.</param>
    /// <param name="values">What the step measured: where one is not finite, nothing is changed; empty: not looked at.</param>
    public void Run(bool useMuon, DeviceSpan<double> values)
    {
        CudaStream stream = context.Stream;
        var block = new Dim3(256);
        int parts = (trainable + NormRun - 1) / NormRun;
        ulong partials = context.Scratch(8L * parts);
        stream.Launch(norm, context.Grid(parts, 1), block, 0, Gradient, trainable, partials);
        stream.Launch(verdictOf, new Dim3(1), block, 0, partials, parts, values, (int)values.Length, numbers, verdict);
        bool matrices = useMuon && muon is not null;
        if (matrices)
            muon!.Run(runs, Parameters, Gradient, First, Average, numbers, verdict);
        stream.Launch(adam, context.Grid(runs.Length, 1), block, 0, runs, (int)runs.Length, Parameters, Gradient, First, Second, Average, numbers, verdict, matrices ? 1 : 0);
    }

    /// <summary><see cref="Set"/> and <see cref="Run"/>.</summary>
    public void Apply(in OptimizerStep step, DeviceSpan<double> values = default)
    {
        Set(step);
        Run(step.Muon, values);
    }

    /// <summary>[1]: what became of the last step, overwritten by the next.</summary>
    public DeviceSpan<StepVerdict> Verdict => verdict.Span;

    /// <summary>What became of the last step. Waits for the device.</summary>
    public StepVerdict ReadVerdict()
    {
        StepVerdict read = default;
        context.Stream.Download(verdict.Span, new Span<StepVerdict>(ref read));
        return read;
    }

    public void Dispose()
    {
        muon?.Dispose();
        state.Dispose();
        runs.Dispose();
        numbers.Dispose();
        verdict.Dispose();
    }
}
