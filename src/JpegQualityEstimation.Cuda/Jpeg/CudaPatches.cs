using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Cuda.Jpeg;

// CudaPatches: CudaPatchMaker on a stream of its own, so that the patches of the next steps are made beside the training.
sealed class CudaPatches : IDevicePatches
{
    readonly CudaRuntime runtime;
    readonly CudaStream stream;
    readonly CudaPatchMaker maker;
    DeviceBuffer<byte>? made;

    /// <summary>Puts the pictures on the device.</summary>
    /// <exception cref="NotSupportedException">They would take more than half of its memory.</exception>
    public static CudaPatches Open(int device, IReadOnlyList<ImageBuffer> pictures)
    {
        CudaRuntime runtime = CudaRuntime.Open(device);
        try
        {
            long bytes = pictures.Sum(picture => (long)picture.Pixels.Length), room = Math.Min(runtime.MemoryBytes, runtime.MemoryCap) / 2;
            if (bytes > room)
                throw new NotSupportedException($"the pictures take {bytes >> 20} MB, {runtime.Name} has room for {room >> 20}");
            return new CudaPatches(runtime, pictures);
        }
        catch
        {
            runtime.Dispose();
            throw;
        }
    }

    CudaPatches(CudaRuntime runtime, IReadOnlyList<ImageBuffer> pictures)
    {
        this.runtime = runtime;
        stream = runtime.CreateStream();
        try
        {
            maker = new CudaPatchMaker(stream, pictures);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    public void Make(ReadOnlySpan<PatchPlan> plans, int side, Span<byte> patches)
    {
        if (made is null || made.Length < patches.Length)
        {
            made?.Dispose();
            made = null;
            made = stream.Rent<byte>(patches.Length);
        }
        DeviceSpan<byte> result = made.Slice(0, patches.Length);
        maker.Make(plans, side, result);
        stream.Download(result, patches);
    }

    public void Dispose()
    {
        made?.Dispose();
        maker.Dispose();
        stream.Dispose();
        runtime.Dispose();
    }
}
