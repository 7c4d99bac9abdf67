using JpegQualityEstimation.Cuda.Native;

namespace JpegQualityEstimation.Cuda.Handles;

// A cuDNN handle bound to a stream, which it keeps.
sealed unsafe class CudnnHandle : ContextChild
{
    readonly StreamHandle stream;
    readonly bool streamHeld;

    public CudnnHandle(StreamHandle stream)
        : base(stream.Context)
    {
        this.stream = stream;
        nint created;
        Check.Ok(Cudnn.cudnnCreate(&created));
        SetHandle(created);
        stream.DangerousAddRef(ref streamHeld);
        Check.Ok(Cudnn.cudnnSetStream(created, stream.Pointer));
    }

    protected override bool Free(nint pointer)
    {
        bool freed = Cudnn.cudnnDestroy(pointer) == CudnnStatus.Success;
        if (streamHeld)
            stream.DangerousRelease();
        return freed;
    }
}
