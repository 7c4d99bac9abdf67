using JpegQualityEstimation.Cuda.Runtime;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests;

public sealed class MemoryLimitTests
{
    [SkippableFact]
    public void TheLimitHoldsForEveryoneAndOutlivesTheDevice()
    {
        TestDevice.Require();
        long all = CudaProbe.Devices(out _)[0].MemoryBytes;
        try
        {
            CudaBackend.LimitMemory(1 << 20);
            using (CudaRuntime runtime = CudaRuntime.Open(0))
            using (CudaStream stream = runtime.CreateStream())
            using (DeviceBuffer<byte> buffer = stream.Rent<byte>(1000))
            {
                Assert.True(CudaBackend.MemoryUse().Used >= 1024);
                Assert.Throws<CudaOutOfMemoryException>(() => stream.Rent<byte>(1 << 20));
                CudaBackend.LimitMemory(4 << 20);
                stream.Rent<byte>(1 << 20).Dispose();
                Assert.True(CudaBackend.MemoryUse().Peak >= 1 << 20);
                CudaBackend.TrimMemory();
            }
            using CudaRuntime again = CudaRuntime.Open(0);
            Assert.Equal(4 << 20, again.MemoryCap);
        }
        finally
        {
            CudaBackend.LimitMemory(all);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => CudaBackend.LimitMemory(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => CudaBackend.LimitMemory(5, -1));
    }
}
