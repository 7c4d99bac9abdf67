using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.PhaseHistogram;

// PhaseHistogramBackward: adds the parameter gradient of the windows in a PhaseHistogramPlanes to dWeights, laid out
// as PhaseHistogramLayout says. Enters with d loss / d logits in Logits and d loss / d score of head 0 beyond the
// pooling in Scores; the inputs get no gradient. Windows are added in their order.
// Run takes one group of windows; the weights that see a window once are left for Weights, which adds all windows kept since
// (PhaseHistogramPlanes.First): such a gradient is read and written once for them together. The same terms in the same order.
// Fresh: nothing was added yet, and what lies in dWeights is written over; the large matrices need no zeros for it.
sealed unsafe class PhaseHistogramBackward
{
    const int Phases = PhaseHistogramArchitecture.Phases;
    const int AlphaRow = PhaseHistogramPlanes.AlphaRow;
    const int Wide = 32;

    readonly MatrixOps ops;
    readonly PhaseHistogramWeights weights;
    readonly PhaseHistogramPlanes planes;
    readonly PhaseHistogramLayout layout;
    readonly PhaseHistogramArchitecture layers;
    readonly PhaseHistogramOptions options;
    readonly PhaseHistogramTensor[] large;
    readonly int logitRow;
    readonly int pathRow;
    readonly int pooledRow;
    readonly AlignedFloats logits, scores, paths, trunk, attended, inputs, inputsT, alpha, pooled, phases, hidden, starts, lanes, block, zeros;

    public PhaseHistogramBackward(MatrixOps ops, PhaseHistogramWeights weights, PhaseHistogramPlanes planes)
    {
        this.ops = ops;
        this.weights = weights;
        this.planes = planes;
        (int windows, int kept) = (planes.Windows, planes.Kept);
        layout = weights.Layout;
        layers = layout.Architecture;
        options = layers.Options;
        large = [layers.Evidence, layers.Phase, layers.Overall, layers.Trunk, layers.CoefficientTrunk, layers.Output];
        logitRow = PhaseHistogramLayout.Padded(PrimaryBlocks.Outputs);
        pathRow = PrimaryBlocks.Count * options.CoefficientWidth;
        pooledRow = (options.Heads + 1) * options.PooledWidth;
        logits = new AlignedFloats(kept * logitRow);
        scores = new AlignedFloats(windows * Phases);
        paths = new AlignedFloats(kept * pathRow);
        trunk = new AlignedFloats(kept * options.Trunk);
        attended = new AlignedFloats(windows * PrimaryBlocks.Count * options.Hidden);
        inputs = new AlignedFloats(windows * pooledRow);
        inputsT = new AlignedFloats(options.PooledWidth * AlphaRow);
        alpha = new AlignedFloats(Phases * AlphaRow);
        pooled = new AlignedFloats(Phases * options.PooledWidth);
        phases = new AlignedFloats(windows * Phases * options.PhaseWidth);
        hidden = new AlignedFloats(Phases * options.Hidden);
        starts = new AlignedFloats(options.Coefficients * kept * options.Hidden);
        lanes = new AlignedFloats(Phases * AlphaRow);
        block = new AlignedFloats(kept * Wide);
        zeros = new AlignedFloats(Math.Max(Math.Max(pooledRow, pathRow), Math.Max(options.Trunk, 1024)));
    }

    /// <summary>d loss / d logits [226] of window n, set by the caller.</summary>
    public float* Logits(int n) => logits.Pointer + (planes.First + n) * logitRow;

    float* Paths => paths.Pointer + planes.First * pathRow;

    float* Trunk => trunk.Pointer + planes.First * options.Trunk;

    // [kept,H] of each coefficient.
    float* Starts(int c) => starts.Pointer + (c * planes.Kept + planes.First) * options.Hidden;

    /// <summary>What the attention loss adds to d loss / d score of head 0 [64] of window n, set by the caller.</summary>
    public float* Scores(int n) => scores.Pointer + n * Phases;

    /// <summary>The group whose forward pass is in the planes; what is left for <see cref="Weights"/> is kept.</summary>
    public void Run(int windows, float* dWeights, bool fresh)
    {
        if (fresh)
            ClearSmall(dWeights);
        Blocks(windows);
        Pass(windows);
        for (int n = 0; n < windows; n++)
            Attend(n, dWeights);
        // The last coefficients are the ones that the forward pass has left in the caches.
        for (int c = options.Coefficients - 1; c >= 0; c--)
        {
            Expect(windows, c - 1, dWeights);
            Coefficient(windows, c, dWeights, fresh);
        }
    }

    void ClearSmall(float* dWeights)
    {
        foreach (PhaseHistogramTensor tensor in layers.Tensors)
        {
            if (!large.Contains(tensor))
                new Span<float>(dWeights + layout[tensor], tensor.Rows * PhaseHistogramLayout.Padded(tensor.Columns)).Clear();
        }
    }

    // The same sum, but of these terms alone.
    MatrixProductArguments Written(MatrixProductArguments added, bool fresh)
    {
        if (fresh)
            added.Overwrite(zeros.Pointer);
        return added;
    }

    // While one coefficient is worked on, what the next one reads and adds to comes nearer.
    void Expect(int windows, int c, float* dWeights)
    {
        int f = options.Features, h = options.Hidden, v = options.PhaseWidth;
        MemoryAhead ahead = planes.Ahead;
        ahead.Clear();
        if (c < 0)
            return;
        ahead.Expect(planes.Hidden(0, c), (long)windows * planes.HiddenSize * sizeof(float));
        for (int n = 0; n < windows; n++)
            ahead.Expect(planes.EvidenceOf(n, c), (long)Phases * f * sizeof(float));
        ahead.Expect(weights.PhaseT + c * h * v, (long)h * v * sizeof(float));
        ahead.Expect(dWeights + layout[layers.Phase] + c * h * v, (long)h * v * sizeof(float));
        ahead.Expect(dWeights + layout[layers.Evidence] + c * f * h, (long)f * h * sizeof(float));
    }

    void Blocks(int windows)
    {
        int g = options.Trunk, z = options.CoefficientWidth;
        ops.Product(MatrixProductArguments.Of(windows, g, PrimaryBlocks.Outputs, Logits(0), logitRow, weights.OutputT, g, zeros.Pointer, 0, Trunk, g));
        for (int c = 0; c < PrimaryBlocks.Count; c++)
        {
            CopyBlock(c, windows);
            ops.GatedProduct(MatrixProductArguments.Of(windows, z, PrimaryBlocks.Sizes[c], block.Pointer, Wide, weights.OutputBlocksT + PrimaryBlocks.Offsets[c] * z, z,
                zeros.Pointer, 0, Paths + c * z, pathRow) with { Gate = planes.Paths + c * z });
        }
    }

    void CopyBlock(int c, int windows)
    {
        block.Span.Clear();
        for (int n = 0; n < windows; n++)
            new Span<float>(Logits(n) + PrimaryBlocks.Offsets[c], PrimaryBlocks.Sizes[c]).CopyTo(block.Span[(n * Wide)..]);
    }

    // Paths to what they read, trunk to its inputs.
    void Pass(int windows)
    {
        int g = options.Trunk, h = options.Hidden, z = options.CoefficientWidth, e = PrimaryBlocks.Count * h;
        for (int c = 0; c < PrimaryBlocks.Count; c++)
        {
            ops.Product(MatrixProductArguments.Of(windows, h, z, Paths + c * z, pathRow, weights.CoefficientT + c * h * z, h,
                zeros.Pointer, 0, attended.Pointer + c * h, e));
        }
        ops.GatedProduct(MatrixProductArguments.Of(windows, g, pathRow, Paths, pathRow, weights.CoefficientTrunkT, g, Trunk, g, Trunk, g) with { Gate = planes.Trunk });
        ops.Product(MatrixProductArguments.Of(windows, pooledRow, g, Trunk, g, weights.TrunkT, pooledRow, zeros.Pointer, 0, inputs.Pointer, pooledRow));
    }

    /// <summary>Adds what Run left of the windows from First on.</summary>
    public void Weights(int windows, float* dWeights, bool fresh)
    {
        int f = options.Features, g = options.Trunk, h = options.Hidden, z = options.CoefficientWidth, e = PrimaryBlocks.Count * h;
        ops.Product(Written(MatrixProductArguments.Adding(g, logitRow, windows, planes.Trunk, g, Logits(0), logitRow, dWeights + layout[layers.Output], logitRow), fresh));
        ops.AddRows(Logits(0), logitRow, windows, logitRow, dWeights + layout[layers.OutputBias]);
        for (int c = 0; c < PrimaryBlocks.Count; c++)
        {
            CopyBlock(c, windows);
            ops.Product(MatrixProductArguments.Adding(z, PhaseHistogramLayout.Padded(PrimaryBlocks.Sizes[c]), windows, planes.Paths + c * z, pathRow,
                block.Pointer, Wide, dWeights + layout[layers.OutputBlocks] + PrimaryBlocks.Offsets[c], logitRow));
            ops.Product(MatrixProductArguments.Adding(h, z, windows, planes.Attended(0) + c * h, e, Paths + c * z, pathRow,
                dWeights + layout[layers.Coefficient] + c * h * z, z));
        }
        ops.AddRows(Paths, pathRow, windows, pathRow, dWeights + layout[layers.CoefficientBias]);
        ops.Product(Written(MatrixProductArguments.Adding(g, pathRow, windows, planes.Trunk, g, Paths, pathRow, dWeights + layout[layers.CoefficientTrunk], pathRow), fresh));
        ops.AddRows(Trunk, g, windows, g, dWeights + layout[layers.TrunkBias]);
        ops.Product(Written(MatrixProductArguments.Adding(options.TrunkInputs, g, windows, planes.Inputs(0), planes.InputRow, Trunk, g, dWeights + layout[layers.Trunk], g), fresh));
        for (int c = 0; c < options.Coefficients; c++)
        {
            ops.AddRows(Starts(c), h, windows, h, dWeights + layout[layers.HiddenBias] + c * h);
            ops.Product(Written(MatrixProductArguments.Adding(f, h, windows, planes.Overall + c * f, planes.OverallSize, Starts(c), h,
                dWeights + layout[layers.Overall] + c * f * h, h), fresh));
            if (!options.SecondTable)
                continue;
            ops.Product(MatrixProductArguments.Adding(2, h, windows, planes.Seconds(0) + 2 * c, 2 * options.Coefficients, Starts(c), h,
                dWeights + layout[layers.Second] + c * 2 * h, h));
        }
    }

    void Attend(int n, float* dWeights)
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

    void Coefficient(int windows, int c, float* dWeights, bool fresh)
    {
        int f = options.Features, h = options.Hidden, v = options.PhaseWidth;
        MemoryAhead ahead = planes.Ahead;
        new Span<float>(Starts(c), windows * h).Clear();
        float* dAligned = dWeights + layout[layers.AlignedBias] + c * h;
        float* dPhaseWeights = dWeights + layout[layers.Phase] + c * h * v, dEvidenceWeights = dWeights + layout[layers.Evidence] + c * f * h;
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
            // Set field by field: a copy of what has just been stored waits for it.
            MatrixProductArguments product = MatrixProductArguments.Adding(h, v, Phases, hiddenUnits, h, dPhases, v, dPhaseWeights, v);
            product.Ahead = ahead;
            if (fresh && n == 0)
                product.Overwrite(zeros.Pointer);
            ops.Product(product);
            product = MatrixProductArguments.Of(Phases, h, v, dPhases, v, weights.PhaseT + c * h * v, h, initial, initialRow, dHidden, h);
            product.Gate = hiddenUnits;
            product.Ahead = ahead;
            ops.GatedProduct(product);
            float* evidence = planes.EvidenceOf(n, c);
            product = MatrixProductArguments.Adding(f, h, Phases, evidence, f, dHidden, h, dEvidenceWeights, h);
            product.Ahead = ahead;
            if (fresh && n == 0)
                product.Overwrite(zeros.Pointer);
            ops.Product(product);
            ops.AddRows(dHidden, h, Phases, h, Starts(c) + n * h);
            ops.Add(dHidden, h, dAligned);
        }
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
