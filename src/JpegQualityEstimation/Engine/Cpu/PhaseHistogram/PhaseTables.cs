using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// PhaseTables: what one coefficient value adds to the tally of its phase, as rows to be added up.
//   histogram  [bins, RowBytes]          byte   1 in the value's bin
//   comb       [Codes, RowBytes / 2]     short  round(CombScale * cos(2 pi x / q)) for q = 1, 2, ..
// A value x is looked up by its code round(8 |x|). Samples of 0..255 give |x| <= 1024: the scaled DCT (8 x) of
// samples within +-128 never exceeds 64 * 128, so that the last row is the largest value there is.
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

    static readonly ConcurrentDictionary<(int, int), PhaseTables> Known = new();

    readonly AlignedFloats histogram;
    readonly AlignedFloats comb;

    PhaseTables(int bins, int periods)
    {
        RowShift = 6;
        while (1 << RowShift < Math.Max(bins, periods * sizeof(short)))
            RowShift++;
        histogram = new AlignedFloats((long)bins * RowBytes / sizeof(float));
        comb = new AlignedFloats((LastCode + 1L) * RowBytes / sizeof(float));
        Span<byte> ones = MemoryMarshal.AsBytes(histogram.Span);
        for (int bin = 0; bin < bins; bin++)
            ones[bin * RowBytes + bin] = 1;
        Span<short> cosines = MemoryMarshal.Cast<float, short>(comb.Span);
        for (int code = 0; code <= LastCode; code++)
            for (int q = 1; q <= periods; q++)
                cosines[code * (RowBytes / sizeof(short)) + q - 1] = Cosine(code, q);
    }

    /// <summary>Bytes of one row: 64, 128 or 256.</summary>
    public int RowBytes => 1 << RowShift;

    public int RowShift { get; }

    public byte* Histogram => (byte*)histogram.Pointer;

    public byte* Comb => (byte*)comb.Pointer;

    public static PhaseTables For(PhaseEvidenceOptions options) =>
        Known.GetOrAdd((options.Bins, options.Periods), static key => new PhaseTables(key.Item1, key.Item2));

    public static short Cosine(int code, int period)
    {
        // The remainder first: the angle stays below one turn.
        int turn = CodesPerUnit * period;
        return (short)Math.Round(CombScale * Math.Cos(2 * Math.PI * (code % turn) / turn));
    }
}
