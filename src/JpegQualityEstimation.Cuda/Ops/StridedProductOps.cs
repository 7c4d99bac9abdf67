using JpegQualityEstimation.Cuda.Runtime;

namespace JpegQualityEstimation.Cuda.Ops;

// StridedProductOps: launches StridedProduct in the tile that suits its shape. Every tile gives the same bits.
sealed class StridedProductOps(CudaStream stream)
{
    const int Threads = 256;

    readonly KernelFunction wide = stream.Runtime.Kernel("product", "product_128x64");
    readonly KernelFunction narrow = stream.Runtime.Kernel("product", "product_128x48");
    readonly KernelFunction small = stream.Runtime.Kernel("product", "product_32x32");

    public void Run(in StridedProduct p)
    {
        bool isNarrow = p.Columns % 64 is > 0 and <= 48;
        (KernelFunction kernel, int rows, int columns) = isNarrow ? (narrow, 128, 48) : (wide, 128, 64);
        // Not enough large tiles for all multiprocessors: small ones.
        if (Tiles(p, rows, columns) < stream.Runtime.Multiprocessors || p.Rows <= 64)
            (kernel, rows, columns) = (small, 32, 32);
        var grid = new Dim3((p.Columns + columns - 1) / columns, (p.Rows + rows - 1) / rows, p.Batch);
        stream.Launch(kernel, grid, new Dim3(Threads), 0,
            p.A, p.ABatch, p.ARow, p.ATerm, p.Inner == 0 ? p.Terms : p.Inner, p.AOuter,
            p.B, p.BBatch, p.BTerm, p.BColumn,
            p.Initial, p.InitialBatch, p.InitialRow, p.InitialShift, p.InitialMask, p.Aligned, p.AlignedBatch,
            p.Gate, p.Out, p.OutBatch, p.OutRow, p.Rows, p.Columns, p.Terms, (int)p.Epilogue);
    }

    static long Tiles(in StridedProduct p, int rows, int columns) =>
        (long)((p.Rows + rows - 1) / rows) * ((p.Columns + columns - 1) / columns) * p.Batch;
}
