using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace JpegQualityEstimation.Engine.Cpu;

// MemoryAhead: regions that later work reads or writes, asked for a few lines at a time: all at once they would hold a
// product up until they are there. A product takes a stretch of them along, a line every other term (Take), or asks for
// some between two blocks (Step). Where there is no such instruction nothing happens. Not thread-safe; regions stay where
// they are while they are expected.
sealed unsafe class MemoryAhead
{
    const int LineBytes = 64;

    // Less than a line: with a line a term the memory would be asked for more than it gives.
    const int BytesATerm = 40;

    readonly int leastLines;
    readonly nint[] starts;
    readonly nint[] ends;
    int count;
    int next;
    int linesAStep;
    long expected;
    byte* at;
    byte* end;

    /// <param name="linesAStep">Lines that are asked for between two blocks, at least.</param>
    /// <param name="regions">Most regions that are expected.</param>
    public MemoryAhead(int linesAStep = 28, int regions = 16)
    {
        this.linesAStep = leastLines = linesAStep;
        starts = new nint[regions];
        ends = new nint[regions];
    }

    /// <summary>Forgets what is still expected.</summary>
    public void Clear()
    {
        count = next = 0;
        expected = 0;
        linesAStep = leastLines;
        at = end = null;
    }

    /// <summary>Expects a region, after those before it; one too many is left out.</summary>
    public void Expect(void* start, long bytes)
    {
        if (!Sse.IsSupported || count == starts.Length)
            return;
        starts[count] = (nint)start;
        ends[count++] = (nint)start + (nint)bytes;
        expected += (bytes + LineBytes - 1) / LineBytes;
    }

    /// <summary>Asks for so many bytes at once, into the first-level cache.</summary>
    public static void Ask(ReadOnlySpan<byte> bytes)
    {
        if (!Sse.IsSupported)
            return;
        fixed (byte* first = bytes)
            for (int i = 0; i < bytes.Length; i += LineBytes)
                Sse.Prefetch0(first + i);
    }

    /// <summary>What a block of a product asks for, one address a term: the first, and how far apart; otherwise where nothing is expected.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Take(int terms, byte* otherwise, out nint step)
    {
        step = 0;
        if (at >= end)
        {
            if (next == count)
                return otherwise;
            at = (byte*)starts[next];
            end = (byte*)ends[next++];
        }
        step = BytesATerm;
        byte* first = at;
        // The last stretch of a region may run past it, which does nothing but ask.
        at += (nint)terms * BytesATerm;
        return first;
    }

    /// <summary>Asks for more lines a step if some steps would not reach all that is expected.</summary>
    public void Within(int steps) => linesAStep = (int)Math.Max(leastLines, (expected + steps - 1) / steps);

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
