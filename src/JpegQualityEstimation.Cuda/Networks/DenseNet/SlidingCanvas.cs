using JpegQualityEstimation.Cuda.Runtime;

namespace JpegQualityEstimation.Cuda.Networks.DenseNet;

// SlidingCanvas: a canvas that can slide down: rows that stay keep their values, new rows appear below. It has twice the rows
// of its window, so that a move to the top never overlaps itself.
sealed class SlidingCanvas : IDisposable
{
    readonly DeviceBuffer<byte> values;
    readonly DenseCanvas whole;
    readonly int valueBytes;
    int top;

    public SlidingCanvas(CudaStream stream, DenseNet40Kernels kernels, int pitch, int width, int height, int images)
    {
        valueBytes = kernels.ValueBytes;
        values = stream.Rent<byte>(2L * pitch * width * height * images * valueBytes);
        stream.Clear(values);
        whole = new DenseCanvas(values.Span.Address, pitch, width, height, 2L * pitch * width * height, images);
    }

    /// <summary>The rows it shows.</summary>
    public DenseCanvas Canvas => whole with { Address = whole.Address + (ulong)((long)top * whole.RowLength * valueBytes) };

    public void Slide(CudaStream stream, DenseNet40Kernels kernels, int rows)
    {
        top += rows;
        if (top <= whole.Height)
            return;
        kernels.Slide(stream, whole, top, whole.Height - rows);
        top = 0;
    }

    /// <summary>Back to the top; all rows are new.</summary>
    public void Restart() => top = 0;

    public void Dispose() => values.Dispose();
}
