using System.Numerics;

namespace JpegQualityEstimation.Training;

// Adam (Kingma, Ba 2015) with decoupled weight decay (Loshchilov, Hutter 2019) and a running average of the weights.
//   p -= rate * decay * p;  m = b1 m + (1-b1) g;  v = b2 v + (1-b2) g^2
//   p -= rate / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + eps);  average = d average + (1-d) p
// All arrays flat, of one length, not overlapping. Elementwise and without contraction: the same bits at every vector
// width and thread count. The norm of the gradient is summed in double, in a fixed order.

static class AdamOptimizer
{
    public readonly record struct Settings(double LearningRate, double Beta1, double Beta2, double Epsilon, double WeightDecay);

    /// <summary>One update; <paramref name="step"/> counts from 1.</summary>
    public static void Update(
        Span<float> parameters, ReadOnlySpan<float> gradient, Span<float> first, Span<float> second, long step, Settings settings)
    {
        float beta1 = (float)settings.Beta1, rest1 = (float)(1 - settings.Beta1);
        float beta2 = (float)settings.Beta2, rest2 = (float)(1 - settings.Beta2);
        float epsilon = (float)settings.Epsilon;
        float keep = (float)(1 - settings.LearningRate * settings.WeightDecay);
        float size = (float)(settings.LearningRate / (1 - Math.Pow(settings.Beta1, step)));
        float root = (float)Math.Sqrt(1 - Math.Pow(settings.Beta2, step));

        int width = Vector<float>.Count, i = 0;
        for (; i <= parameters.Length - width; i += width)
        {
            Vector<float> g = new(gradient[i..]);
            Vector<float> m = new Vector<float>(first[i..]) * beta1 + g * rest1;
            Vector<float> v = new Vector<float>(second[i..]) * beta2 + g * g * rest2;
            Vector<float> p = new Vector<float>(parameters[i..]) * keep;
            p -= m / (Vector.SquareRoot(v) / new Vector<float>(root) + new Vector<float>(epsilon)) * size;
            m.CopyTo(first[i..]);
            v.CopyTo(second[i..]);
            p.CopyTo(parameters[i..]);
        }
        for (; i < parameters.Length; i++)
        {
            float g = gradient[i];
            float m = first[i] * beta1 + g * rest1;
            float v = second[i] * beta2 + g * g * rest2;
            float p = parameters[i] * keep;
            p -= m / (MathF.Sqrt(v) / root + epsilon) * size;
            (first[i], second[i], parameters[i]) = (m, v, p);
        }
    }

    /// <summary>Moves the running average towards the parameters: average += (1 - decay) (parameters - average).</summary>
    public static void Average(Span<float> average, ReadOnlySpan<float> parameters, double decay)
    {
        float share = (float)(1 - decay);
        int i = 0;
        for (; i <= average.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> value = new(average[i..]);
            (value + (new Vector<float>(parameters[i..]) - value) * share).CopyTo(average[i..]);
        }
        for (; i < average.Length; i++)
            average[i] += share * (parameters[i] - average[i]);
    }

    /// <summary>The Euclidean norm; the gradient is shortened in place where it is longer than <paramref name="limit"/> (0: never).</summary>
    public static double Clip(Span<float> gradient, double limit)
    {
        double norm = Math.Sqrt(SquareSum.Of(gradient));
        if (limit > 0 && norm > limit)
            ScaledFloats.Apply(gradient, (float)(limit / norm), gradient);
        return norm;
    }
}
