using JpegQualityEstimation.Cuda.Runtime;

namespace JpegQualityEstimation.Cuda.Tests.Runtime;

// A convolution and its adjoints, term by term, on buffers with the geometry's strides; what lies between is left alone.
sealed class ConvolutionReference(ConvolutionGeometry g)
{
    public static float[] Random(long length, int seed, int most)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, (int)length).Select(_ => (float)random.Next(-most, most + 1))];
    }

    // Sparse, so that every sum is exact in bfloat16, too.
    public float[] RandomInput(int seed) => Sparse(g.InputStrides.Length(g.Count, g.Height, g.Width, g.Inputs), seed);

    public float[] RandomOutput(int seed) => Sparse(g.OutputStrides.Length(g.Count, g.OutputHeight, g.OutputWidth, g.Outputs), seed);

    public float[] RandomFilter(int seed) => Random(g.FilterLength, seed, 1);

    public float[] Forward(float[] x, float[] w, float[] y, float beta)
    {
        float[] result = (float[])y.Clone();
        ForEachOutput((at, output) => result[at] = beta * y[at]);
        ForEachTerm((xAt, wAt, yAt) => result[yAt] += x[xAt] * w[wAt]);
        return result;
    }

    public float[] BiasRelu(float[] y, float[] bias)
    {
        float[] result = (float[])y.Clone();
        ForEachOutput((at, output) => result[at] = Math.Max(0, y[at] + bias[output]));
        return result;
    }

    public float[] InputGradient(float[] dy, float[] w, float[] dx, float beta)
    {
        float[] result = (float[])dx.Clone();
        TensorStrides s = g.InputStrides;
        for (int n = 0; n < g.Count; n++)
            for (int h = 0; h < g.Height; h++)
                for (int v = 0; v < g.Width; v++)
                    for (int c = 0; c < g.Inputs; c++)
                        result[n * s.Picture + h * s.Row + v * s.Pixel + c] *= beta;
        ForEachTerm((xAt, wAt, yAt) => result[xAt] += dy[yAt] * w[wAt]);
        return result;
    }

    public float[] WeightGradient(float[] x, float[] dy)
    {
        float[] result = new float[g.FilterLength];
        ForEachTerm((xAt, wAt, yAt) => result[wAt] += x[xAt] * dy[yAt]);
        return result;
    }

    static float[] Sparse(long length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, (int)length).Select(_ => random.Next(4) == 0 ? (float)random.Next(-1, 2) : 0)];
    }

    void ForEachOutput(Action<long, int> visit)
    {
        TensorStrides s = g.OutputStrides;
        for (int n = 0; n < g.Count; n++)
            for (int h = 0; h < g.OutputHeight; h++)
                for (int v = 0; v < g.OutputWidth; v++)
                    for (int k = 0; k < g.Outputs; k++)
                        visit(n * s.Picture + h * s.Row + v * s.Pixel + k, k);
    }

    void ForEachTerm(Action<long, long, long> visit)
    {
        TensorStrides from = g.InputStrides, to = g.OutputStrides;
        for (int n = 0; n < g.Count; n++)
            for (int h = 0; h < g.OutputHeight; h++)
                for (int v = 0; v < g.OutputWidth; v++)
                    for (int r = 0; r < g.Side; r++)
                        for (int s = 0; s < g.Side; s++)
                        {
                            int row = h - g.Zeros + r * g.Dilation, column = v - g.Zeros + s * g.Dilation;
                            if (row < 0 || row >= g.Height || column < 0 || column >= g.Width)
                                continue;
                            for (int k = 0; k < g.Outputs; k++)
                                for (int c = 0; c < g.Inputs; c++)
                                    visit(n * from.Picture + row * from.Row + column * from.Pixel + c, ((k * g.Side + r) * g.Side + s) * g.Inputs + c,
                                        n * to.Picture + h * to.Row + v * to.Pixel + k);
                        }
    }
}
