using JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

namespace JpegQualityEstimation.Findings;

// StepNoise: ln of the density of values around a multiple of a step, by distance in eighths, to half a step or Tail.
//   sum over k of g(x + k step) + Strays, g normal with variance 1/12
// and the same before a last step of 1, which moves a share by 1 either way before the noise is added; and, of a coefficient a
// share s of whose values is of parts with another history,
//   (1 - s) density + s (1 / step + Strays)
// Immutable.
sealed class StepNoise
{
    /// <summary>From here on there are strays only.</summary>
    public const int Tail = 24;

    /// <summary>Eighths beyond which nothing is noise around 0, moved by 1 or not.</summary>
    public const int Beyond = 14;

    /// <summary>ln 2: as probable as a stray.</summary>
    public const double Doubt = 0.6931471805599453;

    // One in fifty, over sixteen units.
    const double Strays = 0.02 / 16;

    /// <summary>ln of the density of strays.</summary>
    public static readonly double Stray = Math.Log(Strays);

    static readonly double[] shares = [0.01, 0.03, 0.1, 0.3];
    static readonly StepNoise?[] known = new StepNoise[256];

    StepNoise(int step)
    {
        Density = Table(step, 0);
        DensityBeforeOne = Table(step, StepShares.Moved);
        Elsewhere = 1.0 / step + Strays;
        DensityWithParts = [.. shares.Select(share => Density.Select(density => (float)Math.Log((1 - share) * Math.Exp(density) + share * Elsewhere)).ToArray())];
    }

    /// <summary>Shares of values of parts with another history that a coefficient may have.</summary>
    public static ReadOnlySpan<double> Shares => shares;

    /// <summary>[Tail + 1].</summary>
    public float[] Density { get; }

    /// <summary>[Tail + 1].</summary>
    public float[] DensityBeforeOne { get; }

    /// <summary>[shares, Tail + 1].</summary>
    public float[][] DensityWithParts { get; }

    /// <summary>Density of a value of such a part, not as a logarithm.</summary>
    public double Elsewhere { get; }

    /// <param name="step">1..255.</param>
    public static StepNoise Of(int step) => known[step] ??= new StepNoise(step);

    static float[] Table(int step, double moved)
    {
        double peak = Math.Sqrt(6 / Math.PI);
        var table = new float[Tail + 1];
        for (int i = 0; i < table.Length; i++)
        {
            double sum = 0;
            for (int k = -4; k <= 4; k++)
                sum += At((double)i / PhaseTables.CodesPerUnit + k * step);
            table[i] = (float)Math.Log(sum + Strays);
        }
        return table;

        double At(double x) => peak * ((1 - 2 * moved) * Normal(x) + moved * (Normal(x - 1) + Normal(x + 1)));
    }

    static double Normal(double x) => Math.Exp(-6 * x * x);
}
