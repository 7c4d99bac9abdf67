using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// PhaseHistogramForward: evidence to logits for the few windows in a PhaseHistogramPlanes, one thread.
// Coefficient by coefficient over all windows, so that a coefficient's weights are read once; then what sees a whole
// window, all windows in one product. A window's values do not depend on the windows beside it.
sealed unsafe class PhaseHistogramForward(MatrixOps ops, PhaseHistogramWeights weights)
{
    const int Phases = PhaseHistogramArchitecture.Phases;
    const int AlphaRow = PhaseHistogramPlanes.AlphaRow;

    readonly PhaseHistogramArchitecture layers = weights.Layout.Architecture;
    readonly PhaseHistogramOptions options = weights.Layout.Architecture.Options;

    /// <summary>Runs windows whose evidence is in the planes.</summary>
    public void Run(PhaseHistogramPlanes planes, int windows)
    {
        for (int c = 0; c < options.Coefficients; c++)
        {
            planes.Ahead.Clear();
            Expect(planes, windows, c + 1);
            Coefficient(planes, windows, c);
        }
        Finish(planes, windows);
    }

    /// <summary>Runs windows of a source from the loaded window first on, measuring one coefficient at a time into the planes' own places.</summary>
    public void Run(PhaseHistogramPlanes planes, int windows, IPhaseEvidenceSource source, int first)
    {
        for (int c = 0; c < options.Coefficients; c++)
        {
            source.Coefficient(c, first, windows, planes.EvidenceOf(0, c), planes.Overall + c * options.Features);
            planes.Ahead.Clear();
            if (c + 1 < options.Coefficients)
                source.Expect(c + 1, planes.Ahead);
            Expect(planes, windows, c + 1);
            Coefficient(planes, windows, c);
        }
        Finish(planes, windows);
    }

    // While one coefficient is worked on, the next one's weights and places come nearer.
    void Expect(PhaseHistogramPlanes planes, int windows, int c)
    {
        int f = options.Features, h = options.Hidden, v = options.PhaseWidth;
        MemoryAhead ahead = planes.Ahead;
        if (c >= options.Coefficients)
            return;
        for (int n = 0; n < windows && planes.EvidenceStep > 0; n++)
            ahead.Expect(planes.EvidenceOf(n, c), (long)Phases * f * sizeof(float));
        if (planes.KeepsHidden(c))
            ahead.Expect(planes.Hidden(0, c), (long)windows * planes.HiddenSize * sizeof(float));
        ahead.Expect(weights[layers.Overall] + c * f * h, (long)f * h * sizeof(float));
        ahead.Expect(weights[layers.Evidence] + c * f * h, (long)f * h * sizeof(float));
        ahead.Expect(weights[layers.Phase] + c * h * v, (long)h * v * sizeof(float));
    }

    void Finish(PhaseHistogramPlanes planes, int windows)
    {
        for (int n = 0; n < windows; n++)
            Attend(planes, n);
        Trunk(planes, windows);
        Blocks(planes, windows);
        GC.KeepAlive(this);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Coefficient(PhaseHistogramPlanes planes, int windows, int c)
    {
        int f = options.Features, h = options.Hidden, v = options.PhaseWidth;
        float* start = planes.Starts(0) + h;
        ops.Product(MatrixProductArguments.Of(windows, h, f, planes.Overall + c * f, planes.OverallSize,
            weights[layers.Overall] + c * f * h, h, weights[layers.HiddenBias] + c * h, 0, start, 8 * h));
        if (options.SecondTable)
        {
            ops.Product(MatrixProductArguments.Of(windows, h, 2, planes.Seconds(0) + 2 * c, 2 * options.Coefficients,
                weights[layers.Second] + c * 2 * h, h, start, 8 * h, start, 8 * h));
        }
        float* aligned = weights[layers.AlignedBias] + c * h;
        float* dense = weights[layers.Evidence] + c * f * h;
        float* toPhase = weights[layers.Phase] + c * h * v;
        for (int n = 0; n < windows; n++)
        {
            start = planes.Starts(n);
            FirstRows(start, aligned, h);
            float* evidence = planes.EvidenceOf(n, c);
            float* hidden = planes.Hidden(n, c);
            // Set field by field: a copy of what has just been stored waits for it.
            MatrixProductArguments product = MatrixProductArguments.Of(8, h, f, evidence, f, dense, h, start, h, hidden, h);
            product.Ahead = planes.Ahead;
            ops.RectifiedProduct(product);
            product = MatrixProductArguments.Of(Phases - 8, h, f, evidence + 8 * f, f, dense, h, start + h, 0, hidden + 8 * h, h);
            product.Ahead = planes.Ahead;
            ops.RectifiedProduct(product);
            float* phases = planes.Phases(n);
            float* initial = c == 0 ? weights[layers.PhaseBias] : phases;
            product = MatrixProductArguments.Of(Phases, v, h, hidden, h, toPhase, v, initial, v, phases, v);
            product.Ahead = planes.Ahead;
            if (c == options.Coefficients - 1)
                ops.RectifiedProduct(product);
            else
                ops.Product(product);
        }
    }

    // Row 1 of 8 to rows 2.., and to row 0 with what that phase has more. Hidden units are a multiple of 16.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void FirstRows(float* start, float* aligned, int hidden)
    {
        for (int j = 0; j < hidden; j += 8, start += 8)
        {
            Vector256<float> value = Vector256.Load(start + hidden);
            (value + Vector256.Load(aligned + j)).Store(start);
            for (int p = 2; p < 8; p++)
                value.Store(start + p * hidden);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Attend(PhaseHistogramPlanes planes, int n)
    {
        int h = options.Hidden, v = options.PhaseWidth, d = options.PooledWidth, f = options.Features;
        float* w = planes.Pooled(n);
        float* alpha = planes.Alpha(n);
        float* x = planes.Inputs(n);
        ops.RectifiedProduct(MatrixProductArguments.Of(Phases, d, v, planes.Phases(n), v, weights[layers.Pooled], d, weights[layers.PooledBias], 0, w, d));
        ops.Product(MatrixProductArguments.Of(Phases, AlphaRow, d, w, d, weights[layers.Attention], AlphaRow, weights[layers.AttentionBias], AlphaRow, alpha, AlphaRow));
        for (int head = 0; head < options.Heads; head++)
            Softmax(alpha + head);
        for (int p = 0; p < Phases; p++)
            alpha[p * AlphaRow + options.Heads] = 1f / Phases;
        new Span<float>(x, planes.InputRow).Clear();
        // The mean over phases is pooled by a head that looks at all alike.
        ops.Product(MatrixProductArguments.Adding(options.Heads + 1, d, Phases, alpha, AlphaRow, w, d, x, d));
        float* e = planes.Attended(n);
        new Span<float>(e, PrimaryBlocks.Count * h).Clear();
        for (int c = 0; c < PrimaryBlocks.Count; c++)
            ops.Product(MatrixProductArguments.Adding(1, h, Phases, alpha, AlphaRow, planes.Hidden(n, c), h, e + c * h, h));
        x += (options.Heads + 1) * d;
        float* overall = planes.Overall + (nint)n * planes.OverallSize;
        for (int c = 0; c < options.Coefficients; c++, overall += f)
            for (int i = 0; i < options.Bins; i += 4)
                *x++ = (overall[i] + overall[i + 1] + overall[i + 2] + overall[i + 3]) * 0.25f;
        if (options.SecondTable)
            new Span<float>(planes.Seconds(n), 2 * options.Coefficients).CopyTo(new Span<float>(x, 2 * options.Coefficients));
    }

    // Over the 64 phases of one head.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Softmax(float* scores)
    {
        float largest = scores[0];
        for (int p = 1; p < Phases; p++)
            largest = MathF.Max(largest, scores[p * AlphaRow]);
        float sum = 0;
        for (int p = 0; p < Phases; p++)
        {
            float e = MathF.Exp(scores[p * AlphaRow] - largest);
            scores[p * AlphaRow] = e;
            sum += e;
        }
        float scale = 1 / sum;
        for (int p = 0; p < Phases; p++)
            scores[p * AlphaRow] *= scale;
    }

    void Trunk(PhaseHistogramPlanes planes, int windows)
    {
        int g = options.Trunk, h = options.Hidden, z = options.CoefficientWidth, row = planes.PathRow;
        ops.RectifiedProduct(MatrixProductArguments.Of(windows, g, options.TrunkInputs, planes.Inputs(0), planes.InputRow,
            weights[layers.Trunk], g, weights[layers.TrunkBias], 0, planes.Trunk, g));
        ops.Product(MatrixProductArguments.Of(windows, row, g, planes.Trunk, g, weights[layers.CoefficientTrunk], row,
            weights[layers.CoefficientBias], 0, planes.Paths, row));
        for (int c = 0; c < PrimaryBlocks.Count; c++)
        {
            ops.RectifiedProduct(MatrixProductArguments.Of(windows, z, h, planes.Attended(0) + c * h, PrimaryBlocks.Count * h,
                weights[layers.Coefficient] + c * h * z, z, planes.Paths + c * z, row, planes.Paths + c * z, row));
        }
    }

    void Blocks(PhaseHistogramPlanes planes, int windows)
    {
        int g = options.Trunk, z = options.CoefficientWidth, row = planes.LogitRow;
        ops.Product(MatrixProductArguments.Of(windows, row, g, planes.Trunk, g, weights[layers.Output], row,
            weights[layers.OutputBias], 0, planes.Logits(0), row));
        // A block's columns lie anywhere in the row: whole vectors are computed aside and its own columns taken over.
        const int Wide = 32;
        float* block = stackalloc float[Wide];
        for (int c = 0; c < PrimaryBlocks.Count; c++)
        {
            int offset = PrimaryBlocks.Offsets[c];
            int size = PrimaryBlocks.Sizes[c];
            int wide = PhaseHistogramLayout.Padded(size);
            for (int n = 0; n < windows; n++)
            {
                float* logits = planes.Logits(n) + offset;
                ops.Product(MatrixProductArguments.Of(1, wide, z, planes.Paths + n * planes.PathRow + c * z, z,
                    weights[layers.OutputBlocks] + offset, row, logits, row, block, Wide));
                for (int j = 0; j < size; j++)
                    logits[j] = block[j];
            }
        }
    }
}
