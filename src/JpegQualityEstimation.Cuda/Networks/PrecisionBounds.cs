using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks;

// PrecisionBounds: how far results on a device may lie from the processor's, the one place that says so.
//   unit roundoff u: of stored values and of factors, 2^-24 for floats, 2^-11 for tf32 and half, 2^-9 for bfloat16
// A layer rounds both factors of every product, and its result: its relative error is sqrt(3) u, since the roundings of the terms
// of a sum are independent and in proportion to them. Layers add up as a random walk, batch norm scaling error with signal;
// four standard deviations are the bound. In floats the order of the sums counts more: every addition rounds, and the
// roundings of n terms come to sqrt(n) u.
static class PrecisionBounds
{
    /// <summary>Layers of DenseNet-40.</summary>
    const int DenseNetLayers = 40;

    /// <summary>Most terms of a sum in it.</summary>
    const int DenseNetTerms = 9 * 444;

    /// <summary>Unit roundoff of what is stored or multiplied.</summary>
    public static double UnitRoundoff(ComputePrecision precision) => precision switch
    {
        ComputePrecision.TensorFloat32 or ComputePrecision.Float16 => 1.0 / (1 << 11),
        ComputePrecision.BFloat16 => 1.0 / (1 << 9),
        _ => 1.0 / (1 << 24),
    };

    /// <summary>Largest difference of an output of DenseNet-40, given the root mean square of the outputs.</summary>
    public static double DenseNet40(ComputePrecision precision, double scale) => scale * (precision == ComputePrecision.Float32
        ? 2 * Math.Sqrt((double)DenseNetLayers * DenseNetTerms) * UnitRoundoff(precision)
        : 4 * Math.Sqrt(3 * DenseNetLayers) * UnitRoundoff(precision));

    /// <summary>Layers of a phase-histogram network, one behind the other.</summary>
    const int PhaseHistogramLayers = 6;

    /// <summary>Largest difference of an output of a phase-histogram network, given the largest output.</summary>
    /// <remarks>In Float32 nothing but the exponential of the attention differs, by 2^-21 of each weight.</remarks>
    public static double PhaseHistogram(ComputePrecision precision, PhaseHistogramOptions options, double largest) => largest * (precision == ComputePrecision.Float32
        ? Math.Sqrt(options.TrunkInputs + options.Trunk) / (1 << 21)
        : 4 * Math.Sqrt(3 * PhaseHistogramLayers) * UnitRoundoff(ComputePrecision.TensorFloat32));
}
