using JpegQualityEstimation.Cuda.Native;

namespace JpegQualityEstimation.Cuda.Handles;

// A cuBLAS handle bound to a stream.
sealed unsafe class CublasHandle : StreamChild
{
    public CublasHandle(StreamHandle stream)
        : base(stream)
    {
        nint created;
        Check.Ok(Cublas.cublasCreate_v2(&created));
        Hold(created);
        Check.Ok(Cublas.cublasSetStream_v2(created, stream.Pointer));
    }

    protected override bool Destroy(nint pointer) => Cublas.cublasDestroy_v2(pointer) == CublasStatus.Success;
}
