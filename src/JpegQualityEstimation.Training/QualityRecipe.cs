using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training;

// QualityRecipe: everything that decides what the quality network is trained on and how, except seed, data and time.
// Keys that a recipe file leaves out keep the values below, which are those of Uchida, Tanaka, Okutomi 2019 ("Training"
// and "Experiments"). Steps of one patch, in this order: cut + scale, flips and rotations, blur, sharpen, noise, tone,
// grayscale, earlier compression, compression, cut at the grid phase.

/// <summary>How training patches of the quality network are made and how it is optimised.</summary>
public sealed partial class QualityRecipe : TrainingRecipe
{
    QualityRecipe()
    {
        BatchSize = 128;
        LearningRate = 0.001;
        Steps = 424_000;
    }

    /// <summary><c>patchSize</c>: side of a patch in pixels (60).</summary>
    public int PatchSize { get; private set; } = 60;

    /// <summary><c>phase</c>: whether the patch itself is compressed ("patch", its corner on the 8x8 grid) or cut at a random place out of a larger compressed crop ("random").</summary>
    public GridPhase Phase { get; private set; } = GridPhase.Patch;

    /// <summary><c>quality</c>: range of the quality factor, both ends included ([5, 100]).</summary>
    public ValueRange Quality { get; private set; } = new(5, 100);

    /// <summary><c>qualityWeights</c>: how often each quality is drawn, as a polyline [quality, weight, quality, weight, ...]; flat beyond its ends ([5, 1]: all alike).</summary>
    public IReadOnlyList<double> QualityWeights { get; private set; } = [5, 1];

    /// <summary><c>neverCompressed</c>: share of patches that are never compressed (0.1).</summary>
    public double NeverCompressed { get; private set; } = 0.1;

    /// <summary><c>earlierShare</c>: share of the compressed patches that had been compressed before, on another grid; their label is the last compression (0).</summary>
    public double EarlierShare { get; private set; }

    /// <summary><c>earlierQuality</c>: range of the quality factor of the earlier compression ([40, 98]).</summary>
    public ValueRange EarlierQuality { get; private set; } = new(40, 98);

    /// <summary><c>spliceShare</c>: share of patches put together from two of different history, each pixel with the label of its own (0).</summary>
    public double SpliceShare { get; private set; }

    /// <summary><c>qualityLossWeight</c>: factor of the mean squared error of the quality map in the loss (1).</summary>
    public double QualityLossWeight { get; private set; } = 1;

    /// <summary><c>flagLossWeight</c>: factor of the mean squared error of the flag map in the loss (1).</summary>
    public double FlagLossWeight { get; private set; } = 1;

    /// <summary><c>initialization</c>: how the untrained network is filled, "glorot" (the paper's framework) or "highpass" ("glorot").</summary>
    public QualityInitialization Initialization { get; private set; } = QualityInitialization.Glorot;
}

/// <summary>Where the 8x8 grid of the last compression lies in a training patch.</summary>
public enum GridPhase
{
    /// <summary>The patch itself is compressed: its corner is on the grid (the paper).</summary>
    Patch,
    /// <summary>A larger crop is compressed and the patch cut out at a random place: all phases alike.</summary>
    Random,
}
