using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Training;

// QualityRecipe: everything that decides what the quality network is trained on and how, except seed, data and time.
// Keys that a recipe file leaves out keep the values below, which are those of Uchida, Tanaka, Okutomi 2019 ("Training"
// and "Experiments"). Steps of one patch, in this order: cut + scale, flips and rotations, blur, sharpen, noise, tone,
// grayscale, earlier compression, compression, cut at the grid phase.

/// <summary>How training patches of the quality network are made and how it is optimised.</summary>
public sealed partial class QualityRecipe
{
    QualityRecipe()
    {
    }

    /// <summary><c>name</c>: what the recipe is called in logs and in the metadata of the model.</summary>
    public string Name { get; private set; } = "";

    /// <summary><c>patchSize</c>: side of a patch in pixels (60).</summary>
    public int PatchSize { get; private set; } = 60;

    /// <summary><c>batchSize</c>: patches a step (128).</summary>
    public int BatchSize { get; private set; } = 128;

    /// <summary><c>phase</c>: whether the patch itself is compressed ("patch", its corner on the 8x8 grid) or cut at a random place out of a larger compressed crop ("random").</summary>
    public GridPhase Phase { get; private set; } = GridPhase.Patch;

    /// <summary><c>quality</c>: range of the quality factor, both ends included ([5, 100]).</summary>
    public ValueRange Quality { get; private set; } = new(5, 100);

    /// <summary><c>qualityWeights</c>: how often each quality is drawn, as a polyline [quality, weight, quality, weight, ...]; flat beyond its ends ([5, 1]: all alike).</summary>
    public IReadOnlyList<double> QualityWeights { get; private set; } = [5, 1];

    /// <summary><c>neverCompressed</c>: share of patches that are never compressed (0.1).</summary>
    public double NeverCompressed { get; private set; } = 0.1;

    /// <summary><c>flips</c>: flips and quarter turns, all eight alike (true).</summary>
    public bool Flips { get; private set; } = true;

    /// <summary><c>weight420</c>: relative share of patches compressed in 4:2:0 (1).</summary>
    public double Weight420 { get; private set; } = 1;

    /// <summary><c>weight422</c>: relative share of patches compressed in 4:2:2 (0).</summary>
    public double Weight422 { get; private set; }

    /// <summary><c>weight440</c>: relative share of patches compressed in 4:4:0 (0).</summary>
    public double Weight440 { get; private set; }

    /// <summary><c>weight444</c>: relative share of patches compressed in 4:4:4 (0).</summary>
    public double Weight444 { get; private set; }

    /// <summary><c>weightGray</c>: relative share of grayscale copies, R = G = B, compressed as one component (which gives the same pixels as three) (0).</summary>
    public double WeightGray { get; private set; }

    /// <summary><c>scaleShare</c>: share of patches whose source is scaled before compression (0).</summary>
    public double ScaleShare { get; private set; }

    /// <summary><c>scale</c>: range of the scale factor, drawn evenly in its logarithm; kernel box, triangle or cubic at random ([0.5, 1]).</summary>
    public ValueRange Scale { get; private set; } = new(0.5, 1);

    /// <summary><c>blurShare</c>: share of patches blurred before compression (0).</summary>
    public double BlurShare { get; private set; }

    /// <summary><c>blur</c>: range of the standard deviation of the blur in pixels ([0.3, 1.2]).</summary>
    public ValueRange Blur { get; private set; } = new(0.3, 1.2);

    /// <summary><c>sharpenShare</c>: share of patches sharpened by an unsharp mask of one pixel (0).</summary>
    public double SharpenShare { get; private set; }

    /// <summary><c>sharpen</c>: range of the amount of sharpening ([0.2, 1]).</summary>
    public ValueRange Sharpen { get; private set; } = new(0.2, 1);

    /// <summary><c>noiseShare</c>: share of patches with noise added before compression, the same in all channels or not (0).</summary>
    public double NoiseShare { get; private set; }

    /// <summary><c>noise</c>: range of the standard deviation of the noise, of 255 ([0.5, 6]).</summary>
    public ValueRange Noise { get; private set; } = new(0.5, 6);

    /// <summary><c>toneShare</c>: share of patches with brightness, contrast, gamma and saturation changed (0).</summary>
    public double ToneShare { get; private set; }

    /// <summary><c>brightness</c>: range of what is added, of 255 ([-40, 40]).</summary>
    public ValueRange Brightness { get; private set; } = new(-40, 40);

    /// <summary><c>contrast</c>: range of the factor around mid-gray ([0.6, 1.4]).</summary>
    public ValueRange Contrast { get; private set; } = new(0.6, 1.4);

    /// <summary><c>gamma</c>: range of the exponent, drawn evenly in its logarithm ([0.7, 1.4]).</summary>
    public ValueRange Gamma { get; private set; } = new(0.7, 1.4);

    /// <summary><c>saturation</c>: range of the factor on the distance from gray ([0, 1.5]).</summary>
    public ValueRange Saturation { get; private set; } = new(0, 1.5);

    /// <summary><c>exposureShare</c>: share of patches over- or underexposed, so that parts are saturated or nearly flat (0).</summary>
    public double ExposureShare { get; private set; }

    /// <summary><c>exposure</c>: range of the exposure in stops: the factor is 2 to this power ([-3, 2]).</summary>
    public ValueRange Exposure { get; private set; } = new(-3, 2);

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

    /// <summary><c>optimizer</c>: "adam" for all parameters, or "muon" for the 64x576 weight matrices of layers 2 to 6 and Adam for the rest ("adam").</summary>
    public QualityOptimizer Optimizer { get; private set; } = QualityOptimizer.Adam;

    /// <summary><c>momentum</c>: Muon's momentum (0.95).</summary>
    public double Momentum { get; private set; } = 0.95;

    /// <summary><c>learningRate</c>: base learning rate (0.001).</summary>
    public double LearningRate { get; private set; } = 0.001;

    /// <summary><c>beta1</c>: decay of Adam's first moment (0.9).</summary>
    public double Beta1 { get; private set; } = 0.9;

    /// <summary><c>beta2</c>: decay of Adam's second moment (0.999).</summary>
    public double Beta2 { get; private set; } = 0.999;

    /// <summary><c>epsilon</c>: what Adam adds to the root of the second moment (1e-8).</summary>
    public double Epsilon { get; private set; } = 1e-8;

    /// <summary><c>weightDecay</c>: decoupled weight decay (AdamW), as a share a step of learning rate 1 (0).</summary>
    public double WeightDecay { get; private set; }

    /// <summary><c>clipNorm</c>: largest norm of the gradient over all parameters; longer ones are shortened to it; 0: none (0).</summary>
    public double ClipNorm { get; private set; }

    /// <summary><c>schedule</c>: "constant", or "cosine" from the base rate to <c>floor</c> times it over <c>steps</c>.</summary>
    public LearningRateSchedule Schedule { get; private set; } = LearningRateSchedule.Constant;

    /// <summary><c>steps</c>: steps after which the training is done (424000 = the paper's 80 epochs of 5300).</summary>
    public int Steps { get; private set; } = 424_000;

    /// <summary><c>warmUpSteps</c>: steps over which the learning rate rises linearly from 0 (0).</summary>
    public int WarmUpSteps { get; private set; }

    /// <summary><c>floor</c>: share of the base rate at the end of the cosine (0).</summary>
    public double Floor { get; private set; }

    /// <summary><c>averageDecay</c>: decay a step of the running average of the weights, which is what is saved; shorter at the start: min(this, (1+t)/(10+t)); 0: the last weights are saved (0).</summary>
    public double AverageDecay { get; private set; }

    /// <summary><c>validationShare</c>: share of the pictures kept out of training for the validation loss (0).</summary>
    public double ValidationShare { get; private set; }

    /// <summary><c>validationInterval</c>: steps between two validation losses, 0: never (0).</summary>
    public int ValidationInterval { get; private set; }

    /// <summary><c>validationBatches</c>: batches of held-out patches, the same ones each time (4).</summary>
    public int ValidationBatches { get; private set; } = 4;
}

/// <summary>Where the 8x8 grid of the last compression lies in a training patch.</summary>
public enum GridPhase
{
    /// <summary>The patch itself is compressed: its corner is on the grid (the paper).</summary>
    Patch,
    /// <summary>A larger crop is compressed and the patch cut out at a random place: all phases alike.</summary>
    Random,
}

/// <summary>How the learning rate goes on after the warm-up.</summary>
public enum LearningRateSchedule
{
    /// <summary>It stays.</summary>
    Constant,
    /// <summary>It falls along half a cosine.</summary>
    Cosine,
}

/// <summary>What turns a gradient into an update.</summary>
public enum QualityOptimizer
{
    /// <summary>Adam for every parameter (Kingma, Ba 2015).</summary>
    Adam,
    /// <summary>Orthogonalised momentum for the large weight matrices (Jordan et al. 2024), Adam for the rest.</summary>
    Muon,
}
