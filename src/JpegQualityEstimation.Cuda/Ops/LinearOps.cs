using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Cuda.Ops;

// A linear layer: out[n,k] = bias[k] + sum over c of x[n,c] weight[k,c], and its gradients. The products are cuBLAS's where
// there is one, else our own: these start from the bias and add in the order of c (of k for dX, of n for dWeight), with the
// same bits on every device.
sealed class LinearOps(MatrixProductOps products, BiasOps biases, CublasContext? cublas)
{
    /// <param name="x">[n, inputs].</param>
    /// <param name="weight">[outputs, inputs].</param>
    /// <param name="bias">[outputs].</param>
    /// <param name="output">[n, outputs], overwritten.</param>
    /// <param name="shape">Sizes.</param>
    public void Forward(DeviceSpan<float> x, DeviceSpan<float> weight, DeviceSpan<float> bias, DeviceSpan<float> output, in LinearShape shape)
    {
        if (cublas is null)
        {
            products.Product(MatrixFactor.Of(x, shape.Count, shape.Inputs), MatrixFactor.Transposed(weight, shape.Inputs, shape.Outputs), bias, 0,
                output, shape.Outputs, ProductTerms.Plain, ProductBatch.One);
            return;
        }
        cublas.Gemm(new GemmShape(shape.Count, shape.Outputs, shape.Inputs) { TransposeB = true, Precision = shape.Precision }, x, weight, output);
        var rows = new FeatureSpan(output, Rows(shape));
        biases.Forward(rows, bias, rectify: false, rows);
    }

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
        {
            if (cublas is null)
                products.Product(MatrixFactor.Of(dOut, shape.Count, shape.Outputs), MatrixFactor.Of(weight, shape.Outputs, shape.Inputs), dX);
            else
                cublas.Gemm(new GemmShape(shape.Count, shape.Inputs, shape.Outputs) { Precision = shape.Precision }, dOut, weight, dX);
        }
        if (cublas is null)
            products.Product(MatrixFactor.Transposed(dOut, shape.Outputs, shape.Count), MatrixFactor.Of(x, shape.Count, shape.Inputs), dWeight);
        else
            cublas.Gemm(new GemmShape(shape.Outputs, shape.Inputs, shape.Count) { TransposeA = true, Precision = shape.Precision }, dOut, x, dWeight);
        biases.Gradient(new FeatureSpan(dOut, Rows(shape)), null, null, dBias);
    }

    static FeatureLayout Rows(in LinearShape shape) => FeatureLayout.ChannelsLast(shape.Count, shape.Outputs, 1, 1);
}

/// <summary>Sizes of a linear layer.</summary>
/// <param name="Count">Rows.</param>
/// <param name="Inputs">Of a row.</param>
/// <param name="Outputs">Of a row.</param>
/// <param name="Precision">Whether cuBLAS may round factors to TF32; our own products never do.</param>
readonly record struct LinearShape(int Count, int Inputs, int Outputs, ComputePrecision Precision = ComputePrecision.Float32);
