using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using static JpegQualityEstimation.Training.Evaluation.BianchiPivaModel;

namespace JpegQualityEstimation.Training.Evaluation;

// BianchiPivaShiftedMap: which blocks, on the grid of the first compression, show non-aligned double compression. Each
// coefficient of steps q1, q2:
//   p0   values on the grid one row and column from that of the first
//   p1   comb(q1) with noise of variance q2^2/12 + 1/12: the second quantization and rounding
//   q1   max(2, q2 / sqrt 3) to the larger of q2 and the standard step at quality 50, the largest likelihood of the mixture
// The shift is the one of 63 with the largest likelihood a block of the first coefficient; a block's value is the sum over the
// coefficients of log p1 / p0. One grid and one first table for the whole picture.

static class BianchiPivaShiftedMap
{
    static readonly ushort[] coarsest = QuantTable.StandardLuminance(50).ZigZagOrder();

    public static BlockMap Of(PixelView picture, QuantTable second)
    {
        var transform = new BlockTransform(picture);
        ushort[] steps = second.ZigZagOrder();
        int shift = 1;
        double most = double.NegativeInfinity;
        for (int s = 1; s < 64; s++)
        {
            if (Fit(transform, 0, s / 8, s % 8, steps[0]).Likelihood is var likelihood && likelihood > most)
                (shift, most) = (s, likelihood);
        }
        int row = shift / 8, column = shift % 8, rows = transform.Rows(row), columns = transform.Columns(column);
        var ratios = new float[rows * columns];
        for (int k = 0; k < Coefficients; k++)
        {
            (float[] values, double[] once, double[]? twice, _) = Fit(transform, k, row, column, steps[k]);
            for (int b = 0; b < ratios.Length && twice is not null; b++)
                ratios[b] += (float)Math.Log(twice[Cell(values[b])] / once[Cell(values[b])]);
        }
        return new BlockMap(rows, columns, row, column, ratios);
    }

    static (float[] Values, double[] Once, double[]? Twice, double Likelihood) Fit(BlockTransform transform, int k, int row, int column, int q2)
    {
        float[] values = transform.Coefficients(k, row, column), displaced = transform.Coefficients(k, Beside(row), Beside(column));
        double[] counts = Histogram(values), prior = Histogram(displaced), once = Probabilities(prior, displaced.Length);
        double deviation = Math.Sqrt((q2 * q2 + 1) / 12.0);
        int reach = (int)Math.Ceiling(3 * deviation);
        double[]? twice = null;
        double best = double.NegativeInfinity;
        for (int q1 = Math.Max(2, (int)(q2 / Math.Sqrt(3))); q1 <= Math.Max(q2, (int)coarsest[k]); q1++)
        {
            double[] next = Probabilities(Comb(prior, q1, deviation, reach), displaced.Length);
            double gain = Gain(counts, once, next);
            if (gain > best)
                (best, twice) = (gain, next);
        }
        for (int x = 0; x < Cells; x++)
            best += counts[x] > 0 ? counts[x] * Math.Log(once[x]) : 0;
        return (values, once, twice, best / values.Length);
    }

    static int Beside(int origin) => origin < 4 ? origin + 1 : origin - 1;
}
