namespace JpegQualityEstimation.Engine;

// IDeviceTraining: a network in training on a device. Parameters, moments and the running average live there; one call is
// one step, clipping, optimiser and average included, in the order of the processor's loop:
//   values and gradient -> norm, clip -> optimiser -> average, the network's own statistics copied into it.
// A step whose loss or gradient norm is not finite changes nothing and throws InvalidOperationException.
// For one thread at a time. Runs repeat bit for bit.
interface IDeviceTraining : IDisposable
{
    /// <summary>Takes over a state; each [ParameterCount].</summary>
    void Upload(ReadOnlySpan<float> parameters, ReadOnlySpan<float> first, ReadOnlySpan<float> second, ReadOnlySpan<float> average);

    /// <summary>Gives the state back; each [ParameterCount].</summary>
    void Download(Span<float> parameters, Span<float> first, Span<float> second, Span<float> average);

    /// <summary>One step.</summary>
    /// <param name="batch">As many pictures as the shape says.</param>
    /// <param name="update">What the optimiser does.</param>
    /// <param name="values">Overwritten with what the network measures, in the order of its training log.</param>
    void Step(DeviceBatch batch, in OptimizerStep update, Span<double> values);

    /// <summary>Values of a held-out batch with the running average, as the network answers in use.</summary>
    void Measure(DeviceBatch batch, Span<double> values);

    /// <summary>Moves the running average's own statistics, where the network has any, towards those of a batch under the averaged parameters.</summary>
    /// <param name="batch">Pictures.</param>
    /// <param name="movement">Share of the way, 0..1.</param>
    void MoveStatistics(DeviceBatch batch, double movement);
}

/// <summary>A training whose steps are queued, so that the device does not wait for what the host does with the values.</summary>
interface IQueuedTraining : IDeviceTraining
{
    /// <summary>Queues a step; the batch is free again on return. At most two steps are under way.</summary>
    void Begin(DeviceBatch batch, in OptimizerStep update);

    /// <summary>Waits for the earliest step under way. Everything else but Begin is called when there is none.</summary>
    /// <param name="values">Overwritten with what it measured.</param>
    /// <exception cref="InvalidOperationException">Its loss or gradient norm is not finite; it changed nothing.</exception>
    void End(Span<double> values);
}
