namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

/// <summary>A rectangle of at most 64x64 positions of one coefficient, and the grid phase of its first position.</summary>
readonly record struct PositionTile(int Width, int Height, int PhaseX, int PhaseY);

// PhaseTally: adds the positions of a tile to the tallies of their phases, one coefficient.
//   counts [64, RowBytes]      values in each bin
//   sums   [64, RowBytes / 2]  fixed-point cosines of each period
// A phase's table rows are added up in registers (bytes and shorts, at most 64 of them), then to the tallies, or taken
// from them: all integers, so that a tally that slides equals one that was made afresh.
static unsafe class PhaseTally<TVector, TLanes>
    where TVector : struct
    where TLanes : struct, ITallyLanes<TVector>
{
    public static void Tile(PositionTile tile, ushort* codes, ushort* offsets, int pitch, PhaseTables tables, bool remove, int* counts, int* sums)
    {
        int rowBytes = tables.RowBytes;
        int shift = tables.RowShift;
        for (int dy = 0; dy < Math.Min(8, tile.Height); dy++)
        {
            int rows = (tile.Height - dy + 7) / 8;
            for (int dx = 0; dx < Math.Min(8, tile.Width); dx++)
            {
                int columns = (tile.Width - dx + 7) / 8;
                int phase = ((tile.PhaseY + dy) & 7) * 8 + ((tile.PhaseX + dx) & 7);
                int first = dy * pitch + dx;
                for (int lane = 0; lane < rowBytes; lane += TLanes.Count)
                {
                    Sum(codes + first, offsets + first, 8 * pitch, rows, columns, tables.Histogram + lane, tables.Comb + lane, shift,
                        out TVector bins, out TVector cosines);
                    if (remove)
                    {
                        bins = TLanes.SubtractBytes(TLanes.Zero, bins);
                        cosines = TLanes.SubtractShorts(TLanes.Zero, cosines);
                    }
                    TLanes.AddBytesTo(counts + phase * rowBytes + lane, bins);
                    TLanes.AddShortsTo(sums + (phase * rowBytes + lane) / 2, cosines);
                }
            }
        }
    }

    static void Sum(ushort* codes, ushort* offsets, int pitch, int rows, int columns, byte* histogram, byte* comb, int shift, out TVector bins, out TVector cosines)
    {
        TVector b = TLanes.Zero;
        TVector c = TLanes.Zero;
        for (int y = 0; y < rows; y++, codes += pitch, offsets += pitch)
            for (int x = 0; x < 8 * columns; x += 8)
            {
                b = TLanes.AddBytes(b, TLanes.Load(histogram + offsets[x]));
                c = TLanes.AddShorts(c, TLanes.Load(comb + ((nint)codes[x] << shift)));
            }
        bins = b;
        cosines = c;
    }
}
