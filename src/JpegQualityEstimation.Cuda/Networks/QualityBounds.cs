using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks;

// QualityBounds: how far raw quality maps of a device may lie from the processor's (direct convolutions), relative to the largest
// value of the map.
//   unit roundoff u: 2^-24 for floats, 2^-11 for tf32 and half, 2^-9 for bfloat16
// A layer rounds both factors of every product, and its result: sqrt(3) u, since the roundings of a sum's terms are independent
// and in proportion to them; the seven layers add up as a random walk; four standard deviations are the bound. In floats the
// order of the sums counts more: every addition rounds, and the roundings of n terms come to sqrt(n) u.
static class QualityBounds
{
    const int Terms = 9 * QualityArchitecture.Width;

    public static double Of(ComputePrecision precision) => precision == ComputePrecision.Float32
        ? 4 * Math.Sqrt((double)QualityArchitecture.Layers * Terms) * UnitRoundoff(precision)
        : 4 * Math.Sqrt(3 * QualityArchitecture.Layers) * UnitRoundoff(precision);

    static double UnitRoundoff(ComputePrecision precision) => precision switch
    {
        ComputePrecision.TensorFloat32 or ComputePrecision.Float16 => 1.0 / (1 << 11),
        ComputePrecision.BFloat16 => 1.0 / (1 << 9),
        _ => 1.0 / (1 << 24),
    };
}
