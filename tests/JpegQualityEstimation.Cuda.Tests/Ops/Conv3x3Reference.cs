namespace JpegQualityEstimation.Cuda.Tests.Ops;

// The 3x3 convolution as its definition. Weights OIHW; the sum starts from the bias and takes r, s, c in this order, fused.
static class Conv3x3Reference
{
    /// <summary>[n,h,w,outputs]; what lies outside the picture [left, right) x [top, bottom) is zero, and so is what is read there.</summary>
    public static float[] Forward(float[] input, int channels, float[] weights, float[]? bias, int outputs, int count, int width, int height, int dilation,
        (int Left, int Top, int Right, int Bottom)? picture = null)
    {
        var (left, top, right, bottom) = picture ?? (0, 0, width, height);
        float[] output = new float[count * height * width * outputs];
        for (int n = 0; n < count; n++)
            for (int y = top; y < bottom; y++)
                for (int x = left; x < right; x++)
                    for (int k = 0; k < outputs; k++)
                    {
                        float sum = bias is null ? 0 : bias[k];
                        for (int tap = 0; tap < 9; tap++)
                        {
                            int iy = y + (tap / 3 - 1) * dilation, ix = x + (tap % 3 - 1) * dilation;
                            if (iy < top || iy >= bottom || ix < left || ix >= right)
                                continue;
                            int at = ((n * height + iy) * width + ix) * channels;
                            for (int c = 0; c < channels; c++)
                                sum = MathF.FusedMultiplyAdd(input[at + c], weights[(k * channels + c) * 9 + tap], sum);
                        }
                        output[((n * height + y) * width + x) * outputs + k] = sum;
                    }
        return output;
    }

    /// <summary>[outputs, channels, 3, 3] of dOut [n,h,w,outputs].</summary>
    public static float[] WeightGradient(float[] input, int channels, float[] dOutput, int outputs, int count, int width, int height, int dilation)
    {
        float[] gradient = new float[outputs * channels * 9];
        for (int n = 0; n < count; n++)
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                    for (int tap = 0; tap < 9; tap++)
                    {
                        int iy = y + (tap / 3 - 1) * dilation, ix = x + (tap % 3 - 1) * dilation;
                        if (iy < 0 || iy >= height || ix < 0 || ix >= width)
                            continue;
                        for (int k = 0; k < outputs; k++)
                            for (int c = 0; c < channels; c++)
                                gradient[(k * channels + c) * 9 + tap] +=
                                    input[((n * height + iy) * width + ix) * channels + c] * dOutput[((n * height + y) * width + x) * outputs + k];
                    }
        return gradient;
    }

    /// <summary>The filters of the input gradient: [inputs, outputs, 3, 3], taps turned round.</summary>
    public static float[] Transpose(float[] weights, int outputs, int inputs)
    {
        float[] transposed = new float[weights.Length];
        for (int k = 0; k < outputs; k++)
            for (int c = 0; c < inputs; c++)
                for (int tap = 0; tap < 9; tap++)
                    transposed[(c * outputs + k) * 9 + 8 - tap] = weights[(k * inputs + c) * 9 + tap];
        return transposed;
    }

    /// <summary>Channels [.., from] to [.., to], zeros added or the last ones left out.</summary>
    public static float[] Pad(float[] values, int from, int to)
    {
        float[] padded = new float[values.Length / from * to];
        for (int i = 0; i < values.Length / from; i++)
            values.AsSpan(i * from, Math.Min(from, to)).CopyTo(padded.AsSpan(i * to));
        return padded;
    }
}
