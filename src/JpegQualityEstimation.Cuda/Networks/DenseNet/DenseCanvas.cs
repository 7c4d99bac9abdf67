using JpegQualityEstimation.Cuda.Runtime;

namespace JpegQualityEstimation.Cuda.Networks.DenseNet;

// DenseCanvas: concatenation buffers on a device, [image][y][x][channel] (kernels/densenet.cuh), and which of their pixels a
// launch computes: rows [0, Upper) and [Lower, Height); all columns, or with a ring the outermost Ring columns, those on the
// left in the first half of the images and those on the right in the second half.

/// <summary>A batch of concatenation buffers.</summary>
/// <param name="Address">Of the first value.</param>
/// <param name="Pitch">Channels of a pixel in memory, a multiple of 8.</param>
/// <param name="Width">Pixels of a row.</param>
/// <param name="Height">Rows of an image.</param>
/// <param name="ImageStride">Values from an image to the next.</param>
/// <param name="Images">Images.</param>
readonly record struct DenseCanvas(ulong Address, int Pitch, int Width, int Height, long ImageStride, int Images)
{
    public int Ring { get; private init; }

    public int Upper { get; private init; } = Height;

    public int Lower { get; private init; } = Height;

    /// <summary>Images one after the other.</summary>
    public static DenseCanvas Of(ulong address, int pitch, int width, int height, int images) =>
        new(address, pitch, width, height, (long)pitch * width * height, images);

    public int Columns => Ring > 0 ? Ring : Width;

    public int Rows => Upper + Height - Lower;

    /// <summary>Pixels that a launch computes.</summary>
    public long Pixels => (long)Images * Rows * Columns;

    public DenseCanvas WithRing(int ring) => this with { Ring = ring };

    public DenseCanvas WithRows(int upper, int lower) => this with { Upper = upper, Lower = lower };

    /// <summary>Strips of at most so many rows, none across the gap.</summary>
    public int Strips(int rows) => (Upper + rows - 1) / rows + (Height - Lower + rows - 1) / rows;

    public int RowLength => Pitch * Width;
}
