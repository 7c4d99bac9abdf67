using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine.Cpu;

namespace JpegQualityEstimation.Cuda.Ops;

/// <summary>A float matrix as a factor of a product.</summary>
/// <param name="Values">Row-major as it lies.</param>
/// <param name="Rows">Of the factor.</param>
/// <param name="Columns">Of the factor.</param>
/// <param name="Stride">Values from a row, as it lies, to the next.</param>
/// <param name="IsTransposed">It lies as [columns, rows].</param>
readonly record struct MatrixFactor(DeviceSpan<float> Values, int Rows, int Columns, int Stride, bool IsTransposed = false)
{
    /// <summary>A matrix [rows, columns] without gaps.</summary>
    public static MatrixFactor Of(DeviceSpan<float> values, int rows, int columns) => new(values, rows, columns, columns);

    /// <summary>The transpose of a matrix that lies as [columns, rows] without gaps.</summary>
    public static MatrixFactor Transposed(DeviceSpan<float> values, int rows, int columns) => new(values, rows, columns, rows, IsTransposed: true);

    public int RowStride => IsTransposed ? 1 : Stride;

    public int ColumnStride => IsTransposed ? Stride : 1;

    public long Extent => (Rows - 1L) * RowStride + (Columns - 1L) * ColumnStride + 1;
}

/// <summary>What becomes of a sum of products.</summary>
/// <param name="Alpha">Factor of the result.</param>
/// <param name="Beta">Factor of what the sum starts from.</param>
/// <param name="Diagonal">Added to what the diagonal starts from.</param>
/// <param name="Epilogue">Last.</param>
/// <param name="Gate">Laid out as the output, read by <see cref="MatrixEpilogue.Gate"/>.</param>
readonly record struct ProductTerms(float Alpha, float Beta, float Diagonal, MatrixEpilogue Epilogue, DeviceSpan<float> Gate)
{
    public static ProductTerms Plain { get; } = new(1, 1, 0, MatrixEpilogue.None, default);
}

/// <summary>Products of matrices that follow at fixed strides.</summary>
readonly record struct ProductBatch(int Count, long A, long B, long Initial, long Output)
{
    public static ProductBatch One { get; } = new(1, 0, 0, 0, 0);
}

// Matrix products (kernels/matrix.cu): out = e(alpha (beta initial + diagonal I + a b)). Each sum in the order of its terms by
// fused multiply-adds: the bits of MatrixOps on the processor.
sealed class MatrixProductOps(OpContext context)
{
    const int Small = 32;
    const int Large = 64;

    readonly KernelFunction small = context.Runtime.Kernel("matrix", "matrix_product_small");
    readonly KernelFunction large = context.Runtime.Kernel("matrix", "matrix_product_large");
    readonly KernelFunction grouped = context.Runtime.Kernel("matrix", "matrix_product_grouped");

    /// <summary>out = a b.</summary>
    public void Product(in MatrixFactor a, in MatrixFactor b, DeviceSpan<float> output) =>
        Product(a, b, default, 0, output, b.Columns, ProductTerms.Plain, ProductBatch.One);

    /// <summary>out = e(alpha (beta initial + diagonal I + a b)).</summary>
    /// <param name="a">[rows, terms].</param>
    /// <param name="b">[terms, columns].</param>
    /// <param name="initial">[rows, columns], or [columns] with stride 0; may be the output; empty: 0.</param>
    /// <param name="initialStride">Values from one of its rows to the next.</param>
    /// <param name="output">[rows, columns].</param>
    /// <param name="outputStride">Values from one of its rows to the next.</param>
    /// <param name="terms">Factors and epilogue.</param>
    /// <param name="batch">Products and the strides between their operands.</param>
    public void Product(in MatrixFactor a, in MatrixFactor b, DeviceSpan<float> initial, int initialStride, DeviceSpan<float> output, int outputStride,
        in ProductTerms terms, in ProductBatch batch)
    {
        const string Op = "matrix product";
        OpContext.Require(a.Columns == b.Rows && a.Rows >= 1 && b.Columns >= 1 && a.Columns >= 1, Op, $"[{a.Rows},{a.Columns}] by [{b.Rows},{b.Columns}]");
        OpContext.Require(batch.Count is >= 1 and <= 65535, Op, $"a batch of {batch.Count}");
        int others = batch.Count - 1;
        OpContext.RequireLength(a.Values.Length, a.Extent + others * batch.A, Op);
        OpContext.RequireLength(b.Values.Length, b.Extent + others * batch.B, Op);
        OpContext.RequireLength(outputStride, b.Columns, Op);
        long extent = (a.Rows - 1L) * outputStride + b.Columns;
        OpContext.RequireLength(output.Length, extent + others * batch.Output, Op);
        if (initial.Address != 0)
            OpContext.RequireLength(initial.Length, (a.Rows - 1L) * initialStride + b.Columns + others * batch.Initial, Op);
        if (terms.Epilogue == MatrixEpilogue.Gate)
            OpContext.RequireLength(terms.Gate.Length, extent + others * batch.Output, Op);
        // Large tiles where they fill the device.
        bool big = (long)Tiles(a.Rows, Large) * Tiles(b.Columns, Large) * batch.Count >= context.Runtime.Multiprocessors;
        int tile = big ? Large : Small;
        context.Stream.Launch(big ? large : small, new Dim3(Tiles(b.Columns, tile), Tiles(a.Rows, tile), batch.Count), new Dim3(256), 0,
            a.Values, batch.A, b.Values, batch.B, initial, batch.Initial, terms.Gate, output, batch.Output, a.Rows, b.Columns, a.Columns,
            a.RowStride, a.ColumnStride, b.RowStride, b.ColumnStride, initialStride, outputStride, (int)terms.Epilogue, terms.Alpha, terms.Beta, terms.Diagonal);
    }

    /// <summary>Products of any sizes in one launch, which do not depend on one another.</summary>
    /// <param name="products">In device memory.</param>
    /// <param name="tiles">All of theirs, as <see cref="TilesOf"/> has them.</param>
    public void Grouped(DeviceSpan<DeviceProduct> products, DeviceSpan<ProductTile> tiles) =>
        context.Stream.Launch(grouped, new Dim3(checked((int)tiles.Length)), new Dim3(256), 0, products, tiles);

    /// <summary>The tiles of products of these sizes, the largest products first.</summary>
    public static ProductTile[] TilesOf(IReadOnlyList<(int Rows, int Columns)> sizes) =>
    [
        .. from product in Enumerable.Range(0, sizes.Count)
           orderby (long)sizes[product].Rows * sizes[product].Columns descending, product
           from row in Enumerable.Range(0, Tiles(sizes[product].Rows, Small))
           from column in Enumerable.Range(0, Tiles(sizes[product].Columns, Small))
           select new ProductTile { Product = product, Row = row, Column = column },
    ];

    static int Tiles(int length, int tile) => (length + tile - 1) / tile;
}
