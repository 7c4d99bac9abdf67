using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Cuda.Ops;

/// <summary>How values lie in device memory; arithmetic on them is float.</summary>
enum StorageType
{
    Float32,
    Float16,
    BFloat16,
}

static class StorageTypes
{
    public static int Bytes(this StorageType type) => type == StorageType.Float32 ? 4 : 2;

    /// <summary>End of the kernels' names.</summary>
    public static string Suffix(this StorageType type) => type switch
    {
        StorageType.Float16 => "f16",
        StorageType.BFloat16 => "bf16",
        _ => "f32",
    };

    /// <summary>Values in sixteen bytes.</summary>
    public static int Lanes(this StorageType type) => 16 / type.Bytes();

    /// <summary>Of the activations of a precision.</summary>
    public static StorageType Of(ComputePrecision precision) => precision switch
    {
        ComputePrecision.Float16 => StorageType.Float16,
        ComputePrecision.BFloat16 => StorageType.BFloat16,
        _ => StorageType.Float32,
    };
}
