using JpegQualityEstimation.Cuda.Runtime;

namespace JpegQualityEstimation.Cuda.Ops;

// StridedProductOps: launches StridedProduct in the tile that suits its shape. Every tile gives the same bits.
sealed class StridedProductOps(CudaStream stream)
{
    const int Threads = 256;

    // Rows and columns of the tiles, best first.
    readonly (KernelFunction Kernel, int Rows, int Columns)[] tiles =
        [Tile(stream, 128, 64), Tile(stream, 128, 48), Tile(stream, 64, 64), Tile(stream, 64, 48), Tile(stream, 32, 32)];

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

    static (KernelFunction Kernel, int Rows, int Columns) Tile(CudaStream stream, int rows, int columns) =>
        (stream.Runtime.Kernel("product", $"product_{rows}x{columns}"), rows, columns);

    static int Count(int length, int tile) => (length + tile - 1) / tile;
}
