using JpegQualityEstimation.Cuda.Runtime;

namespace JpegQualityEstimation.Cuda.Ops;

/// <summary>The kernels of one op for every storage type, and for both layouts where it has two; looked up once each.</summary>
sealed class KernelFamily(CudaRuntime runtime, string module, string name)
{
    readonly KernelFunction?[] found = new KernelFunction?[9];

    /// <summary>name_suffix.</summary>
    public KernelFunction For(StorageType type) => found[(int)type] ??= runtime.Kernel(module, $"{name}_{type.Suffix()}");

    /// <summary>name_planar_suffix or name_last_suffix.</summary>
    public KernelFunction For(in FeatureSpan features) => found[(features.Layout.IsPlanar ? 3 : 6) + (int)features.Type] ??=
        runtime.Kernel(module, $"{name}_{(features.Layout.IsPlanar ? "planar" : "last")}_{features.Type.Suffix()}");
}
