namespace JpegQualityEstimation.Training;

// TrainingRecipe: what every recipe says: how a photograph is prepared before it is compressed, how the network is
// optimised and how it is validated. "Patch" is whatever the network is trained on at once: a patch or a window.

/// <summary>The settings that all training recipes share.</summary>
public abstract class TrainingRecipe
{
    private protected TrainingRecipe()
    {
    }

    /// <summary><c>name</c>: what the recipe is called in logs and in the metadata of the model.</summary>
    public string Name { get; internal set; } = "";

    /// <summary><c>batchSize</c>: patches a step.</summary>
    public int BatchSize { get; internal set; }

    /// <summary><c>flips</c>: flips and quarter turns, all eight alike (true).</summary>
    public bool Flips { get; internal set; } = true;

    /// <summary><c>weight420</c>: relative share of patches compressed in 4:2:0 (1).</summary>
    public double Weight420 { get; internal set; } = 1;

    /// <summary><c>weight422</c>: relative share of patches compressed in 4:2:2 (0).</summary>
    public double Weight422 { get; internal set; }

    /// <summary><c>weight440</c>: relative share of patches compressed in 4:4:0 (0).</summary>
    public double Weight440 { get; internal set; }

    /// <summary><c>weight444</c>: relative share of patches compressed in 4:4:4 (0).</summary>
    public double Weight444 { get; internal set; }

    /// <summary><c>weightGray</c>: relative share of grayscale copies, R = G = B, compressed as one component (which gives the same pixels as three) (0).</summary>
    public double WeightGray { get; internal set; }

    /// <summary><c>scaleShare</c>: share of patches whose source is scaled before compression (0).</summary>
    public double ScaleShare { get; internal set; }

    /// <summary><c>scale</c>: range of the scale factor, drawn evenly in its logarithm; kernel box, triangle or cubic at random ([0.5, 1]).</summary>
    public ValueRange Scale { get; internal set; } = new(0.5, 1);

    /// <summary><c>blurShare</c>: share of patches blurred before compression (0).</summary>
    public double BlurShare { get; internal set; }

    /// <summary><c>blur</c>: range of the standard deviation of the blur in pixels ([0.3, 1.2]).</summary>
    public ValueRange Blur { get; internal set; } = new(0.3, 1.2);

    /// <summary><c>sharpenShare</c>: share of patches sharpened by an unsharp mask of one pixel (0).</summary>
    public double SharpenShare { get; internal set; }

    /// <summary><c>sharpen</c>: range of the amount of sharpening ([0.2, 1]).</summary>
    public ValueRange Sharpen { get; internal set; } = new(0.2, 1);

    /// <summary><c>noiseShare</c>: share of patches with noise added before compression, the same in all channels or not (0).</summary>
    public double NoiseShare { get; internal set; }

    /// <summary><c>noise</c>: range of the standard deviation of the noise, of 255 ([0.5, 6]).</summary>
    public ValueRange Noise { get; internal set; } = new(0.5, 6);

    /// <summary><c>toneShare</c>: share of patches with brightness, contrast, gamma and saturation changed (0).</summary>
    public double ToneShare { get; internal set; }

    /// <summary><c>brightness</c>: range of what is added, of 255 ([-40, 40]).</summary>
    public ValueRange Brightness { get; internal set; } = new(-40, 40);

    /// <summary><c>contrast</c>: range of the factor around mid-gray ([0.6, 1.4]).</summary>
    public ValueRange Contrast { get; internal set; } = new(0.6, 1.4);

    /// <summary><c>gamma</c>: range of the exponent, drawn evenly in its logarithm ([0.7, 1.4]).</summary>
    public ValueRange Gamma { get; internal set; } = new(0.7, 1.4);

    /// <summary><c>saturation</c>: range of the factor on the distance from gray ([0, 1.5]).</summary>
    public ValueRange Saturation { get; internal set; } = new(0, 1.5);

    /// <summary><c>exposureShare</c>: share of patches over- or underexposed, so that parts are saturated or nearly flat (0).</summary>
    public double ExposureShare { get; internal set; }

    /// <summary><c>exposure</c>: range of the exposure in stops: the factor is 2 to this power ([-3, 2]).</summary>
    public ValueRange Exposure { get; internal set; } = new(-3, 2);

    /// <summary><c>optimizer</c>: "adam" for all parameters, or "muon" for the large weight matrices (64x576 of layers 2 to 6 of the quality network; all but the output layers of the phase-histogram network) and Adam for the rest ("adam").</summary>
    public TrainingOptimizer Optimizer { get; internal set; } = TrainingOptimizer.Adam;

    /// <summary><c>momentum</c>: Muon's momentum (0.95).</summary>
    public double Momentum { get; internal set; } = 0.95;

    /// <summary><c>learningRate</c>: base learning rate.</summary>
    public double LearningRate { get; internal set; }

    /// <summary><c>adamRate</c>: with Muon, the share of the learning rate at which Adam moves the other parameters (1).</summary>
    public double AdamRate { get; internal set; } = 1;

    /// <summary><c>beta1</c>: decay of Adam's first moment (0.9).</summary>
    public double Beta1 { get; internal set; } = 0.9;

    /// <summary><c>beta2</c>: decay of Adam's second moment (0.999).</summary>
    public double Beta2 { get; internal set; } = 0.999;

    /// <summary><c>epsilon</c>: what Adam adds to the root of the second moment (1e-8).</summary>
    public double Epsilon { get; internal set; } = 1e-8;

    /// <summary><c>weightDecay</c>: decoupled weight decay (AdamW), as a share a step of learning rate 1 (0).</summary>
    public double WeightDecay { get; internal set; }

    /// <summary><c>clipNorm</c>: largest norm of the gradient over all parameters; longer ones are shortened to it; 0: none (0).</summary>
    public double ClipNorm { get; internal set; }

    /// <summary><c>schedule</c>: "constant", or "cosine" from the base rate to <c>floor</c> times it over <c>steps</c>.</summary>
    public LearningRateSchedule Schedule { get; internal set; } = LearningRateSchedule.Constant;

    /// <summary><c>steps</c>: steps after which the training is done.</summary>
    public int Steps { get; internal set; }

    /// <summary><c>warmUpSteps</c>: steps over which the learning rate rises linearly from 0 (0).</summary>
    public int WarmUpSteps { get; internal set; }

    /// <summary><c>floor</c>: share of the base rate at the end of the cosine (0).</summary>
    public double Floor { get; internal set; }

    /// <summary><c>averageDecay</c>: decay a step of the running average of the weights, which is what is saved; shorter at the start: min(this, (1+t)/(10+t)); 0: the last weights are saved (0).</summary>
    public double AverageDecay { get; internal set; }

    /// <summary><c>validationShare</c>: share of the pictures kept out of training for the validation loss (0).</summary>
    public double ValidationShare { get; internal set; }

    /// <summary><c>validationInterval</c>: steps between two validation losses, 0: never (0).</summary>
    public int ValidationInterval { get; internal set; }

    /// <summary><c>validationBatches</c>: batches of held-out patches, the same ones each time (4).</summary>
    public int ValidationBatches { get; internal set; } = 4;

    /// <summary>What <see cref="GradientWhitening"/> adds to second moments, as a share of their mean; 0: gradients go to Muon as they are.</summary>
    internal virtual double WhiteningRidge => 0;

    /// <summary>The recipe as JSON with every key.</summary>
    public abstract string ToJson();
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
public enum TrainingOptimizer
{
    /// <summary>Adam for every parameter (Kingma, Ba 2015).</summary>
    Adam,
    /// <summary>Orthogonalised momentum for the large weight matrices (Jordan et al. 2024), Adam for the rest.</summary>
    Muon,
}
