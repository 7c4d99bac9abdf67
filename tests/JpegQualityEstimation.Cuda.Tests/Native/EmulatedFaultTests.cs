using System.Text;
using JpegQualityEstimation.Cuda.Runtime;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Native;

// What the emulated GPU notices: kernels of native/tests/faults.cu that break the rules end with the driver's error.
[Collection(EmulatorSettings.Collection)]
public sealed class EmulatedFaultTests : IDisposable
{
    const int IllegalAddress = 700, Misaligned = 716, LaunchFailed = 719, InvalidValue = 1, InvalidPtx = 218;
    const int Poison = -1;

    readonly EmulatorSettings? quiet;

    public EmulatedFaultTests()
    {
        if (TestDevice.WhyNot is null && TestDevice.Emulator is not null)
            quiet = new EmulatorSettings(("QUIET", "1"));
    }

    public void Dispose() => quiet?.Dispose();

    [SkippableTheory]
    [InlineData("fault_two_barriers", LaunchFailed)]
    [InlineData("fault_early_end", LaunchFailed)]
    [InlineData("fault_outside_mask", LaunchFailed)]
    [InlineData("fault_two_operations", LaunchFailed)]
    [InlineData("fault_part_of_a_warp_waits", LaunchFailed)]
    [InlineData("fault_misaligned", Misaligned)]
    [InlineData("fault_part_of_a_warp_multiplies", LaunchFailed)]
    public void ABrokenKernelEndsWithItsError(string entry, int status)
    {
        using var device = Open();
        foreach (string order in (string[])["rising", "reverse", "1", "2"])
        {
            using var settings = new EmulatorSettings(("ORDER", order));
            Assert.Equal(status, device.Fails(entry, 32, 0, ".u64", device.Memory));
        }
        // And the device goes on.
        device.Launch("fault_ended_lane", 32, 0, ".u64", device.Memory);
    }

    [SkippableTheory]
    [InlineData(256L, IllegalAddress)]
    [InlineData(-1L, IllegalAddress)]
    [InlineData(100_000L, IllegalAddress)]
    [InlineData(-100_000L, IllegalAddress)]
    public void WhatIsWrittenOutsideAnAllocationIsNoticed(long index, int status)
    {
        using var device = Open();
        Assert.Equal(status, device.Fails("fault_far_behind", 1, 0, ".u64 .u64", device.Memory, index));
        device.Launch("fault_far_behind", 1, 0, ".u64 .u64", device.Memory, 255L);
    }

    [SkippableFact]
    public void NullAndHostMemoryAreNoDeviceMemory()
    {
        using var device = Open();
        Assert.Equal(IllegalAddress, device.Fails("fault_null", 32, 0, ".u64 .u64", 0UL, device.Memory));
        Assert.Equal(IllegalAddress, device.Fails("fault_null", 32, 0, ".u64 .u64", 0x1234_5678UL, device.Memory));
    }

    [SkippableFact]
    public void AMissingBarrierShowsInAnotherOrder()
    {
        using var device = Open();
        int[] first = device.Read("fault_no_barrier", 256);
        using var settings = new EmulatorSettings(("ORDER", "reverse"));
        Assert.NotEqual(first, device.Read("fault_no_barrier", 256));
    }

    [SkippableFact]
    public void WhatNobodyGaveIsPoison()
    {
        using var device = Open();
        Assert.Equal(Poison, device.Read("fault_ended_lane", 32)[0]);
        device.Launch("fault_stale_shared", 64, 256, ".u64 .u64", device.Memory, device.Memory.Slice(100, 1));
        float[] sums = new float[64];
        int[] raw = device.Download();
        Buffer.BlockCopy(raw, 0, sums, 0, 256);
        Assert.All(sums, sum => Assert.True(float.IsNaN(sum)));
    }

    [SkippableFact]
    public void SharedMemoryEndsWhereTheLaunchSays()
    {
        using var device = Open();
        device.Launch("fault_shared_overrun", 1, 64, ".u64 .u32", device.Memory, 15);
        Assert.Equal(IllegalAddress, device.Fails("fault_shared_overrun", 1, 64, ".u64 .u32", device.Memory, 16));
    }

    [SkippableFact]
    public void LaunchesOutOfRangeAreRefused()
    {
        using var device = Open();
        Assert.Equal(InvalidValue, device.Fails("fault_null", 1025, 0, ".u64 .u64", device.Memory, device.Memory));
        Assert.Equal(InvalidValue, device.Fails("fault_null", 0, 0, ".u64 .u64", device.Memory, device.Memory));
        Assert.Equal(InvalidValue, device.Fails("fault_shared_overrun", 1, 227 * 1024 + 1, ".u64 .u32", device.Memory, 0));
        device.Launch("fault_shared_overrun", 1, 227 * 1024, ".u64 .u32", device.Memory, 227 * 256 - 1);
    }

    [SkippableFact]
    public void PtxOfOtherParametersIsRefused()
    {
        using var device = Open();
        Assert.Equal(InvalidPtx, device.Fails("fault_null", 1, 0, ".u64", device.Memory));
        Assert.Equal(InvalidPtx, device.Fails("fault_null", 1, 0, ".u64 .u32", device.Memory, 1));
        Assert.Equal(InvalidPtx, device.Fails("no_such_kernel", 1, 0, ".u64", device.Memory));
    }

    static Bench Open()
    {
        TestDevice.Require();
        Skip.If(TestDevice.Emulator is null, "faults are for the emulated GPU");
        return new Bench();
    }

    // A device with 256 words of memory, and kernels of which PTX states no more than the parameters.
    sealed class Bench : IDisposable
    {
        readonly CudaRuntime runtime = TestDevice.Open();
        readonly CudaStream stream;
        readonly DeviceBuffer<int> memory;

        public Bench()
        {
            stream = runtime.CreateStream();
            memory = stream.Rent<int>(256);
        }

        public DeviceSpan<int> Memory => memory;

        public void Launch(string entry, int threads, int shared, string parameters, params ReadOnlySpan<KernelArgument> arguments)
        {
            string declared = string.Join(", ", parameters.Split(' ').Select((type, i) => $".param {type} p{i}"));
            string ptx = $".version 7.0\n.target sm_70\n.address_size 64\n.visible .entry {entry}({declared})\n{{\nret;\n}}\n";
            using CudaModule module = runtime.LoadModule("faults", Encoding.ASCII.GetBytes(ptx));
            stream.Launch(module.Kernel(entry), new Dim3(1), new Dim3(threads), shared, arguments);
            stream.Synchronize();
        }

        public int Fails(string entry, int threads, int shared, string parameters, params ReadOnlySpan<KernelArgument> arguments)
        {
            try
            {
                Launch(entry, threads, shared, parameters, arguments);
            }
            catch (CudaException e)
            {
                return e.Status;
            }
            return 0;
        }

        public int[] Read(string entry, int threads)
        {
            Launch(entry, threads, 0, ".u64", Memory);
            return Download();
        }

        public int[] Download()
        {
            int[] words = new int[256];
            stream.Download(Memory, words);
            return words;
        }

        public void Dispose()
        {
            memory.Dispose();
            stream.Dispose();
            runtime.Dispose();
        }
    }
}
