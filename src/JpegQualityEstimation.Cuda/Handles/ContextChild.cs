using System.Runtime.InteropServices;
using JpegQualityEstimation.Cuda.Native;

namespace JpegQualityEstimation.Cuda.Handles;

// What lives in a context. It keeps the context until it is released itself, on whichever thread that happens, and makes
// the context current before.
abstract class ContextChild : SafeHandle
{
    readonly ContextHandle context;
    readonly bool held;

    protected ContextChild(ContextHandle context)
        : base(0, ownsHandle: true)
    {
        this.context = context;
        context.DangerousAddRef(ref held);
        context.MakeCurrent();
    }

    public sealed override bool IsInvalid => handle == 0;

    public ContextHandle Context => context;

    /// <summary>Whether its owner is through with it; children may still keep it open.</summary>
    public bool IsDisposed { get; private set; }

    /// <summary>The pointer, until its owner disposes it.</summary>
    public nint Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            return handle;
        }
    }

    /// <summary>Whether it went well; the context is current.</summary>
    protected abstract bool Free(nint pointer);

    // A handle that never came to be has nothing to free, but holds its context.
    protected override void Dispose(bool disposing)
    {
        bool never = IsInvalid && !IsDisposed;
        IsDisposed = true;
        base.Dispose(disposing);
        if (never && held)
            context.DangerousRelease();
    }

    protected sealed override bool ReleaseHandle()
    {
        bool freed = context.Set() == CudaStatus.Success && Free(handle);
        if (held)
            context.DangerousRelease();
        return freed;
    }
}
