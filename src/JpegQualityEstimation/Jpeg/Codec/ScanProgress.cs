namespace JpegQualityEstimation.Jpeg;

// ScanProgress: which coefficient bits the scans so far have told, per component (libjpeg's coef_bits).
// Stricter than libjpeg, which warns and reads on: a first scan comes once, a refinement continues where the last
// one stopped, AC follows DC, a sequential component has one scan. So no file can have work done over and over.
sealed class ScanProgress
{
    const int Unknown = -1;

    readonly JpegFrame frame;
    readonly int[][] low;

    public ScanProgress(JpegFrame frame)
    {
        this.frame = frame;
        low = new int[frame.Components.Length][];
        for (int i = 0; i < low.Length; i++)
        {
            low[i] = new int[64];
            low[i].AsSpan().Fill(Unknown);
        }
    }

    /// <summary>Every bit of every coefficient is there.</summary>
    public bool Complete => Array.TrueForAll(low, c => c.AsSpan().IndexOfAnyExcept(0) < 0);

    /// <summary>Enters a scan; false where it does not continue those before.</summary>
    public bool Enter(JpegScan scan)
    {
        foreach (int index in scan.Components)
        {
            int[] bits = low[index];
            if (scan.First > 0 && bits[0] == Unknown)
                return false;
            for (int k = scan.First; k <= scan.Last; k++)
            {
                if (bits[k] != (scan.High == 0 ? Unknown : scan.High))
                    return false;
                bits[k] = scan.Low;
            }
        }
        return true;
    }

    /// <summary>What is missing though the file is over; null where the picture is as its writer meant it.</summary>
    /// <remarks>
    /// AC coefficients above zig-zag index 9 that no scan mentions are zeros. Below, djpeg would smooth over the gap
    /// (block smoothing, jdcoefct): a guess that has no place in evidence.
    /// </remarks>
    public string? Missing()
    {
        for (int i = 0; i < low.Length; i++)
            for (int k = 0; k < 64; k++)
                if (low[i][k] > 0 || (low[i][k] == Unknown && k < 10))
                    return $"the file ends before component {frame.Components[i].Id} has all bits of coefficient {k}";
        return null;
    }
}
