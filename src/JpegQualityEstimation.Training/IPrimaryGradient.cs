using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Training;

/// <summary>What a batch of windows came to.</summary>
/// <param name="Loss">Mean loss of the steps.</param>
/// <param name="Phase">Mean cross-entropy of the grid phase, unweighted; 0 where the network has none.</param>
/// <param name="Accuracy">Share of steps that are right (Tondi 2021, section 3.2).</param>
/// <param name="SquaredError">Mean squared error of the steps.</param>
/// <param name="PhaseFound">Share of windows with a first grid whose phase is right; 0 where the network has none.</param>
readonly record struct PrimaryValues(double Loss, double Phase, double Accuracy, double SquaredError, double PhaseFound);

/// <summary>Where the trainer gets losses and gradients from: a network, or a stand-in under test.</summary>
interface IPrimaryGradient
{
    int ParameterCount { get; }

    /// <summary>The parameters that the optimiser moves; those after them are statistics that Run itself updates.</summary>
    int TrainableCount { get; }

    /// <summary>Matrices for Muon, in rising order.</summary>
    IReadOnlyList<ParameterMatrix> Matrices { get; }

    /// <summary>Values of a batch.</summary>
    /// <param name="parameters">[count].</param>
    /// <param name="batch">Windows and labels.</param>
    /// <param name="gradient">[count], overwritten with the gradient of the mean loss; null: as the network answers in use.</param>
    PrimaryValues Run(float[] parameters, PrimaryBatch batch, float[]? gradient);

    /// <summary>Moves the network's own statistics, behind the trainable parameters, towards those of a batch under the parameters as they are.</summary>
    /// <param name="parameters">[count].</param>
    /// <param name="batch">Windows.</param>
    /// <param name="movement">Share of the way, 0..1.</param>
    void MoveStatistics(float[] parameters, PrimaryBatch batch, double movement);
}

/// <summary>A kind of network with its files.</summary>
interface IPrimaryTrainee : IPrimaryGradient
{
    /// <summary>Parameters to begin with.</summary>
    /// <param name="seed">Any number.</param>
    /// <param name="pictures">Of what recipes that fit some of them to windows cut those; the others need none.</param>
    float[] Initial(ulong seed, TrainingPictures? pictures = null);

    /// <summary>The parameters of a model file of the same shape.</summary>
    /// <exception cref="Tensors.WeightsFormatException">The file is another one.</exception>
    float[] Load(string path);

    void Save(Stream stream, float[] parameters, IReadOnlyDictionary<string, string> metadata, bool halves);

    /// <summary>The network in training on a device.</summary>
    /// <exception cref="NotSupportedException">No device trains this kind of network.</exception>
    IDeviceTraining OpenOnDevice(IDeviceBackend backend, int index, ComputePrecision precision);
}
