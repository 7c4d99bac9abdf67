using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Cuda.Ops;

// StridedProductOps: launches StridedProduct in the tile that suits its shape.
//   Float32  multiply-adds in the order of the terms: every tile gives the same bits
//   others   tensor cores on factors rounded to tf32, from compute capability 8.0 on; floats below it
sealed class StridedProductOps(CudaStream stream, ComputePrecision precision)
{
    const int Threads = 256;

    // Rows and columns of the tiles, best first.
    readonly (KernelFunction Kernel, int Rows, int Columns)[] tiles =
    [
        .. new[] { (128, 64), (128, 48), (64, 64), (64, 48), (32, 32) }.Select(tile => (
            UsesTensorCores(stream, precision)
                ? stream.Runtime.Kernel("product_sm80", $"product_tf32_{tile.Item1}x{tile.Item2}")
                : stream.Runtime.Kernel("product", $"product_{tile.Item1}x{tile.Item2}"),
            tile.Item1, tile.Item2)),
    ];

    static bool UsesTensorCores(CudaStream stream, ComputePrecision precision) =>
        precision != ComputePrecision.Float32 && stream.Runtime.ComputeMajor >= 8;

    public void Run(in StridedProduct p)
    {
        (KernelFunction kernel, int rows, int columns) = Choose(p);
        var grid = new Dim3((p.Columns + columns - 1) / columns, (p.Rows + rows - 1) / rows, p.Batch);
        stream.Launch(kernel, grid, new Dim3(Threads), 0,
            p.A, p.ABatch, p.ARow, p.ATerm, p.Inner == 0 ? p.Terms : p.Inner, p.AOuter,
            p.B, p.BBatch, p.BTerm, p.BColumn, p.BRepeat,
            p.Initial, p.InitialBatch, p.InitialRow, p.InitialShift, p.InitialMask, p.Aligned, p.AlignedBatch,
            p.Gate, p.Out, p.OutBatch, p.OutRow, p.Rows, p.Columns, p.Terms, (int)p.Epilogue);
    }

    // The first tile that wastes little of itself and leaves no multiprocessor idle, else the smallest.
    (KernelFunction Kernel, int Rows, int Columns) Choose(in StridedProduct p)
    {
        foreach (var tile in tiles)
        {
            long count = (long)Count(p.Rows, tile.Rows) * Count(p.Columns, tile.Columns);
            if (count * p.Batch >= stream.Runtime.Multiprocessors && count * tile.Rows * tile.Columns * 3 <= 4L * p.Rows * p.Columns)
                return tile;
        }
        return tiles[^1];
    }

    static int Count(int length, int tile) => (length + tile - 1) / tile;
}
