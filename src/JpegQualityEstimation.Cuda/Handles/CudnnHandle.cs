using JpegQualityEstimation.Cuda.Native;

namespace JpegQualityEstimation.Cuda.Handles;

// A cuDNN handle bound to a stream.
sealed unsafe class CudnnHandle : StreamChild
{
    public CudnnHandle(StreamHandle stream)
        : base(stream)
    {
        nint created;
        Check.Ok(Cudnn.cudnnCreate(&created));
        Hold(created);
        Check.Ok(Cudnn.cudnnSetStream(created, stream.Pointer));
    }

    protected override bool Destroy(nint pointer) => Cudnn.cudnnDestroy(pointer) == CudnnStatus.Success;
}
