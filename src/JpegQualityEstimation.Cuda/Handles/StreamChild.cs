namespace JpegQualityEstimation.Cuda.Handles;

// What is bound to a stream, which it keeps until it is released itself.
abstract class StreamChild(StreamHandle stream) : ContextChild(stream.Context)
{
    bool streamHeld;

    /// <summary>Owns what was made, and the stream from now on.</summary>
    protected void Hold(nint created)
    {
        SetHandle(created);
        stream.DangerousAddRef(ref streamHeld);
    }

    /// <summary>Whether it went well; the context is current and the stream still there.</summary>
    protected abstract bool Destroy(nint pointer);

    protected sealed override bool Free(nint pointer)
    {
        bool freed = Destroy(pointer);
        if (streamHeld)
            stream.DangerousRelease();
        return freed;
    }
}
