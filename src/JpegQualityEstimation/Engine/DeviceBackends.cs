namespace JpegQualityEstimation.Engine;

// DeviceBackends: the backend that a package put in. The core never looks for one by itself, so that trimming sees all.
static class DeviceBackends
{
    public const string None = "no CUDA backend is in use: the program has not called CudaBackend.Use() of the package JpegQualityEstimation.Cuda";

    static IDeviceBackend? current;

    public static IDeviceBackend? Current => Volatile.Read(ref current);

    /// <summary>Puts in a backend; the last one stays.</summary>
    public static void Use(IDeviceBackend backend) => Volatile.Write(ref current, backend);
}
