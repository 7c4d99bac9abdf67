using System.Runtime.Intrinsics;

namespace JpegQualityEstimation.Engine.Cpu;

// The one registry of vector widths: widest first. JQE_CPU_KERNELS forces one (tests and comparisons do). Plain loops: every
// process begins here, and LINQ over an enum costs it 3 ms.

/// <summary>Vector width that the CPU kernels run in.</summary>
enum CpuKernelSet
{
    Vector512,
    Vector256,
    Vector128,
    Scalar,
}

static class CpuKernelSets
{
    public const string Variable = "JQE_CPU_KERNELS";

    /// <summary>The set that this process uses.</summary>
    /// <exception cref="InvalidOperationException">JQE_CPU_KERNELS names no set, or one this machine lacks.</exception>
    public static CpuKernelSet Chosen { get; } = Choose(Environment.GetEnvironmentVariable(Variable));

    /// <summary>All sets that this machine can run, widest first.</summary>
    public static IReadOnlyList<CpuKernelSet> Available => [.. Enum.GetValues<CpuKernelSet>().Where(IsAvailable)];

    public static bool IsAvailable(CpuKernelSet set) => set switch
    {
        CpuKernelSet.Vector512 => Vector512.IsHardwareAccelerated,
        CpuKernelSet.Vector256 => Vector256.IsHardwareAccelerated && System.Runtime.Intrinsics.X86.Fma.IsSupported,
        CpuKernelSet.Vector128 => Vector128.IsHardwareAccelerated
            && (System.Runtime.Intrinsics.X86.Fma.IsSupported || System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported),
        _ => true,
    };

    public static CpuKernelSet Choose(string? forced)
    {
        if (string.IsNullOrWhiteSpace(forced))
            return Widest();
        if (!Enum.TryParse(forced, ignoreCase: true, out CpuKernelSet set) || !Enum.IsDefined(set))
            throw new InvalidOperationException($"{Variable}={forced}: known sets are vector512, vector256, vector128, scalar");
        if (!IsAvailable(set))
            throw new InvalidOperationException($"{Variable}={forced}: this machine does not offer it");
        return set;
    }

    static CpuKernelSet Widest()
    {
        CpuKernelSet set = CpuKernelSet.Vector512;
        while (!IsAvailable(set))
            set++;
        return set;
    }
}
