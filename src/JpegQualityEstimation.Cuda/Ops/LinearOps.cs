using JpegQualityEstimation.Cuda.Runtime;

namespace JpegQualityEstimation.Cuda.Ops;

// A linear layer: out[n,k] = bias[k] + sum over c of x[n,c] weight[k,c], and its gradients, on our own products, whose bits
// are the same on every device. The bias joins the first term of each sum, and the order of terms is that of c (of k for dX,
// of n for dWeight).
sealed class LinearOps(MatrixProductOps products, BiasOps biases)
{
    /// <param name="x">[n, inputs].</param>
    /// <param name="weight">[outputs, inputs].</param>
    /// <param name="bias">[outputs].</param>
    /// <param name="output">[n, outputs], overwritten.</param>
    /// <param name="shape">Sizes.</param>
    public void Forward(DeviceSpan<float> x, DeviceSpan<float> weight, DeviceSpan<float> bias, DeviceSpan<float> output, in LinearShape shape) =>
        products.Product(MatrixFactor.Of(x, shape.Count, shape.Inputs), MatrixFactor.Transposed(weight, shape.Inputs, shape.Outputs), bias, 0,
            output, shape.Outputs, ProductTerms.Plain, ProductBatch.One);

    /// <summary>The gradients; dX empty: not asked for.</summary>
    /// <param name="dOut">[n, outputs].</param>
    /// <param name="x">[n, inputs].</param>
    /// <param name="weight">[outputs, inputs].</param>
    /// <param name="dX">[n, inputs], overwritten.</param>
    /// <param name="dWeight">[outputs, inputs], overwritten.</param>
    /// <param name="dBias">[outputs], overwritten.</param>
    /// <param name="shape">Sizes.</param>
    public void Gradient(DeviceSpan<float> dOut, DeviceSpan<float> x, DeviceSpan<float> weight, DeviceSpan<float> dX, DeviceSpan<float> dWeight,
        DeviceSpan<float> dBias, in LinearShape shape)
    {
        if (dX.Address != 0)
            products.Product(MatrixFactor.Of(dOut, shape.Count, shape.Outputs), MatrixFactor.Of(weight, shape.Outputs, shape.Inputs), dX);
        products.Product(MatrixFactor.Transposed(dOut, shape.Outputs, shape.Count), MatrixFactor.Of(x, shape.Count, shape.Inputs), dWeight);
        biases.Gradient(new FeatureSpan(dOut, FeatureLayout.ChannelsLast(shape.Count, shape.Outputs, 1, 1)), null, null, dBias);
    }
}

/// <summary>Sizes of a linear layer.</summary>
/// <param name="Count">Rows.</param>
/// <param name="Inputs">Of a row.</param>
/// <param name="Outputs">Of a row.</param>
readonly record struct LinearShape(int Count, int Inputs, int Outputs);
