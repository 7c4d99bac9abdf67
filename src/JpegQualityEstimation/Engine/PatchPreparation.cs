namespace JpegQualityEstimation.Engine;

// PatchPreparation: what a photograph goes through before it is compressed, all drawn, nothing done yet; in this order:
//   cut or resample, turn, blur, sharpen, noise, exposure, tone, gray.
// Whoever carries it out (processor or device) gets the same bytes: float arithmetic without contraction, in the same order.

/// <summary>The preparation of one square crop.</summary>
/// <param name="Picture">Index of the picture.</param>
/// <param name="Side">Of the crop in pixels.</param>
/// <param name="X">Column of the crop's corner in the picture; whole where Scale is 1.</param>
/// <param name="Y">Row of it.</param>
/// <param name="Scale">Pixels of the crop for one of the picture; 1: cut, not resampled.</param>
/// <param name="Kernel">Of the resampling.</param>
/// <param name="Turn">One of the eight flips and quarter turns, 0..7; 0 leaves the crop as it is.</param>
/// <param name="Gray">Makes R = G = B = luma at the end.</param>
readonly record struct PatchPreparation(int Picture, int Side, double X, double Y, double Scale, ResampleKernel Kernel, int Turn, bool Gray)
{
    /// <summary>Standard deviation of a blur in pixels; 0: none.</summary>
    public double Blur { get; init; }

    /// <summary>Amount of the unsharp mask; null: none.</summary>
    public double? Sharpen { get; init; }

    /// <summary>Noise; null: none.</summary>
    public PatchNoise? Noise { get; init; }

    /// <summary>Factor, then saturation; null: none.</summary>
    public float? Exposure { get; init; }

    /// <summary>Tone; null: as it is.</summary>
    public PatchTone? Tone { get; init; }

    /// <summary>Needs floats of its neighbours and not only of each pixel.</summary>
    public bool LooksAround => Scale != 1 || Blur > 0 || Sharpen is not null;
}

/// <summary>Noise of a crop: number i (a pixel's, or a sample's) is the one that the generator gives i + 1 steps after State.</summary>
/// <param name="State">Of the random number generator before the first draw.</param>
/// <param name="Sigma">Standard deviation.</param>
/// <param name="SameInAllChannels">One number a pixel, not one a sample.</param>
readonly record struct PatchNoise(ulong State, float Sigma, bool SameInAllChannels);

/// <summary>Contrast around mid-gray, then brightness, saturation and gamma.</summary>
readonly record struct PatchTone(float Contrast, float Brightness, float Saturation, float Gamma);
