using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine.Cpu.DenseNet;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks.DenseNet;

// DenseNet40TrainingKernels: launches of what only training needs (kernels/densenet_norm.cu, _gradient.cu, _transition.cu,
// _head_gradient.cu, _phase.cu), on one stream. Grids depend on the shape of the batch; so do the groups of partial sums, never on the device.
sealed class DenseNet40TrainingKernels(CudaStream stream, DenseNet40Kernels kernels)
{
    // Partial sums of a weight gradient, all channels together: enough blocks for a large device.
    const int GroupBlocks = 512;

    readonly CudaRuntime runtime = stream.Runtime;
    readonly string type = kernels.ValueBytes == 4 ? "float" : "bfloat16";
    readonly string product = kernels.ValueBytes == 4 ? "tf32" : "bfloat16";

    /// <summary>Means and sums of squared distances of each picture's channels [first, first + count).</summary>
    public void Statistics(in DenseCanvas c, int first, int count, ulong means, ulong squares) =>
        stream.Launch(Kernel("densenet_norm", $"densenet_statistics_{type}"), new(c.Images, count / 12), new(192), 0,
            c.Address, c.Pitch, c.Width * c.Height, first, means, squares);

    /// <summary>Statistics of the batch from those of its pictures, and the next reader's scale and shift.</summary>
    public void MergeStatistics(in DenseCanvas c, int first, int count, ulong means, ulong squares, in NormAddresses norm,
        ulong runningMean, ulong runningVariance, double momentum, double epsilon) =>
        stream.Launch(runtime.Kernel("densenet_norm", "densenet_statistics_merge"), new(1), new(256), 0, means, squares, c.Images, c.Pitch, c.Width * c.Height,
            first, count, norm.Mean, norm.Inverse, runningMean, runningVariance, momentum, epsilon, norm.Channels, norm.Gamma, norm.Beta, norm.Scale, norm.Shift);

    /// <summary>Mean and inverse deviation from running numbers.</summary>
    public void Running(ulong runningMean, ulong runningVariance, double epsilon, ulong mean, ulong inverse, int channels) =>
        stream.Launch(runtime.Kernel("densenet_norm", "densenet_running"), new(1), new(256), 0, runningMean, runningVariance, epsilon, mean, inverse, channels);

    public void Scale(in NormAddresses norm) =>
        stream.Launch(runtime.Kernel("densenet_norm", "densenet_scale"), new(1), new(256), 0, norm.Gamma, norm.Beta, norm.Mean, norm.Inverse, norm.Channels, norm.Scale, norm.Shift);

    /// <summary>Gradients of gamma and beta from partial sums, and the reader's part of A and B.</summary>
    public void MergeNorm(ulong partials, int parts, long pixels, in NormAddresses norm, ulong dGamma, ulong dBeta, ulong readerMeans, ulong readerProducts) =>
        stream.Launch(runtime.Kernel("densenet_norm", "densenet_norm_merge"), new((norm.Channels + 31) / 32), new(256), 0, partials, parts, norm.Channels, (double)pixels,
            norm.Gamma, norm.Inverse, dGamma, dBeta, readerMeans, readerProducts);

    /// <summary>Gradient of the outputs of the convolution that made channels [first, first + count), dense [n][pixel][count].</summary>
    public void Output(in DenseCanvas c, ulong gradients, int first, int count, in NormAddresses norm, ulong readerMeans, ulong readerProducts, ulong to, in DropoutKey mask) =>
        stream.Launch(Kernel("densenet_norm", $"densenet_output_{type}"), Grid(c.Pixels * count / 4), new(256), 0, gradients, c.Address, c.Pitch, c.Width * c.Height,
            first, count, c.Images, norm.Mean, norm.Inverse, readerMeans, readerProducts, to, c.Width, mask.Key, mask.Layer, mask.Threshold, mask.Scale);

    public int LayerParts(in DenseCanvas c) => c.Images * (c.Width / 16) * (c.Height / 16);

    /// <summary>Backward of a layer to its inputs and through their batch norm; partial sums of <see cref="LayerParts"/>.</summary>
    /// <param name="c">The block.</param>
    /// <param name="dOut">[n][pixel][12].</param>
    /// <param name="weights">As the parameters have them.</param>
    /// <param name="packed">As tensor cores read them.</param>
    /// <param name="norm">Of the layer.</param>
    /// <param name="gradients">G.</param>
    /// <param name="partials">Overwritten.</param>
    public void LayerGradient(in DenseCanvas c, ulong dOut, ulong weights, ulong packed, in NormAddresses norm, ulong gradients, ulong partials)
    {
        if (kernels.UsesTensorCores)
            stream.Launch(Kernel("densenet_gradient_sm80", $"densenet_mma_gradient_{product}"), new(LayerParts(c), (norm.Channels + 47) / 48), new(256), 0, dOut, packed,
                c.Address, c.Pitch, c.Width, c.Height, norm.Channels, norm.Scale, norm.Shift, norm.Gamma, norm.Mean, gradients, partials);
        else
            stream.Launch(Kernel("densenet_gradient", $"densenet_layer_gradient_{type}"), new(LayerParts(c), norm.Channels / 12), new(64), 0, dOut, weights,
                c.Address, c.Pitch, c.Width, c.Height, norm.Channels, norm.Scale, norm.Shift, norm.Gamma, norm.Mean, gradients, partials);
    }

    public int LayerGroups(in DenseCanvas c, int channels) => Math.Min(LayerParts(c), Math.Max(1, GroupBlocks * 12 / channels));

    /// <summary>Gradient of a layer's weights [12][channels][9].</summary>
    public void LayerWeights(in DenseCanvas c, ulong dOut, in NormAddresses norm, ulong partials, ulong to)
    {
        int groups = LayerGroups(c, norm.Channels);
        KernelFunction kernel = kernels.UsesTensorCores ? Kernel("densenet_gradient_sm80", $"densenet_mma_weights_{product}") : Kernel("densenet_gradient", $"densenet_layer_weights_{type}");
        Dim3 grid = kernels.UsesTensorCores ? new((norm.Channels + 23) / 24, groups) : new(norm.Channels / 12, groups);
        stream.Launch(kernel, grid, new(kernels.UsesTensorCores ? 256 : 144), 0, dOut,
            c.Address, c.Pitch, c.Width, c.Height, c.Images, norm.Channels, norm.Scale, norm.Shift, partials);
        Reduce(partials, groups, 12 * norm.Channels * 9, to);
    }

    public int FirstGroups(in DenseCanvas c) => Math.Min(LayerParts(c), GroupBlocks / 2);

    /// <summary>Gradient of the first convolution's weights [24][inputs][9].</summary>
    public void FirstWeights(in DenseCanvas c, ulong bytes, int inputs, ulong dOut, ulong partials, ulong to)
    {
        int groups = FirstGroups(c);
        stream.Launch(runtime.Kernel("densenet_gradient", "densenet_first_weights"), new(groups), new(144), 0, bytes, 3L * c.Width * c.Height, 3L * c.Width, inputs,
            dOut, c.Width, c.Height, c.Images, partials);
        Reduce(partials, groups, 24 * inputs * 9, to);
    }

    /// <summary>A transition with dropout before its pooling, to channels 0.. of the next block.</summary>
    public void Transition(in DenseCanvas c, in NormAddresses norm, ulong weights, in DenseCanvas next, in DropoutKey mask) =>
        stream.Launch(Kernel("densenet_transition", $"densenet_transition_{type}"), new(TransitionParts(c), (norm.Channels + 47) / 48), new(128), 0,
            c.Address, c.Pitch, c.Width, norm.Channels, norm.Scale, norm.Shift, weights, next.Address, next.Pitch, mask.Key, mask.Layer, mask.Threshold, mask.Scale);

    public int TransitionParts(in DenseCanvas c) => (int)(c.Pixels / 128);

    /// <summary>Backward of a transition; G is written.</summary>
    public void TransitionGradient(in DenseCanvas c, ulong pooled, ulong weights, in NormAddresses norm, ulong gradients, ulong partials, in DropoutKey mask) =>
        stream.Launch(Kernel("densenet_transition", $"densenet_transition_gradient_{type}"), new(TransitionParts(c), (norm.Channels + 47) / 48), new(128), 0,
            pooled, weights, c.Address, c.Pitch, c.Width, norm.Channels, norm.Scale, norm.Shift, norm.Gamma, norm.Mean, gradients, partials,
            mask.Key, mask.Layer, mask.Threshold, mask.Scale);

    public int TransitionGroups(int channels) => Math.Max(1, GroupBlocks / (Tiles(channels) * Tiles(channels)));

    /// <summary>Gradient of a transition's weights [channels][channels].</summary>
    public void TransitionWeights(in DenseCanvas c, ulong pooled, in NormAddresses norm, ulong partials, ulong to, in DropoutKey mask)
    {
        int groups = TransitionGroups(norm.Channels);
        stream.Launch(Kernel("densenet_transition", $"densenet_transition_weights_{type}"), new(Tiles(norm.Channels) * Tiles(norm.Channels), groups), new(144), 0,
            pooled, c.Address, c.Pitch, c.Width, c.Images, norm.Channels, norm.Scale, norm.Shift, partials, mask.Key, mask.Layer, mask.Threshold, mask.Scale);
        Reduce(partials, groups, norm.Channels * norm.Channels, to);
    }

    /// <summary>Backward of the linear layer.</summary>
    public void Linear(ulong dLogits, ulong features, ulong weights, int images, int outputs, ulong dFeatures, ulong dWeights, ulong dBias)
    {
        stream.Launch(runtime.Kernel("densenet_head_gradient", "densenet_features_gradient"), new(images), new(256), 0, dLogits, weights, outputs, dFeatures);
        stream.Launch(runtime.Kernel("densenet_head_gradient", "densenet_linear_gradient"), new(outputs), new(256), 0, dLogits, features, images, outputs, dWeights, dBias);
    }

    /// <summary>Backward of the global average and its batch norm; G is written.</summary>
    public void AverageGradient(in DenseCanvas c, ulong dFeatures, in NormAddresses norm, ulong gradients, ulong partials) =>
        stream.Launch(Kernel("densenet_head_gradient", $"densenet_average_gradient_{type}"), new(c.Images), new(256), 0, dFeatures, c.Address, c.Width * c.Height,
            norm.Scale, norm.Shift, norm.Gamma, norm.Mean, gradients, partials);

    /// <summary>Losses [n] of the grid phases, whether each is found [n], and with an address of them gradients [n][256][16] of factor times the loss.</summary>
    /// <param name="c">The last block.</param>
    /// <param name="norm">Of the head.</param>
    /// <param name="head">Weights [16,456] and bias [16].</param>
    /// <param name="phases">[n].</param>
    /// <param name="factor">Of the gradients.</param>
    /// <param name="dOutputs">Overwritten; 0: not asked for.</param>
    /// <param name="losses">Doubles, overwritten.</param>
    /// <param name="found">Overwritten with 1, 0 or -1: no phase.</param>
    public void PhaseLoss(in DenseCanvas c, in NormAddresses norm, ulong head, ulong phases, double factor, ulong dOutputs, ulong losses, ulong found) =>
        stream.Launch(Kernel("densenet_phase", $"densenet_phase_loss_{type}"), new(c.Images), new(GridPhaseHead.Places), 0, c.Address, norm.Scale, norm.Shift,
            head, head + GridPhaseHead.Classes * DenseNet40Architecture.Features * sizeof(float), phases, factor, dOutputs, losses, found);

    /// <summary>Values [5] of a batch from those of its steps [3], its losses and what was found.</summary>
    public void PhaseValues(ulong primary, ulong losses, ulong found, int images, ulong values) =>
        stream.Launch(Kernel("phase_training", "phase_values"), new(1), new(256), 0, primary, losses, found, images, values);

    public int PhaseParts(int images) => 4 * images;

    public int PhaseGroups(int images) => Math.Min(PhaseParts(images), GroupBlocks / 4);

    /// <summary>Gradients of the head of grid phases, weights and bias.</summary>
    public void PhaseWeights(in DenseCanvas c, ulong dOutputs, in NormAddresses norm, ulong partials, ulong to)
    {
        int groups = PhaseGroups(c.Images);
        stream.Launch(Kernel("densenet_phase", $"densenet_phase_weights_{type}"), new(groups), new(256), 0, dOutputs, c.Address, c.Images, norm.Scale, norm.Shift, partials);
        Reduce(partials, groups, DenseNet40DevicePhases.Parameters, to);
    }

    /// <summary><see cref="AverageGradient"/> with what the grid phases add to each place; partial sums of <see cref="PhaseParts"/>.</summary>
    public void PhaseGradient(in DenseCanvas c, ulong dFeatures, ulong dOutputs, ulong head, in NormAddresses norm, ulong gradients, ulong partials) =>
        stream.Launch(Kernel("densenet_phase", $"densenet_phase_gradient_{type}"), new(PhaseParts(c.Images)), new(256), 0, dFeatures, dOutputs, head, c.Address,
            norm.Scale, norm.Shift, norm.Gamma, norm.Mean, gradients, partials);

    void Reduce(ulong partials, int groups, int count, ulong to) =>
        stream.Launch(runtime.Kernel("densenet_gradient", "densenet_reduce"), Grid(count), new(256), 0, partials, groups, count, to);

    KernelFunction Kernel(string module, string entry) => runtime.Kernel(module, entry);

    static int Tiles(int channels) => (channels + 47) / 48;

    Dim3 Grid(long threads) => new((int)Math.Clamp((threads + 255) / 256, 1, 16L * runtime.Multiprocessors));
}

/// <summary>One reader's batch norm on a device: its parameters, its channels' statistics, its scale and shift.</summary>
readonly record struct NormAddresses(int Channels, ulong Gamma, ulong Beta, ulong Mean, ulong Inverse, ulong Scale, ulong Shift);
