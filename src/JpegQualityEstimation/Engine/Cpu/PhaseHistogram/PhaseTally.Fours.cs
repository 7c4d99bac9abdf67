using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// PhaseTally.Fours: positions enter whose table rows a register holds, four phases side by side at a time: four indexes are
// one load, and a loop over the rows of a phase has a fourth of the turns.
// First positions x = 0..3 or 4..7 of the rectangle, then every eighth: all of the four have as many columns, or the first of
// them one more, which is taken aside.
static unsafe partial class PhaseTally<TVector, TLanes>
{
    // Of a row of 64 bytes.
    const int Shift = 6;
    const ulong RowMask = 0xFFFFUL << Shift;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void EnterFours(in PositionTile tile, bool fresh, ushort* indexes, int pitch, byte* table, int* counts, int* sums)
    {
        nint step = 8 * pitch;
        for (int y = 0; y < 8; y++)
            for (int x = 0; x < 8; x += 4)
            {
                int rows = tile.Height - y + 7 >> 3, columns = tile.Width - x + 4 >> 3;
                int more = tile.Width - x - 8 * columns;
                ushort* first = indexes + tile.At + y * pitch + x;
                TVector t0, t1, t2, t3, l0, l1, l2, l3, h0, h1, h2, h3;
                t0 = t1 = t2 = t3 = l0 = l1 = l2 = l3 = h0 = h1 = h2 = h3 = TLanes.Zero;
                ushort* at = first;
                // 15 rows are what halves of bytes hold.
                int together = columns == 7 ? 2 : 1;
                for (int left = rows; left > 0; left -= together)
                {
                    TVector a, b, c, d;
                    a = b = c = d = TLanes.Zero;
                    if (columns == 7)
                    {
                        Seven((ulong*)at, table, ref a, ref b, ref c, ref d);
                        at += step;
                        if (left > 1)
                            Seven((ulong*)at, table, ref a, ref b, ref c, ref d);
                    }
                    else
                    {
                        for (int i = 0; i < columns; i++)
                            Four(((ulong*)at)[2 * i], table, ref a, ref b, ref c, ref d);
                    }
                    at += step;
                    Flush(a, ref t0, ref l0, ref h0);
                    Flush(b, ref t1, ref l1, ref h1);
                    Flush(c, ref t2, ref l2, ref h2);
                    Flush(d, ref t3, ref l3, ref h3);
                }
                at = first + 8 * columns;
                if (more > 0)
                    Flush(Column(at, step, rows, table), ref t0, ref l0, ref h0);
                if (more > 1)
                    Flush(Column(at + 1, step, rows, table), ref t1, ref l1, ref h1);
                if (more > 2)
                    Flush(Column(at + 2, step, rows, table), ref t2, ref l2, ref h2);
                int phases = 8 * (tile.PhaseY + y & 7), phase = tile.PhaseX + x;
                Enter(t0, l0, h0, fresh, phases + (phase & 7), counts, sums);
                Enter(t1, l1, h1, fresh, phases + (phase + 1 & 7), counts, sums);
                Enter(t2, l2, h2, fresh, phases + (phase + 2 & 7), counts, sums);
                Enter(t3, l3, h3, fresh, phases + (phase + 3 & 7), counts, sums);
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Enter(TVector total, TVector low, TVector high, bool fresh, int phase, int* counts, int* sums) =>
        TLanes.AddRow(total, low, high, fresh, counts + 32 * phase, sums + 32 * phase);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Seven(ulong* indexes, byte* table, ref TVector a, ref TVector b, ref TVector c, ref TVector d)
    {
        Four(indexes[0], table, ref a, ref b, ref c, ref d);
        Four(indexes[2], table, ref a, ref b, ref c, ref d);
        Four(indexes[4], table, ref a, ref b, ref c, ref d);
        Four(indexes[6], table, ref a, ref b, ref c, ref d);
        Four(indexes[8], table, ref a, ref b, ref c, ref d);
        Four(indexes[10], table, ref a, ref b, ref c, ref d);
        Four(indexes[12], table, ref a, ref b, ref c, ref d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Four(ulong indexes, byte* table, ref TVector a, ref TVector b, ref TVector c, ref TVector d)
    {
        a = Add(a, TLanes.Load(table + ((nint)(ushort)indexes << Shift)));
        b = Add(b, TLanes.Load(table + (nint)(indexes >> 16 - Shift & RowMask)));
        c = Add(c, TLanes.Load(table + (nint)(indexes >> 32 - Shift & RowMask)));
        d = Add(d, TLanes.Load(table + (nint)(indexes >> 48 << Shift)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TVector Column(ushort* indexes, nint step, int rows, byte* table)
    {
        TVector sum = TLanes.Zero;
        for (; rows > 0; rows--, indexes += step)
            sum = Add(sum, TLanes.Load(table + ((nint)(*indexes) << Shift)));
        return sum;
    }
}
