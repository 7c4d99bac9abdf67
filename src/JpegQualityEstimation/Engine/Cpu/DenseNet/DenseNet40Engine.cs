using System.Collections.Concurrent;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// DenseNet40Engine: DenseNet-40 as an engine for primary quantization. The second table is not looked at: a network is
// trained for one. A regression head's 15 steps become logits of the 15 blocks, those of a Gaussian around the step with
// a variance of 1/4, so that the most probable step is the nearest.
sealed class DenseNet40Engine : IPrimaryEngine
{
    readonly DenseNet40Inference inference;
    readonly ConcurrentDictionary<int, DenseNet40Engine> shared = new();
    readonly ConcurrentBag<DenseNet40Strip> idleStrips = [];

    public DenseNet40Engine(DenseNet40Network network)
        : this(new DenseNet40Inference(network, 1))
    {
    }

    public DenseNet40Engine(DenseNet40Inference inference) => this.inference = inference;

    public bool GivesPhase => false;

    /// <summary>Numbers the network gives a window.</summary>
    public int Outputs => inference.Outputs;

    public IPrimaryEngine SharedBy(int threads) =>
        threads == 1 ? this : shared.GetOrAdd(threads, static (count, one) => new DenseNet40Engine(new DenseNet40Inference(one, count)), inference);

    public void RunWindows(ReadOnlySpan<byte> windows, int count, ReadOnlySpan<ushort> secondZigZag, Span<float> logits, Span<float> phase)
    {
        if (Outputs == PrimaryBlocks.Outputs)
        {
            inference.Run(windows, count, logits);
            return;
        }
        float[] steps = new float[count * Outputs];
        inference.Run(windows, count, steps);
        ToLogits(Outputs, steps, count, logits);
    }

    public IPrimaryMapSource Open(PinnedPixels picture, ReadOnlySpan<ushort> secondZigZag, WindowGrid grid) =>
        grid.Stride == DenseNet40Strip.Stride
            ? new DenseNet40MapSource(this, picture, grid)
            : new WindowByWindowSource(this, picture, secondZigZag, grid);

    public int Bands(WindowGrid grid) => grid.Stride == DenseNet40Strip.Stride ? DenseNet40MapSource.Bands(grid, Outputs) : grid.Rows;

    /// <summary>A strip that knows nothing of any picture.</summary>
    public DenseNet40Strip TakeStrip() => idleStrips.TryTake(out DenseNet40Strip? idle) ? idle : new DenseNet40Strip(inference);

    /// <summary>Keeps a strip for the next map: as many as maps were made at a time.</summary>
    public void Return(DenseNet40Strip strip)
    {
        strip.Restart();
        idleStrips.Add(strip);
    }

    /// <summary>Logits [count,226] from what the network gave, [count,width].</summary>
    public static void ToLogits(int width, ReadOnlySpan<float> outputs, int count, Span<float> logits)
    {
        if (width == PrimaryBlocks.Outputs)
        {
            outputs.CopyTo(logits);
            return;
        }
        for (int n = 0; n < count; n++)
            for (int c = 0; c < PrimaryBlocks.Count; c++)
                for (int j = 0; j < PrimaryBlocks.Sizes[c]; j++)
                {
                    float apart = outputs[n * width + c] - (j + 1);
                    logits[n * PrimaryBlocks.Outputs + PrimaryBlocks.Offsets[c] + j] = -2 * apart * apart;
                }
    }

    public void Dispose() => idleStrips.Clear();
}
