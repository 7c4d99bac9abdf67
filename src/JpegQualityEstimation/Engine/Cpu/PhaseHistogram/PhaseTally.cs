namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

/// <summary>A rectangle of positions of one coefficient: where it starts, and the grid phase of its first position.</summary>
readonly record struct PositionTile(int At, int Width, int Height, int PhaseX, int PhaseY)
{
    /// <summary>Where the positions of one phase start, 8 apart both ways, and how many there are.</summary>
    public (int At, int Rows, int Columns) OfPhase(int phase, int pitch)
    {
        int dy = (phase >> 3) - PhaseY & 7;
        int dx = phase - PhaseX & 7;
        return (At + dy * pitch + dx, Height - dy + 7 >> 3, Width - dx + 7 >> 3);
    }
}

// PhaseTally: positions of one coefficient enter the tallies of their phases, others leave them.
//   counts [64, RowBytes]      values in each bin
//   sums   [64, RowBytes / 2]  fixed-point cosines of each period
// A phase's table rows are added up in registers (bytes and shorts), then to the tallies: all integers, so that a
// tally that slides equals one that was made afresh. At most 64 values of a phase a call, entering and leaving together.
static unsafe class PhaseTally<TVector, TLanes>
    where TVector : struct
    where TLanes : struct, ITallyLanes<TVector>
{
    public static void Change(PositionTile entering, PositionTile leaving, ushort* codes, ushort* offsets, int pitch, PhaseTables tables, int* counts, int* sums)
    {
        int rowBytes = tables.RowBytes;
        for (int phase = 0; phase < PhaseEvidenceOptions.Phases; phase++)
        {
            (int inAt, int inRows, int inColumns) = entering.OfPhase(phase, pitch);
            (int outAt, int outRows, int outColumns) = leaving.OfPhase(phase, pitch);
            if (inRows * inColumns + outRows * outColumns == 0)
                continue;
            for (int lane = 0; lane < rowBytes; lane += TLanes.Count)
            {
                byte* histogram = tables.Histogram + lane;
                byte* comb = tables.Comb + lane;
                Sum(codes + inAt, offsets + inAt, 8 * pitch, inRows, inColumns, histogram, comb, tables.RowShift, out TVector bins, out TVector cosines);
                if (outRows * outColumns > 0)
                {
                    Sum(codes + outAt, offsets + outAt, 8 * pitch, outRows, outColumns, histogram, comb, tables.RowShift, out TVector outBins, out TVector outCosines);
                    bins = TLanes.SubtractBytes(bins, outBins);
                    cosines = TLanes.SubtractShorts(cosines, outCosines);
                }
                TLanes.AddBytesTo(counts + phase * rowBytes + lane, bins);
                TLanes.AddShortsTo(sums + (phase * rowBytes + lane) / 2, cosines);
            }
        }
    }

    // Two chains of each sum: an addition's latency is longer than the time it takes to issue.
    static void Sum(ushort* codes, ushort* offsets, int pitch, int rows, int columns, byte* histogram, byte* comb, int shift, out TVector bins, out TVector cosines)
    {
        TVector b0, b1, c0, c1;
        b0 = b1 = c0 = c1 = TLanes.Zero;
        for (int y = 0; y < rows; y++, codes += pitch, offsets += pitch)
        {
            ushort* code = codes;
            ushort* offset = offsets;
            int left = columns;
            for (; left >= 4; left -= 4, code += 32, offset += 32)
            {
                b0 = TLanes.AddBytes(b0, TLanes.Load(histogram + offset[0]));
                c0 = TLanes.AddShorts(c0, TLanes.Load(comb + ((nint)code[0] << shift)));
                b1 = TLanes.AddBytes(b1, TLanes.Load(histogram + offset[8]));
                c1 = TLanes.AddShorts(c1, TLanes.Load(comb + ((nint)code[8] << shift)));
                b0 = TLanes.AddBytes(b0, TLanes.Load(histogram + offset[16]));
                c0 = TLanes.AddShorts(c0, TLanes.Load(comb + ((nint)code[16] << shift)));
                b1 = TLanes.AddBytes(b1, TLanes.Load(histogram + offset[24]));
                c1 = TLanes.AddShorts(c1, TLanes.Load(comb + ((nint)code[24] << shift)));
            }
            for (; left > 0; left--, code += 8, offset += 8)
            {
                b0 = TLanes.AddBytes(b0, TLanes.Load(histogram + *offset));
                c0 = TLanes.AddShorts(c0, TLanes.Load(comb + ((nint)(*code) << shift)));
            }
        }
        bins = TLanes.AddBytes(b0, b1);
        cosines = TLanes.AddShorts(c0, c1);
    }
}
