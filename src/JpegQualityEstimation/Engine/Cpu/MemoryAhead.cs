using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace JpegQualityEstimation.Engine.Cpu;

// MemoryAhead: regions that later work reads or writes, asked for a few lines at a time, a step between two blocks of a
// product: all at once they would hold the product up until they are there. Where there is no such instruction nothing
// happens. Not thread-safe; regions stay where they are while they are expected.
sealed unsafe class MemoryAhead
{
    const int LineBytes = 64;
    const int LinesAStep = 28;
    const int MaxRegions = 16;

    readonly nint[] starts = new nint[MaxRegions];
    readonly nint[] ends = new nint[MaxRegions];
    int count;
    int next;
    byte* at;
    byte* end;

    /// <summary>Forgets what is still expected.</summary>
    public void Clear()
    {
        count = next = 0;
        at = end = null;
    }

    /// <summary>Expects a region, after those before it; one too many is left out.</summary>
    public void Expect(void* start, long bytes)
    {
        if (!Sse.IsSupported || count == MaxRegions)
            return;
        starts[count] = (nint)start;
        ends[count++] = (nint)start + (nint)bytes;
    }

    /// <summary>Asks for the next lines, into the second-level cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Step()
    {
        if (at >= end)
        {
            if (next == count)
                return;
            at = (byte*)starts[next];
            end = (byte*)ends[next++];
        }
        byte* line = at, last = (byte*)Math.Min((nuint)end, (nuint)(at + LinesAStep * LineBytes));
        for (; line < last; line += LineBytes)
            Sse.Prefetch1(line);
        at = line;
    }
}
