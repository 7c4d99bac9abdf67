using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// PhaseHistogramBackward: adds the parameter gradient of the windows in a PhaseHistogramPlanes to dWeights, laid out
// as PhaseHistogramLayout says. Enters with d loss / d logits in Logits and d loss / d score of head 0 beyond the
// pooling in Scores; the inputs get no gradient. Windows are added in their order.
sealed unsafe class PhaseHistogramBackward
{
    const int Phases = PhaseHistogramArchitecture.Phases;
    const int AlphaRow = PhaseHistogramPlanes.AlphaRow;
    const int Wide = 32;

    readonly MatrixOps ops;
    readonly PhaseHistogramWeights weights;
    readonly PhaseHistogramLayout layout;
    readonly PhaseHistogramArchitecture layers;
    readonly PhaseHistogramOptions options;
    readonly int logitRow;
    readonly int pathRow;
    readonly int pooledRow;
    readonly AlignedFloats logits, scores, paths, trunk, attended, inputs, inputsT, alpha, pooled, phases, hidden, starts, lanes, block, zeros;

    public PhaseHistogramBackward(MatrixOps ops, PhaseHistogramWeights weights, int windows)
    {
        this.ops = ops;
        this.weights = weights;
        layout = weights.Layout;
        layers = layout.Architecture;
        options = layers.Options;
        logitRow = PhaseHistogramLayout.Padded(PrimaryBlocks.Outputs);
        pathRow = PrimaryBlocks.Count * options.CoefficientWidth;
        pooledRow = (options.Heads + 1) * options.PooledWidth;
        logits = new AlignedFloats(windows * logitRow);
        scores = new AlignedFloats(windows * Phases);
        paths = new AlignedFloats(windows * pathRow);
        trunk = new AlignedFloats(windows * options.Trunk);
        attended = new AlignedFloats(windows * PrimaryBlocks.Count * options.Hidden);
        inputs = new AlignedFloats(windows * pooledRow);
        inputsT = new AlignedFloats(options.PooledWidth * AlphaRow);
        alpha = new AlignedFloats(Phases * AlphaRow);
        pooled = new AlignedFloats(Phases * options.PooledWidth);
        phases = new AlignedFloats(windows * Phases * options.PhaseWidth);
        hidden = new AlignedFloats(Phases * options.Hidden);
        starts = new AlignedFloats(windows * options.Hidden);
        lanes = new AlignedFloats(Phases * AlphaRow);
        block = new AlignedFloats(windows * Wide);
        zeros = new AlignedFloats(Math.Max(pooledRow, Math.Max(options.Trunk, 1024)));
    }

    /// <summary>d loss / d logits [226] of window n, set by the caller.</summary>
    public float* Logits(int n) => logits.Pointer + n * logitRow;

    /// <summary>What the attention loss adds to d loss / d score of head 0 [64] of window n, set by the caller.</summary>
    public float* Scores(int n) => scores.Pointer + n * Phases;

    public void Run(PhaseHistogramPlanes planes, int windows, float* dWeights)
    {
        Blocks(planes, windows, dWeights);
        Trunk(planes, windows, dWeights);
        for (int n = 0; n < windows; n++)
            Attend(planes, n, dWeights);
        for (int c = 0; c < options.Coefficients; c++)
            Coefficient(planes, windows, c, dWeights);
    }

    void Blocks(PhaseHistogramPlanes planes, int windows, float* dWeights)
    {
        int g = options.Trunk, z = options.CoefficientWidth;
        ops.Product(MatrixProductArguments.Adding(g, logitRow, windows, planes.Trunk, g, Logits(0), logitRow, dWeights + layout[layers.Output], logitRow));
        ops.AddRows(Logits(0), logitRow, windows, logitRow, dWeights + layout[layers.OutputBias]);
        ops.Product(MatrixProductArguments.Of(windows, g, PrimaryBlocks.Outputs, Logits(0), logitRow, weights.OutputT, g, zeros.Pointer, 0, trunk.Pointer, g));
        for (int c = 0; c < PrimaryBlocks.Count; c++)
        {
            int offset = PrimaryBlocks.Offsets[c];
            int size = PrimaryBlocks.Sizes[c];
            block.Span.Clear();
            for (int n = 0; n < windows; n++)
                new Span<float>(Logits(n) + offset, size).CopyTo(block.Span[(n * Wide)..]);
            ops.Product(MatrixProductArguments.Adding(z, PhaseHistogramLayout.Padded(size), windows, planes.Paths + c * z, pathRow,
                block.Pointer, Wide, dWeights + layout[layers.OutputBlocks] + offset, logitRow));
            ops.GatedProduct(MatrixProductArguments.Of(windows, z, size, block.Pointer, Wide, weights.OutputBlocksT + offset * z, z,
                zeros.Pointer, 0, paths.Pointer + c * z, pathRow) with { Gate = planes.Paths + c * z });
        }
    }

    void Trunk(PhaseHistogramPlanes planes, int windows, float* dWeights)
    {
        int g = options.Trunk, h = options.Hidden, z = options.CoefficientWidth, e = PrimaryBlocks.Count * h;
        for (int c = 0; c < PrimaryBlocks.Count; c++)
        {
            float* dPath = paths.Pointer + c * z;
            ops.Product(MatrixProductArguments.Adding(h, z, windows, planes.Attended(0) + c * h, e, dPath, pathRow, dWeights + layout[layers.Coefficient] + c * h * z, z));
            ops.Product(MatrixProductArguments.Of(windows, h, z, dPath, pathRow, weights.CoefficientT + c * h * z, h, zeros.Pointer, 0, attended.Pointer + c * h, e));
        }
        ops.AddRows(paths.Pointer, pathRow, windows, pathRow, dWeights + layout[layers.CoefficientBias]);
        ops.Product(MatrixProductArguments.Adding(g, pathRow, windows, planes.Trunk, g, paths.Pointer, pathRow, dWeights + layout[layers.CoefficientTrunk], pathRow));
        ops.GatedProduct(MatrixProductArguments.Of(windows, g, pathRow, paths.Pointer, pathRow, weights.CoefficientTrunkT, g,
            trunk.Pointer, g, trunk.Pointer, g) with { Gate = planes.Trunk });
        ops.AddRows(trunk.Pointer, g, windows, g, dWeights + layout[layers.TrunkBias]);
        ops.Product(MatrixProductArguments.Adding(options.TrunkInputs, g, windows, planes.Inputs(0), planes.InputRow, trunk.Pointer, g, dWeights + layout[layers.Trunk], g));
        ops.Product(MatrixProductArguments.Of(windows, pooledRow, g, trunk.Pointer, g, weights.TrunkT, pooledRow, zeros.Pointer, 0, inputs.Pointer, pooledRow));
    }

    void Attend(PhaseHistogramPlanes planes, int n, float* dWeights)
    {
        int h = options.Hidden, v = options.PhaseWidth, d = options.PooledWidth, heads = options.Heads;
        float* w = planes.Pooled(n);
        float* dInputs = inputs.Pointer + n * pooledRow;
        for (int head = 0; head < heads; head++)
            for (int j = 0; j < d; j++)
                inputsT.Pointer[j * AlphaRow + head] = dInputs[head * d + j];
        ops.Product(MatrixProductArguments.Of(Phases, AlphaRow, d, w, d, inputsT.Pointer, AlphaRow, zeros.Pointer, 0, alpha.Pointer, AlphaRow));
        lanes.Span.Clear();
        for (int c = 0; c < PrimaryBlocks.Count; c++)
            ops.AddLaneProducts(planes.Hidden(n, c), Phases, h, attended.Pointer + (n * PrimaryBlocks.Count + c) * h, lanes.Pointer);
        for (int p = 0; p < Phases; p++)
            alpha.Pointer[p * AlphaRow] += LaneSum(lanes.Pointer + p * AlphaRow);
        for (int head = 0; head < heads; head++)
            SoftmaxGradient(planes.Alpha(n) + head, alpha.Pointer + head);
        for (int p = 0; p < Phases; p++)
            alpha.Pointer[p * AlphaRow] += Scores(n)[p];

        float* dPooled = pooled.Pointer;
        ops.Add(alpha.Pointer, Phases * AlphaRow, dWeights + layout[layers.AttentionBias]);
        ops.Product(MatrixProductArguments.Adding(d, AlphaRow, Phases, w, d, alpha.Pointer, AlphaRow, dWeights + layout[layers.Attention], AlphaRow));
        ops.Product(MatrixProductArguments.Of(Phases, d, heads + 1, planes.Alpha(n), AlphaRow, dInputs, d, zeros.Pointer, 0, dPooled, d));
        ops.GatedProduct(MatrixProductArguments.Of(Phases, d, heads, alpha.Pointer, AlphaRow, weights.AttentionT, d, dPooled, d, dPooled, d) with { Gate = w });
        ops.AddRows(dPooled, d, Phases, d, dWeights + layout[layers.PooledBias]);
        ops.Product(MatrixProductArguments.Adding(v, d, Phases, planes.Phases(n), v, dPooled, d, dWeights + layout[layers.Pooled], d));
        float* dPhases = phases.Pointer + n * Phases * v;
        ops.GatedProduct(MatrixProductArguments.Of(Phases, v, d, dPooled, d, weights.PooledT, v, zeros.Pointer, 0, dPhases, v) with { Gate = planes.Phases(n) });
        ops.Add(dPhases, Phases * v, dWeights + layout[layers.PhaseBias]);
    }

    void Coefficient(PhaseHistogramPlanes planes, int windows, int c, float* dWeights)
    {
        int f = options.Features, h = options.Hidden, v = options.PhaseWidth;
        starts.Span.Clear();
        float* dAligned = dWeights + layout[layers.AlignedBias] + c * h;
        for (int n = 0; n < windows; n++)
        {
            float* hiddenUnits = planes.Hidden(n, c);
            float* dPhases = phases.Pointer + n * Phases * v;
            float* dHidden = hidden.Pointer;
            float* initial = zeros.Pointer;
            int initialRow = 0;
            if (c < PrimaryBlocks.Count)
            {
                float* dAttended = attended.Pointer + (n * PrimaryBlocks.Count + c) * h;
                ops.Product(MatrixProductArguments.Of(Phases, h, 1, planes.Alpha(n), AlphaRow, dAttended, h, zeros.Pointer, 0, dHidden, h));
                initial = dHidden;
                initialRow = h;
            }
            ops.Product(MatrixProductArguments.Adding(h, v, Phases, hiddenUnits, h, dPhases, v, dWeights + layout[layers.Phase] + c * h * v, v));
            ops.GatedProduct(MatrixProductArguments.Of(Phases, h, v, dPhases, v, weights.PhaseT + c * h * v, h, initial, initialRow, dHidden, h) with { Gate = hiddenUnits });
            float* evidence = planes.EvidenceOf(n, c);
            ops.Product(MatrixProductArguments.Adding(f, h, Phases, evidence, f, dHidden, h, dWeights + layout[layers.Evidence] + c * f * h, h));
            ops.AddRows(dHidden, h, Phases, h, starts.Pointer + n * h);
            ops.Add(dHidden, h, dAligned);
        }
        ops.AddRows(starts.Pointer, h, windows, h, dWeights + layout[layers.HiddenBias] + c * h);
        ops.Product(MatrixProductArguments.Adding(f, h, windows, planes.Overall + c * f, planes.OverallSize, starts.Pointer, h, dWeights + layout[layers.Overall] + c * f * h, h));
        if (options.SecondTable)
            ops.Product(MatrixProductArguments.Adding(2, h, windows, planes.Seconds(0) + 2 * c, 2 * options.Coefficients, starts.Pointer, h, dWeights + layout[layers.Second] + c * 2 * h, h));
    }

    // In one order whatever the vector width.
    static float LaneSum(float* values)
    {
        float sum = 0;
        for (int l = 0; l < AlphaRow; l++)
            sum += values[l];
        return sum;
    }

    // dScore = alpha (dAlpha - sum over phases of alpha dAlpha), in place.
    static void SoftmaxGradient(float* values, float* gradient)
    {
        float mean = 0;
        for (int p = 0; p < Phases; p++)
            mean += values[p * AlphaRow] * gradient[p * AlphaRow];
        for (int p = 0; p < Phases; p++)
            gradient[p * AlphaRow] = values[p * AlphaRow] * (gradient[p * AlphaRow] - mean);
    }
}
