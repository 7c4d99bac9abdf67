using JpegQualityEstimation.Cuda.Native;

namespace JpegQualityEstimation.Cuda.Handles;

// A cuBLAS handle bound to a stream, which it keeps.
sealed unsafe class CublasHandle : ContextChild
{
    readonly StreamHandle stream;
    readonly bool streamHeld;

    public CublasHandle(StreamHandle stream)
        : base(stream.Context)
    {
        this.stream = stream;
        nint created;
        Check.Ok(Cublas.cublasCreate_v2(&created));
        SetHandle(created);
        stream.DangerousAddRef(ref streamHeld);
        Check.Ok(Cublas.cublasSetStream_v2(created, stream.Pointer));
    }

    protected override bool Free(nint pointer)
    {
        bool freed = Cublas.cublasDestroy_v2(pointer) == CublasStatus.Success;
        if (streamHeld)
            stream.DangerousRelease();
        return freed;
    }
}
