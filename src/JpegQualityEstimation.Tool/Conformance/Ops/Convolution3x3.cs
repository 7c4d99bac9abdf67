namespace JpegQualityEstimation.Tool.Conformance.Ops;

// The dilated 3x3 convolution as its definition, over [n,h,w,c]; filters [k,3,3,c] (krsc) or [k,c,3,3].
static class Convolution3x3
{
    /// <summary>Tells the sum of every output, by its index in [n,h,w,k].</summary>
    public static void Forward(float[] x, int channels, float[] filter, float[]? bias, int outputs, int count, int width, int height, int dilation, bool krsc,
        Action<int, float> tell)
    {
        float[] sums = new float[outputs], weights = krsc ? Reorder(filter, outputs, channels) : Lay(filter, outputs, channels);
        for (int n = 0; n < count; n++)
            for (int y = 0; y < height; y++)
                for (int column = 0; column < width; column++)
                {
                    for (int k = 0; k < outputs; k++)
                        sums[k] = bias is null ? 0 : bias[k];
                    for (int tap = 0; tap < 9; tap++)
                    {
                        int v = y + (tap / 3 - 1) * dilation, u = column + (tap % 3 - 1) * dilation;
                        if (v < 0 || v >= height || u < 0 || u >= width)
                            continue;
                        int at = ((n * height + v) * width + u) * channels;
                        for (int c = 0; c < channels; c++)
                        {
                            float value = x[at + c];
                            if (value == 0)
                                continue;
                            ReadOnlySpan<float> row = weights.AsSpan((tap * channels + c) * outputs, outputs);
                            for (int k = 0; k < row.Length; k++)
                                sums[k] = MathF.FusedMultiplyAdd(value, row[k], sums[k]);
                        }
                    }
                    int to = ((n * height + y) * width + column) * outputs;
                    for (int k = 0; k < outputs; k++)
                        tell(to + k, sums[k]);
                }
    }

    /// <summary>[64,3,3,64] of x and dy [n,h,w,64].</summary>
    public static float[] WeightGradient(float[] x, float[] dy, int count, int width, int height, int dilation)
    {
        float[] gradient = new float[64 * 9 * 64];
        for (int pixel = 0; pixel < count * height * width; pixel++)
            for (int k = 0; k < 64; k++)
            {
                float slope = dy[pixel * 64 + k];
                if (slope == 0)
                    continue;
                int y = pixel / width % height, column = pixel % width;
                for (int tap = 0; tap < 9; tap++)
                {
                    int v = (tap / 3 - 1) * dilation, u = (tap % 3 - 1) * dilation;
                    if (y + v < 0 || y + v >= height || column + u < 0 || column + u >= width)
                        continue;
                    int from = (pixel + v * width + u) * 64, to = (k * 9 + tap) * 64;
                    for (int c = 0; c < 64; c++)
                        gradient[to + c] += slope * x[from + c];
                }
            }
        return gradient;
    }

    /// <summary>The filters [64,3,3,64] of the input gradient: taps turned round, inputs and outputs exchanged.</summary>
    public static float[] Turn(float[] filter)
    {
        float[] turned = new float[filter.Length];
        for (int k = 0; k < 64; k++)
            for (int tap = 0; tap < 9; tap++)
                for (int c = 0; c < 64; c++)
                    turned[(c * 9 + 8 - tap) * 64 + k] = filter[(k * 9 + tap) * 64 + c];
        return turned;
    }

    // [tap][c][k].
    static float[] Reorder(float[] krsc, int outputs, int channels)
    {
        float[] laid = new float[krsc.Length];
        for (int k = 0; k < outputs; k++)
            for (int at = 0; at < 9 * channels; at++)
                laid[at * outputs + k] = krsc[k * 9 * channels + at];
        return laid;
    }

    static float[] Lay(float[] kcrs, int outputs, int channels)
    {
        float[] laid = new float[kcrs.Length];
        for (int k = 0; k < outputs; k++)
            for (int c = 0; c < channels; c++)
                for (int tap = 0; tap < 9; tap++)
                    laid[(tap * channels + c) * outputs + k] = kcrs[(k * channels + c) * 9 + tap];
        return laid;
    }
}
