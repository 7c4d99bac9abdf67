using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training;

// PrimaryRecipe: everything that decides what a primary-quantization network is trained on and how, except seed, data
// and time. Keys that a recipe file leaves out keep the values below, which are those of Tondi, Costanzo, Huang, Li 2021
// (sections 4.2 and 4.3) for second quality 90.

/// <summary>How double-compressed training windows are made and how a primary-quantization network is optimised.</summary>
public sealed partial class PrimaryRecipe : TrainingRecipe
{
    PrimaryRecipe()
    {
        BatchSize = 32;
        Flips = false;
        LearningRate = 1e-5;
        Steps = 12_187_500;
    }

    /// <summary><c>phase</c>: whether windows lie in phase with the 8x8 grid of the second compression ("second") or anywhere ("any") ("second").</summary>
    public WindowPhase Phase { get; private set; } = WindowPhase.Second;

    /// <summary><c>firstQuality</c>: range of the quality factor of the first compression, 50 or above, both ends included ([60, 98]).</summary>
    public ValueRange FirstQuality { get; private set; } = new(60, 98);

    /// <summary><c>firstQualityFloor</c>: a polyline [second quality, least first quality, ...] that raises the lower end of <c>firstQuality</c>; flat beyond its ends ([]: none).</summary>
    public IReadOnlyList<double> FirstQualityFloor { get; private set; } = [];

    /// <summary><c>secondQuality</c>: range of the quality factor of the second compression, both ends included ([90, 90]).</summary>
    public ValueRange SecondQuality { get; private set; } = new(90, 90);

    /// <summary><c>secondQualities</c>: the quality factors of the second compression, all alike; replaces <c>secondQuality</c> where it is not empty ([]).</summary>
    public IReadOnlyList<double> SecondQualities { get; private set; } = [];

    /// <summary><c>secondQualityWeights</c>: how often each factor of <c>secondQuality</c> is drawn, as a polyline [quality, weight, quality, weight, ...]; flat beyond its ends ([1, 1]: all alike).</summary>
    public IReadOnlyList<double> SecondQualityWeights { get; private set; } = [1, 1];

    /// <summary><c>customFirstShare</c>: share of windows whose first tables are drawn at random instead of the standard ones (0).</summary>
    public double CustomFirstShare { get; private set; }

    /// <summary><c>customSecondShare</c>: the same for the second tables (0).</summary>
    public double CustomSecondShare { get; private set; }

    /// <summary><c>customSpread</c>: range of the standard deviation of the logarithm of the steps of a random table, around a standard, Photoshop, flat or linear one ([0, 0.4]).</summary>
    public ValueRange CustomSpread { get; private set; } = new(0, 0.4);

    /// <summary><c>photoshopFirstShare</c>: share of windows first compressed with the tables of a level of Adobe Photoshop, in 4:4:4 (0).</summary>
    public double PhotoshopFirstShare { get; private set; }

    /// <summary><c>singleShare</c>: share of windows compressed only once, by the second tables; all their first steps are 1 and they have no first grid (0).</summary>
    public double SingleShare { get; private set; }

    /// <summary><c>otherSamplingShare</c>: share of windows whose second compression draws a chroma sampling of its own (0).</summary>
    public double OtherSamplingShare { get; private set; }

    /// <summary><c>alignedShare</c>: share of windows whose two 8x8 grids coincide; the other 63 shifts are alike (0.015625: all 64 alike).</summary>
    public double AlignedShare { get; private set; } = 1 / 64.0;

    /// <summary><c>shiftPeriod</c>: 8, or 16 so that the grids of subsampled chroma are shifted by every amount too (8).</summary>
    public int ShiftPeriod { get; private set; } = 8;

    /// <summary><c>loss</c>: "combined" (Eq. 5 of the paper), "crossEntropy" (Eq. 1) or "smooth" (soft targets) ("combined").</summary>
    public PrimaryLossKind Loss { get; private set; } = PrimaryLossKind.Combined;

    /// <summary><c>crossEntropyShare</c>: c of Eq. 5 (0.8).</summary>
    public double CrossEntropyShare { get; private set; } = 0.8;

    /// <summary><c>distancePower</c>: power of the distance in Eq. 5, 1 or 2 (1).</summary>
    public int DistancePower { get; private set; } = 1;

    /// <summary><c>smoothWidth</c>: steps over which the soft targets of "smooth" fall to 1/e (0.5).</summary>
    public double SmoothWidth { get; private set; } = 0.5;

    /// <summary><c>attentionWeight</c>: factor of the cross-entropy between the first attention head and the true grid phase (0).</summary>
    public double AttentionWeight { get; private set; }

    /// <summary><c>phaseWeight</c>: factor of the cross-entropy between the first compression's grid and what a head that training alone has reads of it at each of the 16x16 places of the DenseNet's last block (0).</summary>
    public double PhaseWeight { get; private set; }

    /// <summary><c>network</c>: "densenet40" (the paper's) or "phase-histogram" ("densenet40").</summary>
    public PrimaryNetworkKind Network { get; private set; } = PrimaryNetworkKind.DenseNet40;

    /// <summary><c>input</c>: what the DenseNet looks at, "rgb" or "luma" ("rgb").</summary>
    public PrimaryInput Input { get; private set; } = PrimaryInput.Rgb;

    /// <summary><c>head</c>: what the DenseNet ends in, "softmax" (226 outputs) or "regression" (15 outputs, squared error; then <c>loss</c> is not used) ("softmax").</summary>
    public PrimaryHead Head { get; private set; } = PrimaryHead.Softmax;

    /// <summary><c>initialization</c>: how an untrained DenseNet is filled, "he" or "highpass", whose first filters see what compression leaves ("he").</summary>
    public DenseNetInitialization Initialization { get; private set; } = DenseNetInitialization.He;

    /// <summary><c>firstBlock</c>: "learned", or "dct": DenseNet-40's first convolution and first block are laid out by hand, coefficients of the 8x8 DCT and gates fitted to training windows, and stay as they are ("learned").</summary>
    public DenseNetFirstBlock FirstBlock { get; private set; } = DenseNetFirstBlock.Learned;

    /// <summary><c>dropout</c>: share of the DenseNet's activations dropped in training (0.2).</summary>
    public double Dropout { get; private set; } = 0.2;

    /// <summary><c>statisticsBatches</c>: batches of training windows over which the batch norms' statistics of the averaged weights are taken before these are measured or saved; 0: they are those of the weights as they move (0).</summary>
    public int StatisticsBatches { get; private set; }

    /// <summary><c>whitening</c>: with Muon, gradients of DenseNet-40's filters and transitions go to it without their second moments over input channels and taps (the right-hand factors of Shampoo; Gupta, Koren, Singer 2018); this share of the moments' mean is added to them before. 0: as they are; else 0.0001 to 1 (0).</summary>
    public double Whitening { get; private set; }

    internal override double WhiteningRidge => Whitening;

    /// <summary>Shape of the phase-histogram network: the keys <c>coefficients</c>, <c>bins</c>, <c>binWidth</c>, <c>periods</c>, <c>hidden</c>, <c>phaseWidth</c>, <c>pooledWidth</c>, <c>heads</c>, <c>coefficientWidth</c>, <c>trunk</c>, <c>secondTable</c>.</summary>
    public PhaseHistogramOptions Histogram { get; private set; } = new();
}

/// <summary>Where windows lie on the 8x8 grid of the second compression.</summary>
public enum WindowPhase
{
    /// <summary>Their corner is on the grid.</summary>
    Second,
    /// <summary>Anywhere.</summary>
    Any,
}

/// <summary>Losses over the blocks of outputs.</summary>
public enum PrimaryLossKind
{
    /// <summary>Cross-entropy and expected distance (Eq. 5 of Tondi 2021).</summary>
    Combined,
    /// <summary>Cross-entropy (Eq. 1).</summary>
    CrossEntropy,
    /// <summary>Cross-entropy with soft targets.</summary>
    Smooth,
}

/// <summary>Networks that estimate the primary quantization.</summary>
public enum PrimaryNetworkKind
{
    /// <summary>DenseNet-40 on the pixels.</summary>
    DenseNet40,
    /// <summary>Histograms of DCT coefficients at the 64 grid phases.</summary>
    PhaseHistogram,
}

/// <summary>What a network ends in.</summary>
public enum PrimaryHead
{
    /// <summary>A softmax for each step.</summary>
    Softmax,
    /// <summary>A number for each step.</summary>
    Regression,
}

/// <summary>Where the first block of a DenseNet-40 comes from.</summary>
public enum DenseNetFirstBlock
{
    /// <summary>It is trained as the others are.</summary>
    Learned,
    /// <summary>Laid out by hand, with the first convolution: twelve coefficients of the 8x8 DCT at every pixel, and gates that open where they look like those of the first compression. It is not trained.</summary>
    Dct,
}
