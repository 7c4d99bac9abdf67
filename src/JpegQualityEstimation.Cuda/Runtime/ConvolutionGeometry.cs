using System.Globalization;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Cuda.Runtime;

// ConvolutionGeometry: a convolution of stride 1, input [n,h,w,c] -> output [n,h',w',k], filter [k,r,s,c], channels last.
//   h' = h + 2 padding - dilation (side - 1)
// A buffer may hold more channels than the convolution sees (a concatenation): its pitch is the step from one pixel to the
// next, and the span handed over starts at the first channel seen. Row pitches, in pixels, let the picture be part of a wider one.
readonly record struct ConvolutionGeometry(int Count, int Height, int Width, int Inputs, int Outputs)
{
    /// <summary>Rows and columns of the filter: 3 or 1.</summary>
    public int Side { get; init; } = 3;

    public int Dilation { get; init; } = 1;

    /// <summary>Zeros around the input; -1, the default, keeps its size.</summary>
    public int Padding { get; init; } = -1;

    /// <summary>Elements from one input pixel to the next; 0: as many as inputs.</summary>
    public int InputPitch { get; init; }

    /// <summary>Elements from one output pixel to the next; 0: as many as outputs.</summary>
    public int OutputPitch { get; init; }

    /// <summary>Pixels from one input row to the next; 0: the width.</summary>
    public int InputRow { get; init; }

    /// <summary>Pixels from one output row to the next; 0: the output's width.</summary>
    public int OutputRow { get; init; }

    /// <summary>How numbers are stored and multiplied; sums have 32 bits.</summary>
    public ComputePrecision Precision { get; init; }

    public int Zeros => Padding >= 0 ? Padding : Dilation * (Side - 1) / 2;

    public int OutputHeight => Height + 2 * Zeros - Dilation * (Side - 1);

    public int OutputWidth => Width + 2 * Zeros - Dilation * (Side - 1);

    public TensorStrides InputStrides => Strides(Height, Width, Inputs, InputPitch, InputRow);

    public TensorStrides OutputStrides => Strides(OutputHeight, OutputWidth, Outputs, OutputPitch, OutputRow);

    public int FilterLength => Outputs * Side * Side * Inputs;

    public int ElementBytes => Precision is ComputePrecision.Float16 or ComputePrecision.BFloat16 ? 2 : 4;

    /// <exception cref="ArgumentException">There is no such convolution.</exception>
    public void Require()
    {
        if (Count < 1 || Height < 1 || Width < 1 || Inputs < 1 || Outputs < 1 || Side < 1 || Dilation < 1 || OutputHeight < 1 || OutputWidth < 1
            || InputPitch != 0 && InputPitch < Inputs || OutputPitch != 0 && OutputPitch < Outputs
            || InputRow != 0 && InputRow < Width || OutputRow != 0 && OutputRow < OutputWidth
            || InputStrides.Length(Count, Height, Width, Inputs) > int.MaxValue || OutputStrides.Length(Count, OutputHeight, OutputWidth, Outputs) > int.MaxValue)
            throw new ArgumentException($"no convolution: {this}");
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"[{Count},{Height},{Width},{Inputs}] -> [{Count},{OutputHeight},{OutputWidth},{Outputs}], {Side}x{Side}, dilation {Dilation}, padding {Zeros}, strides {InputStrides} -> {OutputStrides}, {Precision}");

    static TensorStrides Strides(int height, int width, int channels, int pitch, int row)
    {
        long w = pitch == 0 ? channels : pitch;
        long h = w * (row == 0 ? width : row);
        return new TensorStrides(h * height, h, w);
    }
}

/// <summary>Elements from one picture, row, pixel to the next.</summary>
readonly record struct TensorStrides(long Picture, long Row, long Pixel)
{
    /// <summary>Elements from the first to the last, both included.</summary>
    public long Length(int count, int height, int width, int channels) =>
        (count - 1) * Picture + (height - 1) * Row + (width - 1) * Pixel + channels;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"({Picture}, {Row}, {Pixel})");
}
