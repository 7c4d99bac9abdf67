using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Benchmarks;

// Multiply-adds of a training step that are really done: convolutions in tiles count the products of their frequencies, symmetric
// products of the optimiser the half that is computed, the phase histograms' DCT of all positions its sums of four products.
// The convolutions' transforms, data (integers for the most part), histograms, losses and all else count nothing.
// A layer costs its products forward, for its weights' gradient and, but for what nobody learns, for its inputs'.
// Direct: the same step with plain convolutions, which is what a step without tiles has to do.
static class TrainingWork
{
    const int Iterations = 5;
    const int Strip = 48;

    public static (long Done, long Direct) Quality(int patches, int side)
    {
        const int Width = QualityArchitecture.Width;
        long pixels = (long)side * side;
        long done = 2 * 9 * QualityArchitecture.Inputs * Width * pixels + 3 * 9 * QualityArchitecture.Outputs * Width * pixels;
        long direct = done + (QualityArchitecture.Layers - 2) * 3 * 9 * Width * Width * pixels;
        for (int layer = 1; layer < QualityArchitecture.Layers - 1; layer++)
        {
            int dilation = QualityArchitecture.Dilations[layer], height = 4 * dilation;
            long across = side / height * dilation + Math.Min(dilation, side % height);
            done += 3 * across * across * 36 * Width * Width;
        }
        return (patches * done, patches * direct);
    }

    public static long PhaseHistogram(int windows, PhaseHistogramOptions options)
    {
        var architecture = new PhaseHistogramArchitecture(options);
        const int Phases = PhaseHistogramArchitecture.Phases;
        long first = Phases * (long)architecture.Evidence.Length + architecture.Overall.Length + architecture.Second.Length;
        long others = Phases * (long)(architecture.Phase.Length + architecture.Pooled.Length + architecture.Attention.Length)
            + architecture.Trunk.Length + architecture.Coefficient.Length + architecture.CoefficientTrunk.Length
            + architecture.Output.Length + architecture.OutputBlocks.Length;
        int pooled = (options.Heads + 1) * options.PooledWidth;
        // What the trunk reads beside the pooled values has no gradient.
        long none = (options.TrunkInputs - pooled) * (long)options.Trunk;
        // Pooling by the heads and the mean, and of the coefficients' hidden units by the first head.
        others += Phases * (long)(pooled + PrimaryBlocks.Count * options.Hidden);
        return windows * (2 * first + 3 * others - none + SlidingDct(options.Coefficients));
    }

    // Sums of mirrored samples are four products to a coefficient, along rows and then along columns.
    static long SlidingDct(int coefficients)
    {
        const int Side = 64, Positions = Side - 7;
        return 4 * Positions * (8 * Side + (long)coefficients * Positions);
    }

    /// <summary>In tiles a layer's product of 16 pixels is 36 in place of 144; without dropout a transition's is one of four pixels' mean.</summary>
    public static (long Done, long Direct) DenseNet(int windows, DenseNet40Architecture architecture, bool dropout)
    {
        long Pixels(int block) => DenseNet40Architecture.Size(block) * DenseNet40Architecture.Size(block);
        long layers = 2 * Pixels(0) * 9 * architecture.InputChannels * DenseNet40Architecture.FirstFilters;
        long transitions = 0;
        for (int block = 0; block < DenseNet40Architecture.Blocks; block++)
        {
            for (int layer = 0; layer < DenseNet40Architecture.Layers; layer++)
                layers += 3 * Pixels(block) * 9 * DenseNet40Architecture.LayerInputs(block, layer) * DenseNet40Architecture.Growth;
            long channels = DenseNet40Architecture.BlockOutputs(block);
            if (block < DenseNet40Architecture.Blocks - 1)
                transitions += 3 * Pixels(block) * channels * channels;
        }
        long head = 3 * DenseNet40Architecture.Features * architecture.Outputs;
        return (windows * (layers / 4 + (dropout ? transitions : transitions / 4) + head), windows * (layers + transitions + head));
    }

    /// <summary>One update by Muon of these matrices.</summary>
    public static long Muon(IEnumerable<ParameterMatrix> matrices)
    {
        long done = 0;
        foreach (ParameterMatrix matrix in matrices)
        {
            long rows = Math.Max(matrix.Rows, matrix.Columns), columns = (Math.Min(matrix.Rows, matrix.Columns) + 15) / 16 * 16;
            long below = 0;
            for (long at = 0; at < columns; at += Strip)
                below += Math.Min(at + Strip, columns) * Math.Min(Strip, columns - at);
            done += Iterations * ((rows + columns) * below + rows * columns * columns);
        }
        return done;
    }
}
