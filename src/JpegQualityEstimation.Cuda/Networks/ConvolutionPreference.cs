namespace JpegQualityEstimation.Cuda.Networks;

// ConvolutionPreference: who makes the 64-to-64 convolutions of a quality map, and the layers of DenseNet-40 for single windows.
//   Own    kernels/conv3x3*.cu: the default. The same bits whatever the tiles; in Float32 those of the processor's direct kernel in
//          every layer but the last; one pass over memory a layer, margins not computed, no library needed.
//   Cudnn  cuDNN where it has a deterministic algorithm for the layer, else our own.
// The environment variable JQE_CUDA_CONVOLUTIONS chooses (own, cudnn); the reasons are in docs/decisions.md.
enum ConvolutionPreference
{
    Own,
    Cudnn,
}

static class ConvolutionPreferences
{
    public const string Variable = "JQE_CUDA_CONVOLUTIONS";

    /// <exception cref="ArgumentException">The variable says something else.</exception>
    public static ConvolutionPreference Chosen => Environment.GetEnvironmentVariable(Variable) switch
    {
        null or "" or "own" => ConvolutionPreference.Own,
        "cudnn" => ConvolutionPreference.Cudnn,
        { } other => throw new ArgumentException($"{Variable}={other}: neither own nor cudnn"),
    };
}
