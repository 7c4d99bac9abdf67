using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Cuda.Ops;

/// <summary>How kernels hold the activations of a precision.</summary>
/// <param name="Suffix">Of the kernels' names.</param>
/// <param name="Bytes">A value.</param>
readonly record struct ActivationStorage(string Suffix, int Bytes)
{
    public static ActivationStorage Of(ComputePrecision precision) => precision switch
    {
        ComputePrecision.Float16 => new("f16", 2),
        ComputePrecision.BFloat16 => new("bf16", 2),
        ComputePrecision.TensorFloat32 => new("tf32", 4),
        _ => new("f32", 4),
    };
}
