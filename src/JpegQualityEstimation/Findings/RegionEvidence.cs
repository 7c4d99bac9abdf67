using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Findings;

// RegionEvidence: what RegionFinder needs of each window, in 69 bytes instead of 1160, taken while a map is made.
//   [0..51)   -16 ln p(quality factor 50..100), p = softmax over the factors of sum_i ln max(p_i(step), 1e-6) / Dependence
//   [51..59)  the 8 most probable grid shifts, 255 where the model gives none
//   [59..67)  -16 ln of their probabilities
//   [67]      -16 ln of the mean probability of the 56 others
//   [68]      255 r, r = how far the quality factors can be relied on: the probability of the best shift, or, where that is more,
//             (c - Unsure) / (Sure - Unsure), c = mean of the 15 largest step probabilities
// Dependence: the 15 blocks are readings of one table, not 15 independent ones.
// Probabilities are the network's own, not calibrated: all constants here were chosen on those.
// Rows are apart, so that it does not matter in which order they come.

/// <summary>What <see cref="RegionFinder"/> needs of a map that keeps no probabilities: 69 bytes a window.</summary>
/// <remarks>Make one for each map and hand <see cref="Receive"/> to <see cref="PrimaryMapOptions.RowReceiver"/>.</remarks>
public sealed class RegionEvidence
{
    internal const int LowestQuality = 50, Qualities = 51, Shifts = 8, AllShifts = 64;
    internal const int ShiftAt = Qualities, CodeAt = ShiftAt + Shifts, RestAt = CodeAt + Shifts, RelianceAt = RestAt + 1, WindowBytes = RelianceAt + 1;
    internal const byte NoShift = 255;

    // Code of a probability of one tenth.
    internal const byte Possible = 37;
    internal const double Scale = 16, Dependence = 10;
    const float Unsure = 0.5f, Sure = 0.68f;

    readonly List<byte[]?> rows = [];

    /// <summary>Takes a row of windows; each once, in any order, one call at a time.</summary>
    /// <param name="row">The row.</param>
    public void Receive(PrimaryMapRow row)
    {
        int width = row.RawProbabilities.Length / PrimaryBlocks.Outputs;
        var bytes = new byte[width * WindowBytes];
        for (int x = 0; x < width; x++)
        {
            Take(
                row.RawProbabilities.Slice(x * PrimaryBlocks.Outputs, PrimaryBlocks.Outputs),
                row.RawGridShifts.IsEmpty ? default : row.RawGridShifts.Slice(x * AllShifts, AllShifts), bytes.AsSpan(x * WindowBytes, WindowBytes));
        }
        while (rows.Count <= row.Y)
            rows.Add(null);
        rows[row.Y] = bytes;
    }

    internal static RegionEvidence Of(PrimaryQuantMap map)
    {
        if (!map.HasProbabilities)
        {
            throw new ArgumentException(
                $"the map keeps no probabilities: make it with {nameof(PrimaryMapOptions)}.{nameof(PrimaryMapOptions.KeepProbabilities)}, or give a {nameof(RegionEvidence)} filled by its {nameof(PrimaryMapOptions.RowReceiver)}",
                nameof(map));
        }
        var evidence = new RegionEvidence();
        for (int y = 0; y < map.Height; y++)
            evidence.Receive(map.ProbabilityRow(y));
        return evidence;
    }

    // Every so many windows of every so many rows.
    internal RegionEvidence Every(int step)
    {
        if (step == 1)
            return this;
        var coarse = new RegionEvidence();
        for (int y = 0; y < rows.Count; y += step)
        {
            byte[] row = rows[y]!, kept = new byte[(row.Length / WindowBytes + step - 1) / step * WindowBytes];
            for (int x = 0; x < kept.Length; x += WindowBytes)
                row.AsSpan(x * step, WindowBytes).CopyTo(kept.AsSpan(x));
            coarse.rows.Add(kept);
        }
        return coarse;
    }

    internal bool Fits(PrimaryQuantMap map) =>
        rows.Count == map.Height && rows.TrueForAll(row => row?.Length == map.Width * WindowBytes);

    internal ReadOnlySpan<byte> Row(int y) => rows[y];

    // Probability of a window's best grid shift.
    internal static double Clarity(ReadOnlySpan<byte> window) => window[ShiftAt] == NoShift ? 0 : Math.Exp(-window[CodeAt] / Scale);

    static void Take(ReadOnlySpan<float> probabilities, ReadOnlySpan<float> shifts, Span<byte> bytes)
    {
        Span<double> qualities = stackalloc double[Qualities];
        PrimaryPosterior.Qualities(probabilities, qualities);
        double largest = double.NegativeInfinity, sum = 0;
        foreach (double value in qualities)
            largest = Math.Max(largest, value);
        foreach (double value in qualities)
            sum += Math.Exp((value - largest) / Dependence);
        double log = Math.Log(sum);
        for (int q = 0; q < Qualities; q++)
            bytes[q] = Code(log - (qualities[q] - largest) / Dependence);
        TakeShifts(shifts, bytes);
        float confidence = 0, shift = 0;
        for (int i = 0; i < PrimaryBlocks.Count; i++)
        {
            float most = 0;
            foreach (float p in probabilities.Slice(PrimaryBlocks.Offsets[i], PrimaryBlocks.Sizes[i]))
                most = Math.Max(most, p);
            confidence += most / PrimaryBlocks.Count;
        }
        foreach (float p in shifts)
            shift = Math.Max(shift, p);
        bytes[RelianceAt] = (byte)Math.Round(255 * Math.Clamp(Math.Max(shift, (confidence - Unsure) / (Sure - Unsure)), 0, 1));
    }

    static void TakeShifts(ReadOnlySpan<float> shifts, Span<byte> bytes)
    {
        bytes.Slice(ShiftAt, Shifts).Fill(NoShift);
        bytes[CodeAt..(RestAt + 1)].Fill(Code(Math.Log(AllShifts)));
        if (shifts.IsEmpty)
            return;
        ulong taken = 0;
        double rest = 1;
        for (int k = 0; k < Shifts; k++)
        {
            int best = -1;
            for (int s = 0; s < AllShifts; s++)
                if ((taken >> s & 1) == 0 && (best < 0 || shifts[s] > shifts[best]))
                    best = s;
            taken |= 1ul << best;
            rest -= shifts[best];
            bytes[ShiftAt + k] = (byte)best;
            bytes[CodeAt + k] = Code(-Math.Log(Math.Max(shifts[best], 1e-7)));
        }
        bytes[RestAt] = Code(-Math.Log(Math.Max(rest / (AllShifts - Shifts), 1e-7)));
    }

    static byte Code(double minusLog) => (byte)Math.Clamp(Math.Round(Scale * minusLog), 0, 255);
}
