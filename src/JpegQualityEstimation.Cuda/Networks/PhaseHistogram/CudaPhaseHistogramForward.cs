using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks.PhaseHistogram;

// CudaPhaseHistogramForward: evidence to logits for the n windows in the planes, ten launches; the formulas are
// PhaseHistogramArchitecture's, the order of every sum PhaseHistogramForward's. Parameters are read where they lie, flat.
// In Float32 all but the attention's exponential is the processor's bits.
sealed class CudaPhaseHistogramForward(CudaStream stream, PhaseHistogramArchitecture layers, ComputePrecision precision)
{
    const int Phases = PhaseHistogramArchitecture.Phases, Blocks = PrimaryBlocks.Count;

    readonly PhaseHistogramOptions o = layers.Options;
    readonly StridedProductOps products = new(stream, precision);
    readonly KernelFunction attend = stream.Runtime.Kernel("phase", "phase_attend");
    readonly KernelFunction blocks = stream.Runtime.Kernel("phase", "phase_blocks");

    /// <summary>Runs n windows whose evidence, overall and seconds are in the planes, laid out for n windows.</summary>
    /// <param name="parameters">Flat, <see cref="PhaseHistogramArchitecture"/>.</param>
    /// <param name="planes">Of at least n windows.</param>
    /// <param name="n">Windows.</param>
    public void Run(DeviceSpan<float> parameters, CudaPhaseHistogramPlanes planes, int n)
    {
        Evidence(parameters, planes, n);
        products.Run(new StridedProduct(Phases * n, o.PooledWidth, o.PhaseWidth)
        {
            A = planes.Phase, ARow = o.PhaseWidth, B = Of(parameters, layers.Pooled), BTerm = o.PooledWidth,
            Initial = Of(parameters, layers.PooledBias), Out = planes.Pooled, OutRow = o.PooledWidth, Epilogue = MatrixEpilogue.Rectify,
        });
        stream.Launch(attend, new Dim3(n), new Dim3(256), 0,
            planes.Pooled, o.PooledWidth, Of(parameters, layers.Attention), Of(parameters, layers.AttentionBias), o.Heads, planes.Hidden, o.Hidden,
            planes.Overall, o.Features, o.Bins, planes.Seconds, o.Coefficients, o.SecondTable ? 1 : 0, n,
            planes.Alpha, planes.Inputs, o.TrunkInputs, planes.Attended, planes.Posterior);
        Outputs(parameters, planes, n);
    }

    void Evidence(DeviceSpan<float> parameters, CudaPhaseHistogramPlanes planes, int n)
    {
        int k = o.Coefficients, f = o.Features, h = o.Hidden, v = o.PhaseWidth;
        products.Run(new StridedProduct(n, h, f)
        {
            Batch = k, A = planes.Overall, ABatch = (long)n * f, ARow = f, B = Of(parameters, layers.Overall), BBatch = f * h, BTerm = h,
            Initial = Of(parameters, layers.HiddenBias), InitialBatch = h, Out = planes.Starts, OutBatch = (long)n * h, OutRow = h,
        });
        if (o.SecondTable)
        {
            products.Run(new StridedProduct(n, h, 2)
            {
                Batch = k, A = planes.Seconds, ABatch = 2, ARow = 2 * k, B = Of(parameters, layers.Second), BBatch = 2 * h, BTerm = h,
                Initial = planes.Starts, InitialBatch = (long)n * h, InitialRow = h, Out = planes.Starts, OutBatch = (long)n * h, OutRow = h,
            });
        }
        products.Run(new StridedProduct(Phases * n, h, f)
        {
            Batch = k, A = planes.Evidence, ABatch = (long)n * Phases * f, ARow = f, B = Of(parameters, layers.Evidence), BBatch = f * h, BTerm = h,
            Initial = planes.Starts, InitialBatch = (long)n * h, InitialRow = h, InitialShift = 6, Aligned = Of(parameters, layers.AlignedBias), AlignedBatch = h,
            Out = planes.Hidden, OutBatch = (long)n * Phases * h, OutRow = h, Epilogue = MatrixEpilogue.Rectify,
        });
        // The sum over coefficients is one over all their hidden units.
        products.Run(new StridedProduct(Phases * n, v, k * h)
        {
            A = planes.Hidden, ARow = h, Inner = h, AOuter = (long)n * Phases * h, B = Of(parameters, layers.Phase), BTerm = v,
            Initial = Of(parameters, layers.PhaseBias), InitialRow = v, InitialMask = Phases - 1,
            Out = planes.Phase, OutRow = v, Epilogue = MatrixEpilogue.Rectify,
        });
    }

    void Outputs(DeviceSpan<float> parameters, CudaPhaseHistogramPlanes planes, int n)
    {
        int h = o.Hidden, g = o.Trunk, z = o.CoefficientWidth, x = o.TrunkInputs, row = Blocks * z;
        products.Run(new StridedProduct(n, g, x)
        {
            A = planes.Inputs, ARow = x, B = Of(parameters, layers.Trunk), BTerm = g, Initial = Of(parameters, layers.TrunkBias),
            Out = planes.Trunk, OutRow = g, Epilogue = MatrixEpilogue.Rectify,
        });
        products.Run(new StridedProduct(n, row, g)
        {
            A = planes.Trunk, ARow = g, B = Of(parameters, layers.CoefficientTrunk), BTerm = row, Initial = Of(parameters, layers.CoefficientBias),
            Out = planes.Paths, OutRow = row,
        });
        products.Run(new StridedProduct(n, z, h)
        {
            Batch = Blocks, A = planes.Attended, ABatch = h, ARow = Blocks * h, B = Of(parameters, layers.Coefficient), BBatch = h * z, BTerm = z,
            Initial = planes.Paths, InitialBatch = z, InitialRow = row, Out = planes.Paths, OutBatch = z, OutRow = row, Epilogue = MatrixEpilogue.Rectify,
        });
        products.Run(new StridedProduct(n, PrimaryBlocks.Outputs, g)
        {
            A = planes.Trunk, ARow = g, B = Of(parameters, layers.Output), BTerm = PrimaryBlocks.Outputs, Initial = Of(parameters, layers.OutputBias),
            Out = planes.Logits, OutRow = PrimaryBlocks.Outputs,
        });
        stream.Launch(blocks, new Dim3(n), new Dim3(256), 0, planes.Paths, z, Of(parameters, layers.OutputBlocks), planes.Logits);
    }

    static DeviceSpan<float> Of(DeviceSpan<float> parameters, PhaseHistogramTensor tensor) => parameters.Slice(tensor.Offset, tensor.Length);
}
