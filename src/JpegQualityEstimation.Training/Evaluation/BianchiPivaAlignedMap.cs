using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using static JpegQualityEstimation.Training.Evaluation.BianchiPivaModel;

namespace JpegQualityEstimation.Training.Evaluation;

// BianchiPivaAlignedMap: which blocks show aligned double compression. Each coefficient of steps q1, q2:
//   p0   levels of q2 of the picture less its first row and column
//   p1   comb(q1) with the noise of rounding, then levels of q2
//   q1   1..20, the largest likelihood of the mixture
// A block's value is the sum over the coefficients of log p1 / p0 at its level; a q1 that divides q2 leaves no trace.

static class BianchiPivaAlignedMap
{
    const int MostFirst = 20, Reach = 2;

    static readonly double rounding = Math.Sqrt(1 / 12.0);

    public static BlockMap Of(PixelView picture, QuantTable second)
    {
        var transform = new BlockTransform(picture);
        int rows = transform.Rows(0), columns = transform.Columns(0);
        ushort[] steps = second.ZigZagOrder();
        var ratios = new float[rows * columns];
        for (int k = 0; k < Coefficients; k++)
        {
            int q2 = steps[k], most = Centre / q2;
            int[] levels = Array.ConvertAll(transform.Coefficients(k, 0, 0), value => Math.Clamp((int)MathF.Round(value / q2), -most, most) + most);
            var counts = new double[2 * most + 1];
            foreach (int level in levels)
                counts[level]++;
            float[] displaced = transform.Coefficients(k, 1, 1);
            double[] prior = Histogram(displaced);
            double[] once = Probabilities(Levels(prior, q2), displaced.Length);
            double[]? twice = null;
            double best = 0;
            for (int q1 = 1; q1 <= MostFirst; q1++)
            {
                double[] next = Probabilities(Levels(Comb(prior, q1, rounding, Reach), q2), displaced.Length);
                double gain = Gain(counts, once, next);
                if (gain > best)
                    (best, twice) = (gain, q2 % q1 == 0 ? null : next);
            }
            if (twice is null)
                continue;
            for (int b = 0; b < ratios.Length; b++)
                ratios[b] += (float)Math.Log(twice[levels[b]] / once[levels[b]]);
        }
        return new BlockMap(rows, columns, 0, 0, ratios);
    }
}
