using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Cuda.Ops;

// MuonPlan: Muon (kernels/muon.cu) for all weight matrices at once: their momentum, five Newton-Schulz steps
// x <- x (a + b s + c s s), s = xt x, as three grouped products each, the update. MuonOptimizer of the processor but for the
// order in which the norm of the direction is summed.
sealed class MuonPlan : IDisposable
{
    const int Iterations = 5;
    const float A = 3.4445f;
    const float B = -4.7750f;
    const float C = 2.0315f;

    readonly OpContext context;
    readonly MatrixProductOps products;
    readonly KernelFunction direction;
    readonly KernelFunction start;
    readonly KernelFunction apply;
    readonly DeviceBuffer<MuonMatrix> matrices;
    readonly DeviceBuffer<float> directions;
    readonly DeviceBuffer<double> squares;
    readonly DeviceBuffer<float> x;
    readonly DeviceBuffer<float> next;
    readonly DeviceBuffer<float> gram;
    readonly DeviceBuffer<float> polynomial;
    readonly DeviceBuffer<DeviceProduct> steps;
    readonly DeviceBuffer<ProductTile> gramTiles;
    readonly DeviceBuffer<ProductTile> productTiles;
    readonly int count;
    readonly int mostValues;

    public MuonPlan(OpContext context, MatrixProductOps products, IReadOnlyList<ParameterMatrix> given, ReadOnlySpan<ParameterRun> runs)
    {
        (this.context, this.products) = (context, products);
        direction = context.Runtime.Kernel("muon", "muon_direction");
        start = context.Runtime.Kernel("muon", "muon_start");
        apply = context.Runtime.Kernel("muon", "muon_apply");
        count = given.Count;
        var table = new MuonMatrix[count];
        int values = 0, length = 0, square = 0, first = 0;
        int[] grams = new int[count];
        for (int i = 0; i < count; i++)
        {
            ParameterMatrix matrix = given[i];
            int own = 0;
            foreach (ParameterRun run in runs)
                own += run.Kind == i ? 1 : 0;
            ref MuonMatrix m = ref table[i];
            m = new MuonMatrix
            {
                Offset = matrix.Offset, Height = matrix.Rows, Width = matrix.Columns, Rows = Math.Max(matrix.Rows, matrix.Columns),
                Columns = (Math.Min(matrix.Rows, matrix.Columns) + 15) / 16 * 16, X = values, Direction = length, FirstRun = first, RunCount = own,
            };
            grams[i] = square;
            values = checked(values + m.Rows * m.Columns);
            length += matrix.Length;
            square += m.Columns * m.Columns;
            first += own;
            mostValues = Math.Max(mostValues, m.Rows * m.Columns);
        }
        CudaStream stream = context.Stream;
        matrices = stream.Rent<MuonMatrix>(count);
        directions = stream.Rent<float>(length);
        squares = stream.Rent<double>(first);
        x = stream.Rent<float>(values);
        next = stream.Rent<float>(values);
        gram = stream.Rent<float>(square);
        polynomial = stream.Rent<float>(square);
        steps = stream.Rent<DeviceProduct>(6L * count);
        stream.Upload<MuonMatrix>(table, matrices);
        // Three products a matrix from x to next, and three back.
        var laid = new DeviceProduct[6 * count];
        for (int i = 0; i < count; i++)
            for (int way = 0; way < 2; way++)
            {
                MuonMatrix m = table[i];
                ulong from = Address(way == 0 ? x : next, m.X), to = Address(way == 0 ? next : x, m.X);
                ulong s = Address(gram, grams[i]), p = Address(polynomial, grams[i]);
                int c = m.Columns, at = 3 * way * count + i;
                laid[at] = new DeviceProduct
                {
                    A = from, B = from, Output = s, Rows = c, Columns = c, Terms = m.Rows, ARow = 1, ATerm = c, BTerm = c, BColumn = 1, OutputRow = c, Alpha = 1,
                };
                laid[at + count] = new DeviceProduct
                {
                    A = s, B = s, Initial = s, Output = p, Rows = c, Columns = c, Terms = c, ARow = c, ATerm = 1, BTerm = c, BColumn = 1, InitialRow = c, OutputRow = c,
                    Alpha = C, Beta = B / C, Diagonal = A / C,
                };
                laid[at + 2 * count] = new DeviceProduct
                {
                    A = from, B = p, Output = to, Rows = m.Rows, Columns = c, Terms = c, ARow = c, ATerm = 1, BTerm = c, BColumn = 1, OutputRow = c, Alpha = 1,
                };
            }
        stream.Upload<DeviceProduct>(laid, steps);
        ProductTile[] small = MatrixProductOps.TilesOf([.. table.Select(m => (m.Columns, m.Columns))]), tall = MatrixProductOps.TilesOf([.. table.Select(m => (m.Rows, m.Columns))]);
        gramTiles = stream.Rent<ProductTile>(small.Length);
        productTiles = stream.Rent<ProductTile>(tall.Length);
        stream.Upload<ProductTile>(small, gramTiles);
        stream.Upload<ProductTile>(tall, productTiles);
    }

    /// <summary>Moves the matrices, their moments and their averages.</summary>
    public void Run(DeviceSpan<ParameterRun> runs, DeviceSpan<float> parameters, DeviceSpan<float> gradient, DeviceSpan<float> first, DeviceSpan<float> average,
        DeviceSpan<StepNumbers> numbers, DeviceSpan<StepVerdict> verdict)
    {
        CudaStream stream = context.Stream;
        var block = new Dim3(256);
        Dim3 grid = context.Grid(runs.Length, 1);
        int all = (int)runs.Length;
        stream.Launch(direction, grid, block, 0, runs, all, matrices, gradient, first, directions, squares, numbers, verdict);
        stream.Launch(start, context.Grid(mostValues, 1024) with { Y = count }, block, 0, matrices, directions, squares, x, verdict);
        for (int i = 0; i < Iterations; i++)
            for (int step = 0; step < 3; step++)
                products.Grouped(steps.Slice((3L * (i % 2) + step) * count, count), step < 2 ? gramTiles : productTiles);
        stream.Launch(apply, grid, block, 0, runs, all, matrices, next, parameters, average, numbers, verdict);
    }

    public void Dispose()
    {
        matrices.Dispose();
        directions.Dispose();
        squares.Dispose();
        x.Dispose();
        next.Dispose();
        gram.Dispose();
        polynomial.Dispose();
        steps.Dispose();
        gramTiles.Dispose();
        productTiles.Dispose();
    }

    static ulong Address(DeviceBuffer<float> buffer, int offset) => buffer.Slice(offset).Address;
}
