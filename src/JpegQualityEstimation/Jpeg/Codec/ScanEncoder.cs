using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace JpegQualityEstimation.Jpeg;

// ScanEncoder: quantized blocks of one sequential scan of all components -> symbols (T.81 F.1.2).
// Component 0 uses tables 0 (DC) and 2 (AC), the others 1 and 3.
struct ScanEncoder<TSink>(JpegFrame frame, int restartInterval, TSink sink)
    where TSink : struct, ISymbolSink
{
    readonly int[] predictions = new int[frame.Components.Length];
    readonly int interval = restartInterval;
    int untilRestart = restartInterval;
    int restartNumber = 0;

    public TSink Sink = sink;

    /// <summary>Encodes one row of minimum coded units.</summary>
    public void EncodeRow(int mcuRow, CoefficientPlane[] planes)
    {
        // One component alone: its blocks row by row, without those that only fill a unit; none here, 1x1 sampled.
        for (int column = 0; column < frame.McusAcross; column++)
        {
            StartUnit();
            for (int i = 0; i < planes.Length; i++)
            {
                FrameComponent component = planes[i].Component;
                for (int v = 0; v < component.Vertical; v++)
                    for (int h = 0; h < component.Horizontal; h++)
                        EncodeBlock(i, planes[i].Block(mcuRow * component.Vertical + v, column * component.Horizontal + h));
            }
        }
    }

    void StartUnit()
    {
        if (interval == 0)
            return;
        if (untilRestart == 0)
        {
            Sink.Restart(restartNumber);
            restartNumber = (restartNumber + 1) & 7;
            untilRestart = interval;
            Array.Clear(predictions);
        }
        untilRestart--;
    }

    void EncodeBlock(int component, ReadOnlySpan<short> block)
    {
        int table = component == 0 ? 0 : 1;
        Value(table, 0, block[0] - predictions[component]);
        predictions[component] = block[0];
        int last = 0;
        for (ulong nonZero = NonZero(block); nonZero != 0; nonZero &= nonZero - 1)
        {
            int k = BitOperations.TrailingZeroCount(nonZero);
            int run = k - last - 1;
            for (; run > 15; run -= 16)
                Sink.Put(2 + table, 0xF0, 0, 0);
            Value(2 + table, run, block[ZigZag.ToNatural[k]]);
            last = k;
        }
        if (last < 63)
            Sink.Put(2 + table, 0, 0, 0);
    }

    // Bit k: AC coefficient k (zig-zag) is not 0. Most are 0: eight at a time are looked at, without a branch.
    static ulong NonZero(ReadOnlySpan<short> block)
    {
        ref short first = ref MemoryMarshal.GetReference(block);
        ulong zeros = 0;
        for (int row = 0; row < 8; row++)
            zeros |= (ulong)Vector128.Equals(Vector128.LoadUnsafe(ref first, (nuint)(row * 8)), Vector128<short>.Zero)
                .ExtractMostSignificantBits() << row * 8;
        ulong found = 0;
        for (ulong natural = ~zeros & ~1UL; natural != 0; natural &= natural - 1)
            found |= 1UL << ZigZag.FromNatural[BitOperations.TrailingZeroCount(natural)];
        return found;
    }

    // A value of n bits is sent as itself, a negative one less 1, both in n bits (T.81 F.1.2.1).
    void Value(int table, int run, int value)
    {
        int size = 32 - BitOperations.LeadingZeroCount((uint)Math.Abs(value));
        int bits = (value < 0 ? value - 1 : value) & ((1 << size) - 1);
        Sink.Put(table, run << 4 | size, bits, size);
    }
}
