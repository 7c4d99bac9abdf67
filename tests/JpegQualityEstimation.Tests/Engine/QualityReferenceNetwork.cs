using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Tests.Engine;

// The quality network written as its definition, in double: no packing, no borders, no order of sums to keep.
static class QualityReferenceNetwork
{
    /// <summary>Outputs [2][h * w] of one RGB picture [h,w,3].</summary>
    public static double[][] Forward(double[] parameters, ReadOnlySpan<byte> picture, int width, int height)
    {
        double[][] planes = new double[3][];
        for (int c = 0; c < 3; c++)
        {
            planes[c] = new double[width * height];
            for (int i = 0; i < width * height; i++)
                planes[c][i] = picture[3 * i + c] / 255.0;
        }
        for (int l = 0; l < QualityArchitecture.Layers; l++)
        {
            planes = Convolve(planes, parameters, l, width, height);
            if (l < QualityArchitecture.Layers - 1)
                foreach (double[] plane in planes)
                    for (int i = 0; i < plane.Length; i++)
                        plane[i] = Math.Max(plane[i], 0);
        }
        return planes;
    }

    public static double Loss(double[] parameters, byte[] patches, float[] targets, int batch, int size)
    {
        int pixels = size * size;
        double sum = 0;
        for (int n = 0; n < batch; n++)
        {
            double[][] outputs = Forward(parameters, patches.AsSpan(n * pixels * 3, pixels * 3), size, size);
            for (int i = 0; i < pixels; i++)
                for (int k = 0; k < 2; k++)
                    sum += Math.Pow(outputs[k][i] - targets[(n * pixels + i) * 2 + k], 2);
        }
        return sum / (batch * pixels);
    }

    static double[][] Convolve(double[][] input, double[] parameters, int layer, int width, int height)
    {
        int d = QualityArchitecture.Dilations[layer];
        double[][] output = new double[QualityArchitecture.OutputChannels(layer)][];
        for (int k = 0; k < output.Length; k++)
        {
            double[] plane = output[k] = new double[width * height];
            Array.Fill(plane, parameters[QualityArchitecture.BiasOffset(layer) + k]);
            for (int c = 0; c < input.Length; c++)
                for (int tap = 0; tap < 9; tap++)
                {
                    double weight = parameters[QualityArchitecture.WeightOffset(layer) + (k * input.Length + c) * 9 + tap];
                    int dy = (tap / 3 - 1) * d;
                    int dx = (tap % 3 - 1) * d;
                    for (int y = Math.Max(0, -dy); y < Math.Min(height, height - dy); y++)
                        for (int x = Math.Max(0, -dx); x < Math.Min(width, width - dx); x++)
                            plane[y * width + x] += weight * input[c][(y + dy) * width + x + dx];
                }
        }
        return output;
    }
}
