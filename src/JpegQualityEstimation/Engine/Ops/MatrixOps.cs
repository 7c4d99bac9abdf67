using JpegQualityEstimation.Engine.Cpu;

namespace JpegQualityEstimation.Engine.Ops;

// Contract of the small dense products that the phase-histogram network is made of; operands as MatrixProductArguments
// says. Determinism: the terms of an output are added in one order whatever the vector width or the block.

/// <summary>Small matrix products and the sums that go with their gradients.</summary>
abstract unsafe class MatrixOps
{
    /// <summary>out = initial + a b.</summary>
    public abstract void Product(in MatrixProductArguments arguments);

    /// <summary>out = max(0, initial + a b).</summary>
    public abstract void RectifiedProduct(in MatrixProductArguments arguments);

    /// <summary>out = initial + a b where the gate is above 0, else 0.</summary>
    public abstract void GatedProduct(in MatrixProductArguments arguments);

    /// <summary>sum[columns] += sum over i of values[i * row + columns], in the order of i; columns a multiple of 16.</summary>
    public abstract void AddRows(float* values, nint row, int rows, int columns, float* sum);

    /// <summary>lanes[i,l] += sum over j = l, l+16, ... of values[i,j] * other[j]; columns a multiple of 16, 16 lanes.</summary>
    public abstract void AddLaneProducts(float* values, int rows, int columns, float* other, float* lanes);

    /// <summary>sum[count] += values[count].</summary>
    public abstract void Add(float* values, int count, float* sum);

    public static MatrixOps For(CpuKernelSet set) => set switch
    {
        CpuKernelSet.Vector512 => new CpuMatrixOps<System.Runtime.Intrinsics.Vector512<float>, Simd512>(),
        CpuKernelSet.Vector256 => new CpuMatrixOps<System.Runtime.Intrinsics.Vector256<float>, Simd256>(),
        CpuKernelSet.Vector128 => new CpuMatrixOps<System.Runtime.Intrinsics.Vector128<float>, Simd128>(),
        _ => new CpuMatrixOps<float, SimdScalar>(),
    };
}
