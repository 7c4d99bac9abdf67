namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// CombDensity: the magnitudes of one coefficient as a density on cells of 1/4, smoothed by a Gaussian (null), and what
// it would be at the phase of a first step q: Gaussians of the noise's width at 0, q, 2q, .. with null's masses.
// Magnitudes: what would lie below 0 is folded back. Masses outside the table go to its last cell.
sealed class CombDensity
{
    /// <summary>Cells.</summary>
    public const int Length = (PhaseTables.LastCode >> 1) + 1;

    const int CellsPerUnit = 4;

    // Share of values that are not where the comb says.
    const double Outliers = 0.1;

    // Width of null's smoothing over the spread of the values.
    const double Bandwidth = 0.3;

    readonly double[] histogram = new double[Length];
    readonly double[] smooth = new double[Length];
    readonly double[] comb = new double[Length];
    readonly double[] masses = new double[Length];
    readonly double[] kernel = new double[Length];
    int end;

    /// <summary>Cell of a code.</summary>
    public static int Cell(int code) => code + 1 >> 1;

    public void Clear()
    {
        Array.Clear(histogram);
        end = 1;
    }

    public void Add(ReadOnlySpan<ushort> codes)
    {
        foreach (ushort code in codes)
        {
            int cell = Cell(code);
            histogram[cell]++;
            end = Math.Max(end, cell + 1);
        }
    }

    /// <summary>Makes null of the values added.</summary>
    public void Smooth(double deviation)
    {
        double count = 0;
        double sum = 0;
        for (int g = 0; g < end; g++)
        {
            count += histogram[g];
            sum += histogram[g] * g;
        }
        double spread = 0;
        for (int g = 0; g < end; g++)
            spread += histogram[g] * Math.Abs(g - sum / count);
        double width = Math.Max(deviation * CellsPerUnit, Bandwidth * spread / count);
        Array.Clear(smooth);
        end = Math.Min(Length, end + (int)(4 * width) + 1);
        Blur(histogram, 1, width, smooth, 1 / count);
        for (int g = 0; g < end; g++)
            smooth[g] += 1e-9;
    }

    /// <summary>log of the comb's density over null's, by cell.</summary>
    public void LogRatio(int step, double deviation, double[] ratio)
    {
        int period = step * CellsPerUnit;
        Array.Clear(masses, 0, end);
        for (int g = 0; g < end; g++)
        {
            // The cell in the middle between two multiples goes to both.
            int below = g / period * period;
            int above = below + period;
            int distance = 2 * (g - below) - period;
            double toAbove = distance > 0 ? 1 : distance == 0 ? 0.5 : 0;
            masses[below] += (1 - toAbove) * smooth[g];
            masses[Math.Min(above, end - 1)] += toAbove * smooth[g];
        }
        Array.Clear(comb, 0, end);
        Blur(masses, period, deviation * CellsPerUnit, comb, 1);
        for (int g = 0; g < end; g++)
            ratio[g] = Math.Log((1 - Outliers) * comb[g] / smooth[g] + Outliers);
    }

    /// <summary>output += every period-th cell of the input, spread out.</summary>
    void Blur(double[] input, int period, double width, double[] output, double gain)
    {
        int reach = Math.Min(Length - 1, (int)(4 * width) + 1);
        double total = 0;
        for (int d = 0; d <= reach; d++)
            total += (d == 0 ? 1 : 2) * (kernel[d] = Math.Exp(-0.5 * d * d / (width * width)));
        for (int g = 0; g < end; g += period)
        {
            double mass = input[g] * gain / total;
            if (mass == 0)
                continue;
            for (int d = -reach; d <= reach; d++)
            {
                int to = Math.Abs(g + d);
                if (to < end)
                    output[to] += mass * kernel[Math.Abs(d)];
            }
        }
    }
}
