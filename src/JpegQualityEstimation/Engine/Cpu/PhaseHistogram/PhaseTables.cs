using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// PhaseTables: what one coefficient value adds to the tally of its phase, as rows to be added up.
//   [LastCode + 2 bins - 1, RowBytes]   row code + 2 bin, which names both, as neither falls while |x| grows:
//     CountBytes   of each 16 bytes: 1 in the low half of byte b % 32 for bins b % 32 < 16, in the high half of byte
//                  b % 32 - 16 for the others, so that 15 rows may be added before halves run over
//     shorts       round(CombScale * cos(2 pi x / q)) for q = 1, 2, ..
// A value x has the code round(8 |x|). Samples of 0..255 give |x| <= 1024: the scaled DCT (8 x) of samples within +-128
// never exceeds 64 * 128, so that the last code is the largest value there is.
// CombScale * 64 fits a short: 64 values are added before sums need more room. Rows are powers of two of 64 bytes.
sealed unsafe class PhaseTables
{
    /// <summary>Codes a unit of the orthonormal DCT.</summary>
    public const int CodesPerUnit = 8;

    /// <summary>Largest code.</summary>
    public const int LastCode = 8192;

    /// <summary>Fixed-point one of the cosines.</summary>
    public const int CombScale = 511;

    /// <summary>Values that may be added up in bytes and shorts: positions of a phase in 64x64.</summary>
    public const int TileSide = 64;

    const double Margin = 1e-6;

    static readonly ConcurrentDictionary<(int, int, float), PhaseTables> Known = new();

    readonly AlignedFloats rows;

    PhaseTables(int bins, int periods, float binWidth)
    {
        CountBytes = (bins + 31) / 32 * 16;
        RowShift = 6;
        while (1 << RowShift < CountBytes + periods * sizeof(short))
            RowShift++;
        rows = new AlignedFloats((LastCode + 2L * bins) * RowBytes / sizeof(float));
        Span<byte> bytes = MemoryMarshal.AsBytes(rows.Span);
        // One turn of each period: the rest repeats it.
        short[][] waves = new short[periods][];
        for (int q = 1; q <= periods; q++)
        {
            waves[q - 1] = new short[CodesPerUnit * q];
            for (int code = 0; code < waves[q - 1].Length; code++)
                waves[q - 1][code] = Cosine(code, q);
        }
        for (int code = 0; code <= LastCode; code++)
        {
            // A little more than the code's values, whose bins are found in single precision.
            int first = Bin((code - 0.5) * (1 - Margin)), last = code == LastCode ? bins - 1 : Bin((code + 0.5) * (1 + Margin));
            for (int bin = first; bin <= last; bin++)
            {
                Span<byte> row = bytes.Slice((code + 2 * bin) * RowBytes, RowBytes);
                row[bin / 32 * 16 + bin % 16] = (byte)(bin % 32 < 16 ? 1 : 16);
                Span<short> cosines = MemoryMarshal.Cast<byte, short>(row[CountBytes..]);
                for (int q = 1; q <= periods; q++)
                    cosines[q - 1] = waves[q - 1][code % (CodesPerUnit * q)];
            }
        }

        int Bin(double t) => (int)Math.Min(bins - 1, Math.Max(0, t) / CodesPerUnit / binWidth);
    }

    /// <summary>Bytes of one row.</summary>
    public int RowBytes => 1 << RowShift;

    public int RowShift { get; }

    /// <summary>Bytes of a row that count bins; the shorts lie behind them.</summary>
    public int CountBytes { get; }

    public byte* Rows => (byte*)rows.Pointer;

    public static PhaseTables For(PhaseEvidenceOptions options) =>
        Known.GetOrAdd((options.Bins, options.Periods, options.BinWidth), static key => new PhaseTables(key.Item1, key.Item2, key.Item3));

    public static short Cosine(int code, int period)
    {
        // The remainder first: the angle stays below one turn.
        int turn = CodesPerUnit * period;
        return (short)Math.Round(CombScale * Math.Cos(2 * Math.PI * (code % turn) / turn));
    }
}
