using System.Globalization;
using JpegQualityEstimation.Cuda.Handles;
using JpegQualityEstimation.Cuda.Native;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Cuda.Runtime;

// CublasContext: products of matrices on one stream, rows first:
//   C[m,n] = alpha op(A)[m,k] op(B)[k,n] + beta C,  op(X) = X or its transpose; a pitch is the step from row to row as it lies.
// float, Half or BFloat16 in, the same or float out; sums in 32 bits; float factors whole or rounded to TF32.
// cuBLAS counts columns first, so it is given the transposed product: C' = op(B)' op(A)'. One handle, one stream, one fixed
// workspace: the same product gives the same bits. For one thread at a time.
sealed unsafe class CublasContext : IDisposable
{
    // What NVIDIA names for Hopper; older devices use less.
    const int WorkspaceBytes = 32 << 20;

    readonly CublasHandle handle;
    readonly DeviceBuffer<byte> workspace;

    internal CublasContext(CudaStream stream)
    {
        Stream = stream;
        handle = new CublasHandle(stream.Handle);
        workspace = stream.Rent<byte>(WorkspaceBytes);
        Check.Ok(Cublas.cublasSetWorkspace_v2(handle.Pointer, workspace.Span.Address, WorkspaceBytes));
        Check.Ok(Cublas.cublasSetMathMode(handle.Pointer, CublasMath.Default | CublasMath.DisallowReducedPrecisionReduction));
    }

    public CudaStream Stream { get; }

    /// <summary>One product.</summary>
    /// <param name="shape">Sizes and transposes.</param>
    /// <param name="a">[m,k], or [k,m] where it is transposed.</param>
    /// <param name="b">[k,n], or [n,k] where it is transposed.</param>
    /// <param name="c">[m,n].</param>
    /// <param name="alpha">Factor of the product.</param>
    /// <param name="beta">Factor of what C holds; 0 reads nothing.</param>
    public void Gemm<TIn, TOut>(in GemmShape shape, DeviceSpan<TIn> a, DeviceSpan<TIn> b, DeviceSpan<TOut> c, float alpha = 1, float beta = 0)
        where TIn : unmanaged
        where TOut : unmanaged
    {
        shape.Require(a.Length, b.Length, c.Length);
        handle.Context.MakeCurrent();
        CudaDataType from = DataType<TIn>(), to = DataType<TOut>();
        Check.Ok(shape.Batch == 1
            ? Cublas.cublasGemmEx(handle.Pointer, Operation(shape.TransposeB), Operation(shape.TransposeA), shape.N, shape.M, shape.K,
                &alpha, b.Address, from, shape.BRow, a.Address, from, shape.ARow, &beta, c.Address, to, shape.CRow, Compute(shape, from), CublasGemmAlgorithm.Default)
            : Cublas.cublasGemmStridedBatchedEx(handle.Pointer, Operation(shape.TransposeB), Operation(shape.TransposeA), shape.N, shape.M, shape.K,
                &alpha, b.Address, from, shape.BRow, shape.BStep, a.Address, from, shape.ARow, shape.AStep,
                &beta, c.Address, to, shape.CRow, shape.CStep, shape.Batch, Compute(shape, from), CublasGemmAlgorithm.Default),
            string.Create(CultureInfo.InvariantCulture, $"{shape}, {from} -> {to}"),
            shape.Batch == 1 ? nameof(Cublas.cublasGemmEx) : nameof(Cublas.cublasGemmStridedBatchedEx));
    }

    public void Dispose()
    {
        handle.Dispose();
        workspace.Dispose();
    }

    static CublasOperation Operation(bool transpose) => transpose ? CublasOperation.Transpose : CublasOperation.None;

    static CublasComputeType Compute(in GemmShape shape, CudaDataType from) =>
        shape.Precision == ComputePrecision.TensorFloat32 && from == CudaDataType.Float32 ? CublasComputeType.Float32FastTensorFloat32 : CublasComputeType.Float32;

    static CudaDataType DataType<T>()
        where T : unmanaged =>
        typeof(T) == typeof(float) ? CudaDataType.Float32
        : typeof(T) == typeof(Half) ? CudaDataType.Float16
        : typeof(T) == typeof(BFloat16) ? CudaDataType.BFloat16
        : throw new NotSupportedException($"products of {typeof(T)}");
}
