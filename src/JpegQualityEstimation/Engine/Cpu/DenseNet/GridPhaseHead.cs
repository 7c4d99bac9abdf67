using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// GridPhaseHead: what DenseNet-40 learns beside the steps where its recipe says so, and what no model file holds: at each of the
// 16x16 places behind the last batch norm, which row and which column of the first compression's 8x8 grid its pixel lies in.
//   z[k,p] = sum_c w[k,c] f[c,p] + b[k],  k 0..7 rows, 8..15 columns;  place (y,x) is pixel (4y,4x)
//   loss of a window with first grid (r,s):  1/512 sum_p -log softmax(z[0..7,p])[(4y - r) mod 8] - log softmax(z[8..15,p])[(4x - s) mod 8]
// A label a place instead of fifteen a window. Ours; the paper has none.
// Features [456][256], places in the order of TilePlanes.Rows. Not safe for concurrent use.

/// <summary>Grid phase of the first compression at every place of the last block: outputs, loss, gradients of one window.</summary>
sealed unsafe class GridPhaseHead(DenseBlockOps ops)
{
    public const int Classes = DenseNet40Architecture.PhaseOutputs;
    public const int Places = 256;
    const int Features = DenseNet40Architecture.Features;
    const int Period = 8;
    const int Side = 16;
    const int PixelsAPlace = DenseNet40Architecture.WindowSize / Side;

    readonly AlignedFloats features = new(Features * Places);
    readonly AlignedFloats gradients = new(Features * Places);

    /// <summary>Gradient by the features, [456] rows of 256.</summary>
    public PlaneRows Gradients => new(gradients.Pointer, Places, Side);

    /// <summary>Takes the features of a window.</summary>
    public void Activate(in PlaneRows values, float* scale, float* shift) =>
        ops.Activate(values, Features, scale, shift, new PlaneRows(features.Pointer, Places, Side), Side, Side);

    /// <summary>Outputs of a window.</summary>
    /// <param name="weights">[16,456].</param>
    /// <param name="bias">[16].</param>
    /// <param name="outputs">[16,256].</param>
    public void Outputs(float* weights, float* bias, float* outputs)
    {
        for (int k = 0; k < Classes; k++)
        {
            float* to = outputs + k * Places;
            new Span<float>(to, Places).Fill(bias[k]);
            for (int c = 0; c < Features; c++)
                ops.AddScaled(features.Pointer + c * Places, weights[k * Features + c], to, Places);
        }
    }

    /// <summary>Loss of a window.</summary>
    /// <param name="outputs">[16,256], overwritten with the gradient of factor times the loss.</param>
    /// <param name="phase">Row and column of the first grid, 8 r + s; above 63: there is none, and no loss.</param>
    /// <param name="rows">Row 0..15 of each place.</param>
    /// <param name="columns">Column of each.</param>
    /// <param name="factor">Of the gradient.</param>
    /// <param name="posterior">[64], overwritten with the logarithm of each phase's likelihood, up to a constant.</param>
    public static double Apply(Span<float> outputs, int phase, ReadOnlySpan<uint> rows, ReadOnlySpan<uint> columns, double factor, Span<float> posterior)
    {
        Span<double> scores = stackalloc double[Classes];
        double loss = Axis(outputs[..(Period * Places)], phase / Period, rows, factor, scores[..Period]) +
            Axis(outputs[(Period * Places)..], phase % Period, columns, factor, scores[Period..]);
        for (int i = 0; i < posterior.Length; i++)
            posterior[i] = (float)(scores[i / Period] + scores[Period + i % Period]);
        if (phase < Period * Period)
            return loss;
        outputs.Clear();
        return 0;
    }

    static double Axis(Span<float> outputs, int first, ReadOnlySpan<uint> at, double factor, Span<double> scores)
    {
        Span<double> f = stackalloc double[Period];
        double loss = 0;
        for (int p = 0; p < Places; p++)
        {
            int pixel = PixelsAPlace * (int)at[p];
            double most = double.NegativeInfinity, sum = 0;
            for (int k = 0; k < Period; k++)
                most = Math.Max(most, outputs[k * Places + p]);
            for (int k = 0; k < Period; k++)
                sum += f[k] = Math.Exp(outputs[k * Places + p] - most);
            double log = most + Math.Log(sum);
            int truth = pixel - first & Period - 1;
            loss += log - outputs[truth * Places + p];
            for (int k = 0; k < Period; k++)
            {
                scores[pixel - k & Period - 1] += outputs[k * Places + p] - log;
                outputs[k * Places + p] = (float)(factor * (f[k] / sum - (k == truth ? 1 : 0)) / (2 * Places));
            }
        }
        return loss / (2 * Places);
    }

    /// <summary>Gradients of a window.</summary>
    /// <param name="dOutputs">[16,256].</param>
    /// <param name="weights">[16,456].</param>
    /// <param name="dAverages">[456], what each place's features get beside.</param>
    /// <param name="dWeights">[16,456], added to.</param>
    /// <param name="dBias">[16], added to.</param>
    public void Backward(float* dOutputs, float* weights, float* dAverages, float* dWeights, float* dBias)
    {
        for (int c = 0; c < Features; c++)
            new Span<float>(gradients.Pointer + c * Places, Places).Fill(dAverages[c]);
        for (int k = 0; k < Classes; k++)
        {
            float* d = dOutputs + k * Places;
            for (int p = 0; p < Places; p++)
                dBias[k] += d[p];
            for (int c = 0; c < Features; c++)
            {
                dWeights[k * Features + c] += ops.Dot(d, features.Pointer + c * Places, Places);
                ops.AddScaled(d, weights[k * Features + c], gradients.Pointer + c * Places, Places);
            }
        }
    }
}
