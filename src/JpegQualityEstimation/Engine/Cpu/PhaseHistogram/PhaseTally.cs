using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

/// <summary>A rectangle of positions of one coefficient: where it starts, and the grid phase of its first position.</summary>
readonly record struct PositionTile(int At, int Width, int Height, int PhaseX, int PhaseY);

// PhaseTally: positions of one coefficient enter the tallies of their phases, others leave them.
//   counts [64, countRow]   values in each bin
//   sums   [64, sumRow]     fixed-point cosines of each period
// A phase's table rows are added up in registers: shorts as they are; halves of bytes, after at most 15 rows, in bytes;
// then to the tallies, from the register where that holds a row. All integers, so that a tally that slides equals one that
// was made afresh. At most 64 values of a phase a call, entering and leaving together. Fresh tallies are written over.
static unsafe partial class PhaseTally<TVector, TLanes>
    where TVector : struct
    where TLanes : struct, ITallyLanes<TVector>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Change(in PositionTile entering, in PositionTile leaving, bool fresh, ushort* indexes, int pitch, PhaseTables tables, in FeatureShape shape, int* counts, int* sums)
    {
        int rowBytes = tables.RowBytes, countBytes = tables.CountBytes, shift = tables.RowShift;
        bool whole = TLanes.HoldsRow(rowBytes, countBytes, shape.SumRow);
        if (whole && leaving.Width == 0)
        {
            EnterFours(entering, fresh, indexes, pitch, tables.Rows, counts, sums);
            return;
        }
        byte* shorts = stackalloc byte[rowBytes + 32];
        byte* low = stackalloc byte[rowBytes];
        byte* high = stackalloc byte[rowBytes];
        for (int phase = 0; phase < PhaseEvidenceOptions.Phases; phase++, counts += shape.CountRow, sums += shape.SumRow)
        {
            // The positions of a phase are 8 apart both ways.
            int inY = (phase >> 3) - entering.PhaseY & 7, inX = phase - entering.PhaseX & 7;
            int inRows = entering.Height - inY + 7 >> 3, inColumns = entering.Width - inX + 7 >> 3;
            int outY = (phase >> 3) - leaving.PhaseY & 7, outX = phase - leaving.PhaseX & 7;
            int outRows = leaving.Height - outY + 7 >> 3, outColumns = leaving.Width - outX + 7 >> 3;
            if (fresh && !whole)
            {
                new Span<int>(counts, shape.CountRow).Clear();
                new Span<int>(sums, shape.SumRow).Clear();
            }
            if (inRows * inColumns + outRows * outColumns == 0)
                continue;
            ushort* entered = indexes + entering.At + inY * pitch + inX;
            ushort* left = indexes + leaving.At + outY * pitch + outX;
            if (whole)
            {
                Sum(entered, 8 * pitch, inRows, inColumns, tables.Rows, shift, out TVector all, out TVector lows, out TVector highs);
                if (outRows * outColumns > 0)
                {
                    Sum(left, 8 * pitch, outRows, outColumns, tables.Rows, shift, out TVector outAll, out TVector outLows, out TVector outHighs);
                    all = TLanes.SubtractShorts(all, outAll);
                    lows = TLanes.SubtractBytes(lows, outLows);
                    highs = TLanes.SubtractBytes(highs, outHighs);
                }
                TLanes.AddRow(all, lows, highs, fresh, counts, sums);
                continue;
            }
            for (int lane = 0; lane < rowBytes; lane += TLanes.Count)
            {
                byte* rows = tables.Rows + lane;
                Sum(entered, 8 * pitch, inRows, inColumns, rows, shift, out TVector total, out TVector l, out TVector h);
                if (outRows * outColumns > 0)
                {
                    Sum(left, 8 * pitch, outRows, outColumns, rows, shift, out TVector outTotal, out TVector outLow, out TVector outHigh);
                    total = TLanes.SubtractShorts(total, outTotal);
                    l = TLanes.SubtractBytes(l, outLow);
                    h = TLanes.SubtractBytes(h, outHigh);
                }
                TLanes.Store(shorts + lane, total);
                if (lane >= countBytes)
                    continue;
                TLanes.Store(low + lane, l);
                TLanes.Store(high + lane, h);
            }
            for (int b = 0; b < countBytes; b += 16)
            {
                TLanes.AddBytesTo(counts + 2 * b, low + b);
                TLanes.AddBytesTo(counts + 2 * b + 16, high + b);
            }
            for (int q = 0; q < shape.SumRow; q += 16)
                TLanes.AddShortsTo(sums + q, shorts + countBytes + 2 * q);
        }
    }

    // Several chains: an addition's latency is longer than the time it takes to issue. Seven columns of a phase are what
    // windows of 64 have, but for the first phase of a row; one is what a window that moves by eight takes in.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Sum(ushort* indexes, int pitch, int rows, int columns, byte* table, int shift, out TVector total, out TVector low, out TVector high)
    {
        TVector t, l, h;
        t = l = h = TLanes.Zero;
        if (columns == 8)
        {
            for (; rows > 0; rows--, indexes += pitch)
                Flush(Add(Seven(indexes, table, shift), Row(table, indexes[56], shift)), ref t, ref l, ref h);
        }
        else if (columns == 7)
        {
            for (; rows >= 2; rows -= 2)
            {
                TVector sum = Add(Seven(indexes, table, shift), Seven(indexes + pitch, table, shift));
                indexes += 2 * pitch;
                Flush(sum, ref t, ref l, ref h);
            }
            if (rows > 0)
                Flush(Seven(indexes, table, shift), ref t, ref l, ref h);
        }
        else if (columns == 1)
        {
            TVector a, b;
            a = b = TLanes.Zero;
            for (; rows >= 2; rows -= 2)
            {
                a = Add(a, Row(table, indexes[0], shift));
                b = Add(b, Row(table, indexes[pitch], shift));
                indexes += 2 * pitch;
            }
            if (rows > 0)
                a = Add(a, Row(table, indexes[0], shift));
            Flush(Add(a, b), ref t, ref l, ref h);
        }
        else
        {
            for (; rows > 0 && columns > 0; rows--, indexes += pitch)
            {
                TVector sum = TLanes.Zero;
                for (int x = 0; x < columns; x++)
                    sum = Add(sum, Row(table, indexes[8 * x], shift));
                Flush(sum, ref t, ref l, ref h);
            }
        }
        (total, low, high) = (t, l, h);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TVector Seven(ushort* indexes, byte* table, int shift)
    {
        TVector a = Add(Row(table, indexes[0], shift), Row(table, indexes[8], shift));
        TVector b = Add(Row(table, indexes[16], shift), Row(table, indexes[24], shift));
        TVector c = Add(Row(table, indexes[32], shift), Row(table, indexes[40], shift));
        return Add(Add(a, b), Add(c, Row(table, indexes[48], shift)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TVector Row(byte* table, ushort index, int shift) => TLanes.Load(table + ((nint)index << shift));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TVector Add(TVector a, TVector b) => TLanes.AddShorts(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Flush(TVector sum, ref TVector total, ref TVector low, ref TVector high)
    {
        total = TLanes.AddShorts(total, sum);
        low = TLanes.AddBytes(low, TLanes.Low(sum));
        high = TLanes.AddBytes(high, TLanes.High(sum));
    }
}
