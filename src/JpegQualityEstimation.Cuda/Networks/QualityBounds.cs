using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks;

// QualityBounds: how far raw quality maps and gradients of a device may lie from the processor's (direct convolutions).
//   maps       relative to the largest value of the map
//   gradients  of a layer's weights, or biases: the length of the difference relative to the gradient's
// A layer rounds both factors of every product, and its result: sqrt(3) u, u as in PrecisionBounds, since the roundings of a
// sum's terms are independent and in proportion to them; the seven layers, in a gradient there and back, add up as a random
// walk; four standard deviations are the bound. In floats the order of the sums counts more: every addition rounds, and the
// roundings of n terms come to sqrt(n) u. Where a pixel's sum is near zero its rounding may open or close the gate of the ReLU,
// which takes a pixel's gradient in or out: a share of the gates in proportion to the error, which adds its square root to the
// length. In floats our kernels have the processor's bits in every layer with a gate, and none differs.
static class QualityBounds
{
    const int Layers = QualityArchitecture.Layers;
    const int Terms = 9 * QualityArchitecture.Width;

    public static double Of(ComputePrecision precision) => 4 * Error(precision, Layers, Terms);

    /// <param name="precision">Of the convolutions.</param>
    /// <param name="pixels">Of the batch.</param>
    public static double Gradient(ComputePrecision precision, long pixels)
    {
        double error = Error(precision, 2 * Layers, Math.Max(Terms, pixels));
        return 4 * error + (precision == ComputePrecision.Float32 ? 0 : Math.Sqrt(error));
    }

    static double Error(ComputePrecision precision, int layers, long terms) =>
        Math.Sqrt(layers * (precision == ComputePrecision.Float32 ? terms : 3.0)) * PrecisionBounds.UnitRoundoff(precision);
}
