using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks.PhaseHistogram;

// CudaPhaseHistogramBackward: the gradient of n windows that went forward, from d loss / d logits [n,226] and the true
// phases; written over the flat gradient, laid out as the parameters. Formulas as PhaseHistogramBackward's.
// Sums over all phases of all windows are cut into a few runs of windows that are added in their order: the number depends
// on n alone. For one thread at a time.
sealed class CudaPhaseHistogramBackward : IDisposable
{
    const int Phases = PhaseHistogramArchitecture.Phases, Blocks = PrimaryBlocks.Count, MostRuns = 8;

    readonly CudaStream stream;
    readonly PhaseHistogramArchitecture layers;
    readonly PhaseHistogramOptions o;
    readonly StridedProductOps products;
    readonly KernelFunction blockPaths, blockWeights, attendGradient, sumRows;
    readonly List<IDisposable> buffers = [];
    readonly DeviceSpan<float> dPaths, dTrunk, dInputs, dAttended, dScores, dPooled, dPhases, dHidden, dStarts, partials;

    /// <param name="stream">Where the work is done.</param>
    /// <param name="layers">Shape of the network.</param>
    /// <param name="windows">Most windows at a time.</param>
    /// <param name="precision">Of the products.</param>
    public CudaPhaseHistogramBackward(CudaStream stream, PhaseHistogramArchitecture layers, int windows, ComputePrecision precision)
    {
        (this.stream, this.layers, o) = (stream, layers, layers.Options);
        products = new StridedProductOps(stream, precision);
        CudaRuntime runtime = stream.Runtime;
        (blockPaths, blockWeights) = (runtime.Kernel("phase_training", "phase_blocks_paths"), runtime.Kernel("phase_training", "phase_blocks_weights"));
        (attendGradient, sumRows) = (runtime.Kernel("phase_training", "phase_attend_gradient"), runtime.Kernel("phase_training", "phase_sum_rows"));
        long rows = (long)Phases * windows;
        try
        {
            dPaths = Rent((long)windows * Blocks * o.CoefficientWidth);
            dTrunk = Rent((long)windows * o.Trunk);
            dInputs = Rent((long)windows * PooledRow);
            dAttended = Rent((long)windows * Blocks * o.Hidden);
            dScores = Rent(rows * o.Heads);
            dPooled = Rent(rows * o.PooledWidth);
            dPhases = Rent(rows * o.PhaseWidth);
            dHidden = Rent(rows * o.Coefficients * o.Hidden);
            dStarts = Rent((long)windows * o.Coefficients * o.Hidden);
            partials = Rent((long)MostRuns * Math.Max(
                o.Coefficients * o.Hidden * Math.Max(o.PhaseWidth, o.Features), o.PooledWidth * Math.Max(o.PhaseWidth, o.Heads)));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    // What the attention pooled, as the trunk's input.
    int PooledRow => (o.Heads + 1) * o.PooledWidth;

    /// <summary>Writes the gradient.</summary>
    /// <param name="parameters">Flat.</param>
    /// <param name="planes">Of the forward pass.</param>
    /// <param name="dLogits">[n,226].</param>
    /// <param name="phases">[n], 0..63 or 255.</param>
    /// <param name="supervision">Weight of the phase loss of one window.</param>
    /// <param name="n">Windows.</param>
    /// <param name="gradient">Flat, overwritten.</param>
    public void Run(
        DeviceSpan<float> parameters, CudaPhaseHistogramPlanes planes, DeviceSpan<float> dLogits, DeviceSpan<byte> phases, float supervision, int n,
        DeviceSpan<float> gradient)
    {
        Outputs(parameters, planes, dLogits, n, gradient);
        TrunkLayer(parameters, planes, n, gradient);
        Attention(parameters, planes, phases, supervision, n, gradient);
        Coefficients(parameters, planes, n, gradient);
    }

    void Outputs(DeviceSpan<float> parameters, CudaPhaseHistogramPlanes planes, DeviceSpan<float> dLogits, int n, DeviceSpan<float> gradient)
    {
        const int Row = PrimaryBlocks.Outputs;
        int g = o.Trunk, z = o.CoefficientWidth;
        products.Run(Transposed(g, Row, n, planes.Trunk, g, dLogits, Row, Of(gradient, layers.Output)));
        SumRows(dLogits, 0, Row, n, Row, Of(gradient, layers.OutputBias), 0, 1);
        products.Run(new StridedProduct(n, g, Row)
        {
            A = dLogits, ARow = Row, B = Of(parameters, layers.Output), BTerm = 1, BColumn = Row, Out = dTrunk, OutRow = g,
        });
        stream.Launch(blockWeights, new Dim3(z), new Dim3(256), 0, dLogits, planes.Paths, z, n, Of(gradient, layers.OutputBlocks));
        stream.Launch(blockPaths, new Dim3(n), new Dim3(256), 0, dLogits, Of(parameters, layers.OutputBlocks), planes.Paths, z, dPaths);
    }

    void TrunkLayer(DeviceSpan<float> parameters, CudaPhaseHistogramPlanes planes, int n, DeviceSpan<float> gradient)
    {
        int g = o.Trunk, h = o.Hidden, z = o.CoefficientWidth, e = Blocks * h, row = Blocks * z, x = o.TrunkInputs;
        products.Run(Transposed(h, z, n, planes.Attended, e, dPaths, row, Of(gradient, layers.Coefficient)) with
        {
            Batch = Blocks, ABatch = h, BBatch = z, OutBatch = h * z,
        });
        SumRows(dPaths, 0, row, n, row, Of(gradient, layers.CoefficientBias), 0, 1);
        products.Run(new StridedProduct(n, h, z)
        {
            Batch = Blocks, A = dPaths, ABatch = z, ARow = row, B = Of(parameters, layers.Coefficient), BBatch = h * z, BTerm = 1, BColumn = z,
            Out = dAttended, OutBatch = h, OutRow = e,
        });
        products.Run(Transposed(g, row, n, planes.Trunk, g, dPaths, row, Of(gradient, layers.CoefficientTrunk)));
        products.Run(new StridedProduct(n, g, row)
        {
            A = dPaths, ARow = row, B = Of(parameters, layers.CoefficientTrunk), BTerm = 1, BColumn = row, Initial = dTrunk, InitialRow = g,
            Gate = planes.Trunk, Out = dTrunk, OutRow = g, Epilogue = MatrixEpilogue.Gate,
        });
        SumRows(dTrunk, 0, g, n, g, Of(gradient, layers.TrunkBias), 0, 1);
        products.Run(Transposed(x, g, n, planes.Inputs, x, dTrunk, g, Of(gradient, layers.Trunk)));
        products.Run(new StridedProduct(n, PooledRow, g)
        {
            A = dTrunk, ARow = g, B = Of(parameters, layers.Trunk), BTerm = 1, BColumn = g, Out = dInputs, OutRow = PooledRow,
        });
    }

    void Attention(
        DeviceSpan<float> parameters, CudaPhaseHistogramPlanes planes, DeviceSpan<byte> phases, float supervision, int n, DeviceSpan<float> gradient)
    {
        int v = o.PhaseWidth, d = o.PooledWidth, heads = o.Heads, rows = Phases * n, runs = Runs(n), terms = rows / runs;
        stream.Launch(attendGradient, new Dim3(n), new Dim3(256), 0,
            planes.Pooled, d, Of(parameters, layers.Attention), heads, planes.Hidden, o.Hidden, planes.Alpha, dInputs, dAttended, phases, supervision, n,
            dScores, dPooled, dHidden);
        SumRows(dScores, 0, Phases * heads, n, Phases * heads, Of(gradient, layers.AttentionBias), 0, 1);
        products.Run(Transposed(d, heads, terms, planes.Pooled, d, dScores, heads, partials) with
        {
            Batch = runs, ABatch = (long)terms * d, BBatch = (long)terms * heads, OutBatch = d * heads,
        });
        SumRows(partials, 0, d * heads, runs, d * heads, Of(gradient, layers.Attention), 0, 1);
        SumRows(dPooled, 0, d, rows, d, Of(gradient, layers.PooledBias), 0, 1);
        products.Run(Transposed(v, d, terms, planes.Phase, v, dPooled, d, partials) with
        {
            Batch = runs, ABatch = (long)terms * v, BBatch = (long)terms * d, OutBatch = v * d,
        });
        SumRows(partials, 0, v * d, runs, v * d, Of(gradient, layers.Pooled), 0, 1);
        products.Run(new StridedProduct(rows, v, d)
        {
            A = dPooled, ARow = d, B = Of(parameters, layers.Pooled), BTerm = 1, BColumn = d, Gate = planes.Phase, Out = dPhases, OutRow = v,
            Epilogue = MatrixEpilogue.Gate,
        });
        SumRows(dPhases, 0, Phases * v, n, Phases * v, Of(gradient, layers.PhaseBias), 0, 1);
    }

    void Coefficients(DeviceSpan<float> parameters, CudaPhaseHistogramPlanes planes, int n, DeviceSpan<float> gradient)
    {
        int k = o.Coefficients, f = o.Features, h = o.Hidden, v = o.PhaseWidth, rows = Phases * n, runs = Runs(n), terms = rows / runs;
        long plane = (long)rows * h;
        // The first 15 start from what the attention passes back.
        var hidden = new StridedProduct(rows, h, v)
        {
            Batch = Blocks, A = dPhases, ARow = v, B = Of(parameters, layers.Phase), BBatch = h * v, BTerm = 1, BColumn = v,
            Initial = dHidden, InitialBatch = plane, InitialRow = h, Gate = planes.Hidden, Out = dHidden, OutBatch = plane, OutRow = h,
            Epilogue = MatrixEpilogue.Gate,
        };
        products.Run(hidden);
        if (k > Blocks)
        {
            products.Run(hidden with
            {
                Batch = k - Blocks, B = hidden.B.Slice((long)Blocks * h * v), Initial = default,
                Gate = planes.Hidden.Slice(Blocks * plane), Out = dHidden.Slice(Blocks * plane),
            });
        }
        products.Run(Transposed(h, v, terms, planes.Hidden, h, dPhases, v, partials) with
        {
            Batch = k * runs, ABatch = (long)terms * h, BBatch = (long)terms * v, BRepeat = runs, OutBatch = h * v,
        });
        SumRows(partials, (long)runs * h * v, h * v, runs, h * v, Of(gradient, layers.Phase), h * v, k);
        products.Run(Transposed(f, h, terms, planes.Evidence, f, dHidden, h, partials) with
        {
            Batch = k * runs, ABatch = (long)terms * f, BBatch = (long)terms * h, OutBatch = f * h,
        });
        SumRows(partials, (long)runs * f * h, f * h, runs, f * h, Of(gradient, layers.Evidence), f * h, k);
        SumRows(dHidden, Phases * h, h, Phases, h, dStarts, h, k * n);
        SumRows(dHidden, plane, Phases * h, n, h, Of(gradient, layers.AlignedBias), h, k);
        SumRows(dStarts, (long)n * h, h, n, h, Of(gradient, layers.HiddenBias), h, k);
        products.Run(Transposed(f, h, n, planes.Overall, f, dStarts, h, Of(gradient, layers.Overall)) with
        {
            Batch = k, ABatch = (long)n * f, BBatch = (long)n * h, OutBatch = f * h,
        });
        if (o.SecondTable)
        {
            products.Run(Transposed(2, h, n, planes.Seconds, 2 * k, dStarts, h, Of(gradient, layers.Second)) with
            {
                Batch = k, ABatch = 2, BBatch = (long)n * h, OutBatch = 2 * h,
            });
        }
        else
            stream.Clear(Of(gradient, layers.Second));
    }

    // out[rows,columns] = a' b, a [terms,..] and b [terms,..] row-major.
    static StridedProduct Transposed(
        int rows, int columns, int terms, DeviceSpan<float> a, int aTerm, DeviceSpan<float> b, int bTerm, DeviceSpan<float> output) =>
        new(rows, columns, terms) { A = a, ARow = 1, ATerm = aTerm, B = b, BTerm = bTerm, Out = output, OutRow = columns };

    // out[z,j] = sum over i of a[z,i,j].
    void SumRows(DeviceSpan<float> a, long aBatch, long aRow, int rows, int columns, DeviceSpan<float> output, long outBatch, int batch) =>
        stream.Launch(sumRows, new Dim3(batch, (columns + 31) / 32), new Dim3(rows > 128 ? 1024 : 256), 0, a, aBatch, aRow, rows, columns, output, outBatch);

    static int Runs(int windows)
    {
        int runs = MostRuns;
        while (windows % runs != 0)
            runs /= 2;
        return runs;
    }

    static DeviceSpan<float> Of(DeviceSpan<float> parameters, PhaseHistogramTensor tensor) => parameters.Slice(tensor.Offset, tensor.Length);

    public void Dispose()
    {
        foreach (IDisposable buffer in buffers)
            buffer.Dispose();
        buffers.Clear();
    }

    DeviceSpan<float> Rent(long floats)
    {
        DeviceBuffer<float> buffer = stream.Rent<float>(floats);
        buffers.Add(buffer);
        return buffer;
    }
}
