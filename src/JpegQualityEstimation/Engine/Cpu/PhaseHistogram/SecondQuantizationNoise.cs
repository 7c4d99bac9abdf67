using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// SecondQuantizationNoise: how far a second compression moves the coefficients of a grid that is shifted against its own.
// Coefficient j of the second grid errs by a variance of min(q2[j]^2 / 12, E[x[j]^2]): uniform rounding, or the
// coefficient itself where the step zeroes it. A block of the shifted grid overlaps four of the second; one dimension,
// shift d, passes the share W[d,u,u'] = <b_u shifted by d, b_u'>^2 (summed over both blocks) of the error at u' on to u.
//   variance[i] = mean over shifts of sum over j of W[dy,v_i,v_j] W[dx,u_i,u_j] min(..) + 1/6 (two roundings to samples)
static class SecondQuantizationNoise
{
    const double SampleRounding = 2 / 12.0;

    static readonly double[] MeanShare = ShareOfShifts();

    /// <summary>Standard deviation of each coefficient of a shifted grid.</summary>
    /// <param name="second">Table of the second compression.</param>
    /// <param name="power">[64] mean squares of the coefficients, zig-zag.</param>
    /// <param name="deviation">Zig-zag, the first coefficients as far as it goes.</param>
    public static void Deviation(QuantTable second, ReadOnlySpan<double> power, Span<double> deviation)
    {
        ushort[] steps = second.ZigZagOrder();
        for (int i = 0; i < deviation.Length; i++)
        {
            int to = ZigZag.ToNatural[i];
            double variance = SampleRounding;
            for (int j = 0; j < 64; j++)
            {
                int from = ZigZag.ToNatural[j];
                double share = MeanShare[to / 8 * 8 + from / 8] * MeanShare[to % 8 * 8 + from % 8];
                variance += share * Math.Min(steps[j] * steps[j] / 12.0, power[j]);
            }
            deviation[i] = Math.Sqrt(variance);
        }
    }

    /// <summary>[u,u'] over the eight shifts, each as likely.</summary>
    static double[] ShareOfShifts()
    {
        var mean = new double[64];
        for (int shift = 0; shift < 8; shift++)
            for (int u = 0; u < 8; u++)
                for (int other = 0; other < 8; other++)
                {
                    double near = 0;
                    double far = 0;
                    for (int i = 0; i < 8; i++)
                        if (i + shift < 8)
                            near += Basis(u, i) * Basis(other, i + shift);
                        else
                            far += Basis(u, i) * Basis(other, i + shift - 8);
                    mean[u * 8 + other] += (near * near + far * far) / 8;
                }
        return mean;
    }

    static double Basis(int frequency, int sample) =>
        (frequency == 0 ? Math.Sqrt(0.125) : 0.5) * Math.Cos((2 * sample + 1) * frequency * Math.PI / 16);
}
