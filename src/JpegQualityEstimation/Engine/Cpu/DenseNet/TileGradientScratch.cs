namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

/// <summary>What one thread needs for the gradients of up to 128 tiles: the two transforms [36][12][tiles] of the outputs' gradients.</summary>
sealed unsafe class TileGradientScratch
{
    public const int MostLanes = 128;

    /// <summary>Floats from one frequency to the next: 16 more than are used, so that stores to all frequencies do not meet in one set of the first-level cache.</summary>
    public const int Stride = 12 * MostLanes + 16;

    readonly AlignedFloats forWeights = new(36 * Stride);
    readonly AlignedFloats forInputs = new(36 * Stride);

    public float* ForWeights => forWeights.Pointer;

    public float* ForInputs => forInputs.Pointer;

    public WinogradTwelveScratch Tiles { get; } = new();
}

/// <summary>A batch norm in the backward pass, each [channels]: y = max(0, scale x + shift), scale = gamma / deviation.</summary>
/// <param name="scale">Scale.</param>
/// <param name="shift">Shift.</param>
/// <param name="gamma">Gamma.</param>
/// <param name="mean">Mean of x.</param>
/// <param name="sums">Lane sums of what the ReLU passes of the gradient.</param>
/// <param name="products">Lane sums of the same times x - mean.</param>
readonly unsafe struct NormPointers(float* scale, float* shift, float* gamma, float* mean, float* sums, float* products)
{
    public readonly float* Scale = scale;
    public readonly float* Shift = shift;
    public readonly float* Gamma = gamma;
    public readonly float* Mean = mean;
    public readonly float* Sums = sums;
    public readonly float* Products = products;
}
