using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace JpegQualityEstimation.Engine.Cpu;

// MemoryAhead: regions that later work reads or writes, asked for a few lines at a time, a step between two blocks of a
// product: all at once they would hold the product up until they are there. Where there is no such instruction nothing
// happens. Not thread-safe; regions stay where they are while they are expected.
sealed unsafe class MemoryAhead
{
    const int LineBytes = 64;

    readonly int linesAStep;
    readonly nint[] starts;
    readonly nint[] ends;
    int count;
    int next;
    byte* at;
    byte* end;

    /// <param name="linesAStep">Lines that are asked for between two blocks.</param>
    /// <param name="regions">Most regions that are expected.</param>
    public MemoryAhead(int linesAStep = 28, int regions = 16)
    {
        this.linesAStep = linesAStep;
        starts = new nint[regions];
        ends = new nint[regions];
    }

    /// <summary>Forgets what is still expected.</summary>
    public void Clear()
    {
        count = next = 0;
        at = end = null;
    }

    /// <summary>Expects a region, after those before it; one too many is left out.</summary>
    public void Expect(void* start, long bytes)
    {
        if (!Sse.IsSupported || count == starts.Length)
            return;
        starts[count] = (nint)start;
        ends[count++] = (nint)start + (nint)bytes;
    }

    /// <summary>Asks for the next lines, into the second-level cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Step()
    {
        for (int left = linesAStep; left > 0;)
        {
            if (at >= end)
            {
                if (next == count)
                    return;
                at = (byte*)starts[next];
                end = (byte*)ends[next++];
            }
            int lines = (int)Math.Min(left, (end - at + LineBytes - 1) / LineBytes);
            left -= lines;
            for (; lines > 0; lines--, at += LineBytes)
                Sse.Prefetch1(at);
        }
    }
}
