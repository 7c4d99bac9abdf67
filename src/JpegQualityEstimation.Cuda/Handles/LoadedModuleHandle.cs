using System.Text;
using JpegQualityEstimation.Cuda.Native;

namespace JpegQualityEstimation.Cuda.Handles;

// A loaded module: PTX text, compiled by the driver for the device, or a cubin of just that device.
sealed unsafe class LoadedModuleHandle : ContextChild
{
    const int LogBytes = 16 * 1024;

    /// <param name="context">Where.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="image">PTX text or a cubin.</param>
    public LoadedModuleHandle(ContextHandle context, string name, ReadOnlySpan<byte> image)
        : base(context)
    {
        // The driver takes text up to a null character.
        byte[] terminated = new byte[image.Length + 1];
        image.CopyTo(terminated);
        byte[] log = new byte[LogBytes];
        fixed (byte* text = terminated)
        fixed (byte* errors = log)
        {
            JitOption* options = stackalloc JitOption[] { JitOption.ErrorLogBuffer, JitOption.ErrorLogBufferSizeBytes };
            void** values = stackalloc void*[] { errors, (void*)(nuint)LogBytes };
            nint module;
            CudaStatus status = CudaDriver.cuModuleLoadDataEx(&module, text, 2, options, values);
            if (status != CudaStatus.Success)
            {
                int length = Array.IndexOf(log, (byte)0);
                string said = Encoding.UTF8.GetString(log, 0, length < 0 ? LogBytes : length).Trim();
                throw new CudaException(status, nameof(CudaDriver.cuModuleLoadDataEx), $"module {name}{(said.Length > 0 ? $": {said}" : "")}");
            }
            SetHandle(module);
        }
    }

    protected override bool Free(nint pointer) => CudaDriver.cuModuleUnload(pointer) == CudaStatus.Success;
}
