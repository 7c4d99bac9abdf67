using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// CombLikelihood: primary quantization in closed form, the baseline of the learned estimators. No training.
// For each coefficient i, step q and grid phase p, over the blocks of the phase:
//   score[i,q,p] = sum of log(((1 - e) comb_q(x) + e null(x)) / null(x))
// null: the smoothed histogram of the magnitudes of all phases; comb_q: Gaussians at the multiples of q, as wide as the
// second compression's noise, with the masses that null has around them. A candidate table's score at a phase is the
// sum over the first 15 coefficients; the posterior is over (table, phase), all as likely before.
// The second grid's own phase carries the second comb and is left out: for non-aligned double compression.
// Deterministic; one object a thread.

/// <summary>Likelihood of candidate first tables at the grid phases of a window.</summary>
sealed class CombLikelihood
{
    /// <summary>Coefficients that are judged, zig-zag.</summary>
    public const int Coefficients = 15;

    readonly QuantTable second;
    readonly ushort[][] candidates;
    readonly int[] largest = new int[Coefficients];
    readonly bool[][] asked = new bool[Coefficients][];
    readonly int side;
    readonly PhaseBand band;
    readonly CombDensity density = new();
    readonly double[] ratio = new double[CombDensity.Length];

    /// <param name="candidates">First tables to choose from.</param>
    /// <param name="second">Table of the second compression.</param>
    /// <param name="side">Side of a window, at least 15.</param>
    /// <exception cref="ArgumentException">No candidates.</exception>
    public CombLikelihood(IReadOnlyList<QuantTable> candidates, QuantTable second, int side = 64)
    {
        if (candidates.Count == 0)
            throw new ArgumentException("no candidate tables", nameof(candidates));
        this.second = second;
        this.side = side;
        this.candidates = [.. candidates.Select(table => table.ZigZagOrder())];
        for (int i = 0; i < Coefficients; i++)
        {
            largest[i] = this.candidates.Max(steps => steps[i]);
            asked[i] = new bool[largest[i] + 1];
            foreach (ushort[] steps in this.candidates)
                asked[i][steps[i]] = true;
        }
        var options = new PhaseEvidenceOptions { Coefficients = 64, Bins = 1, Periods = 0 };
        band = new PhaseBand(options, side, side, side, CpuKernelSets.Chosen);
    }

    /// <summary>Judges one window.</summary>
    /// <param name="luma">Samples of 0..255.</param>
    /// <param name="stride">Samples from one row to the next.</param>
    /// <param name="gridX">Column of the first sample in the second grid.</param>
    /// <param name="gridY">Row of it.</param>
    public CombEstimate Estimate(ReadOnlySpan<float> luma, int stride, int gridX = 0, int gridY = 0)
    {
        for (int y = 0; y < side; y++)
            band.Row(y, luma.Slice(y * stride, side));
        Span<double> power = stackalloc double[64];
        Span<double> deviation = stackalloc double[Coefficients];
        for (int k = 0; k < 64; k++)
            power[k] = Power(k);
        SecondQuantizationNoise.Deviation(second, power, deviation);

        var scores = new double[Coefficients][];
        for (int i = 0; i < Coefficients; i++)
            scores[i] = Scores(i, deviation[i], gridX, gridY);
        return Posterior(scores);
    }

    double Power(int k)
    {
        double sum = 0;
        for (int y = 0; y < side - 7; y++)
            foreach (ushort code in band.Codes(k, y))
                sum += (double)code * code;
        return sum / ((side - 7) * (side - 7)) / (PhaseTables.CodesPerUnit * PhaseTables.CodesPerUnit);
    }

    /// <summary>[step, phase] of one coefficient.</summary>
    double[] Scores(int i, double deviation, int gridX, int gridY)
    {
        density.Clear();
        for (int y = 0; y < side - 7; y++)
            density.Add(band.Codes(i, y));
        density.Smooth(deviation);
        var scores = new double[(largest[i] + 1) * PhaseEvidenceOptions.Phases];
        for (int q = 1; q <= largest[i]; q++)
        {
            if (!asked[i][q])
                continue;
            density.LogRatio(q, deviation, ratio);
            Span<double> byPhase = scores.AsSpan(q * PhaseEvidenceOptions.Phases, PhaseEvidenceOptions.Phases);
            for (int y = 0; y < side - 7; y++)
            {
                ReadOnlySpan<ushort> codes = band.Codes(i, y);
                int row = (y + gridY & 7) * 8;
                for (int x = 0; x < codes.Length; x++)
                    byPhase[row + (x + gridX & 7)] += ratio[CombDensity.Cell(codes[x])];
            }
        }
        return scores;
    }

    CombEstimate Posterior(double[][] scores)
    {
        const int Phases = PhaseEvidenceOptions.Phases;
        var joint = new double[candidates.Length * Phases];
        for (int t = 0; t < candidates.Length; t++)
            for (int p = 0; p < Phases; p++)
                for (int i = 0; i < Coefficients; i++)
                    joint[t * Phases + p] += scores[i][candidates[t][i] * Phases + p];
        for (int t = 0; t < candidates.Length; t++)
            joint[t * Phases] = double.NegativeInfinity;
        double most = joint.Max();
        double total = 0;
        for (int n = 0; n < joint.Length; n++)
            total += joint[n] = Math.Exp(joint[n] - most);

        var tables = new double[candidates.Length];
        double[][] marginals = [.. largest.Select(steps => new double[steps + 1])];
        for (int t = 0; t < tables.Length; t++)
        {
            for (int p = 0; p < Phases; p++)
                tables[t] += joint[t * Phases + p] / total;
            for (int i = 0; i < Coefficients; i++)
                marginals[i][candidates[t][i]] += tables[t];
        }
        int best = Array.IndexOf(tables, tables.Max());
        Span<double> phases = joint.AsSpan(best * Phases, Phases);
        int phase = 1;
        for (int p = 2; p < Phases; p++)
            if (phases[p] > phases[phase])
                phase = p;
        return new CombEstimate(best, phase, tables, marginals);
    }

    /// <summary>First 15 zig-zag steps of a candidate.</summary>
    public ReadOnlySpan<ushort> Steps(int table) => candidates[table].AsSpan(0, Coefficients);
}
