using System.Diagnostics;

namespace JpegQualityEstimation.Benchmarks;

/// <summary>What this process has held of memory.</summary>
static class ProcessMemory
{
    /// <summary>The largest resident set so far, in 1e6 bytes.</summary>
    public static long PeakMegabytes
    {
        get
        {
            using var self = Process.GetCurrentProcess();
            return self.PeakWorkingSet64 / 1_000_000;
        }
    }
}
