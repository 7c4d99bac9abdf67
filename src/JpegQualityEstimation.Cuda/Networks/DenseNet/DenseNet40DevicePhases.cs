using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks.DenseNet;

// DenseNet40DevicePhases: the grid phase at every place of the last block on a device, launches only; what GridPhaseHead is on
// the processor (kernels/densenet_phase.cu).
sealed class DenseNet40DevicePhases : IDisposable
{
    /// <summary>Block loss, phase loss, share of right steps, squared error of the steps, share of phases found.</summary>
    public const int Values = 5;

    /// <summary>Numbers of the head: weights [16,456] and bias [16].</summary>
    public const int Parameters = GridPhaseHead.Classes * (DenseNet40Architecture.Features + 1);

    readonly CudaStream stream;
    readonly DenseNet40TrainingKernels training;
    readonly DeviceBuffer<byte> phases;
    readonly DeviceBuffer<float> dOutputs, partials;
    readonly DeviceBuffer<double> losses;
    readonly DeviceBuffer<int> found;

    /// <param name="stream">Of all launches.</param>
    /// <param name="training">Kernels.</param>
    /// <param name="batch">Most windows.</param>
    public DenseNet40DevicePhases(CudaStream stream, DenseNet40TrainingKernels training, int batch)
    {
        (this.stream, this.training) = (stream, training);
        phases = stream.Rent<byte>(batch);
        dOutputs = stream.Rent<float>((long)batch * GridPhaseHead.Places * GridPhaseHead.Classes);
        partials = stream.Rent<float>((long)training.PhaseGroups(batch) * Parameters);
        losses = stream.Rent<double>(batch);
        found = stream.Rent<int>(batch);
    }

    /// <summary>Grid phases of the next pass, 0..63 or above where there is none.</summary>
    public void Load(ReadOnlySpan<byte> values) => stream.Upload(values, phases.Slice(0, values.Length));

    /// <summary>Loss of the last block's activations, and whether the phases are found.</summary>
    /// <param name="c">The last block.</param>
    /// <param name="norm">Of the head.</param>
    /// <param name="head">Weights and bias.</param>
    /// <param name="factor">Of a window's loss in the gradient, which <see cref="Backward"/> reads; null: none is made.</param>
    /// <param name="primary">[3], of the loss of the steps.</param>
    /// <param name="values">[5], overwritten.</param>
    public void Measure(in DenseCanvas c, in NormAddresses norm, ulong head, double? factor, ulong primary, ulong values)
    {
        training.PhaseLoss(c, norm, head, phases.Span.Address, factor ?? 0, factor is null ? 0 : dOutputs.Span.Address, losses.Span.Address, found.Span.Address);
        training.PhaseValues(primary, losses.Span.Address, found.Span.Address, c.Images, values);
    }

    /// <summary>Gradient of the head, and that of the global average's batch norm with the head's part.</summary>
    /// <param name="c">The last block.</param>
    /// <param name="dFeatures">By the averages.</param>
    /// <param name="norm">Of the head.</param>
    /// <param name="head">Weights and bias.</param>
    /// <param name="dHead">Gradient by them, overwritten.</param>
    /// <param name="gradients">G, written.</param>
    /// <param name="normPartials">Overwritten with partial sums of <see cref="DenseNet40TrainingKernels.PhaseParts"/>.</param>
    public void Backward(in DenseCanvas c, ulong dFeatures, in NormAddresses norm, ulong head, ulong dHead, ulong gradients, ulong normPartials)
    {
        training.PhaseWeights(c, dOutputs.Span.Address, norm, partials.Span.Address, dHead);
        training.PhaseGradient(c, dFeatures, dOutputs.Span.Address, head, norm, gradients, normPartials);
    }

    public void Dispose()
    {
        foreach (IDisposable part in (IDisposable[])[phases, dOutputs, partials, losses, found])
            part.Dispose();
    }
}
