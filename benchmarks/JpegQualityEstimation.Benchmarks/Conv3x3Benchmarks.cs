using BenchmarkDotNet.Attributes;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Ops;

namespace JpegQualityEstimation.Benchmarks;

// The 64 -> 64 convolutions on a plane of 60x60, one thread, beside the peak of this core. The rate of the tile rows
// counts the arithmetic of the definition, so that it may exceed the peak: Winograd does a quarter or a fifth of it.
public unsafe class Conv3x3Benchmarks
{
    const int Size = 60;
    const double GigaFlop = 2.0 * 64 * 64 * 9 * Size * Size / 1e9;

    readonly Conv3x3Ops ops = Conv3x3Ops.For(CpuKernelSets.Chosen);
    readonly BorderedPlane input = new(Size, 64, 6);
    readonly BorderedPlane gate = new(Size, 64);
    readonly BorderedPlane output = new(Size, 64, 6);
    readonly AlignedFloats weights = new(36864);
    readonly AlignedFloats transformed = new(36 * 4096);
    readonly AlignedFloats gradient = new(36864);
    readonly AlignedFloats bias = new(64);
    readonly WinogradScratch scratch = new();
    readonly AlignedFloats largeTransformed = new(64 * 4096);
    readonly Winograd6x6Scratch largeScratch = new();
    List<int> starts = [];
    List<int> largeStarts = [];

    [Params(1, 4)]
    public int Dilation { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        var random = new Random(1);
        for (int y = 0; y < Size; y++)
            for (int i = 0; i < Size * 64; i++)
            {
                input.Row(y)[i] = random.NextSingle() - 0.5f;
                gate.Row(y)[i] = random.NextSingle() - 0.5f;
            }
        foreach (ref float w in weights.Span)
            w = random.NextSingle() - 0.5f;
        ops.PackTiles(weights.Pointer, transformed.Pointer);
        ops.PackLargeTiles(weights.Pointer, largeTransformed.Pointer);
        starts = BorderedPlane.TileStarts(Size, Dilation);
        largeStarts = BorderedPlane.TileStarts(Size, Dilation, 6);
    }

    /// <summary>24 independent fused multiply-adds, nothing else: what this core can do.</summary>
    [Benchmark(Baseline = true)]
    [Work(24.0 * 2 * PeakLoop.Lanes * PeakLoop.Rounds / 1e9, "GFLOP")]
    public float Peak() => PeakLoop.Run();

    [Benchmark]
    [Work(GigaFlop, "GFLOP")]
    public void Forward()
    {
        for (int y = 0; y < Size; y++)
            ops.Forward(64, input.Rows(y, Dilation), Dilation, weights.Pointer, bias.Pointer, output.Row(y), Size);
    }

    [Benchmark]
    [Work(GigaFlop, "GFLOP")]
    public void InputGradient()
    {
        for (int y = 0; y < Size; y++)
            ops.InputGradient(64, input.Rows(y, Dilation), Dilation, weights.Pointer, gate.Row(y), output.Row(y), Size);
    }

    [Benchmark]
    [Work(GigaFlop, "GFLOP")]
    public void WeightGradient()
    {
        for (int y = 0; y < Size; y++)
            ops.WeightGradient(64, input.Rows(y, Dilation), Dilation, gate.Row(y), gradient.Pointer, Size);
    }

    [Benchmark]
    [Work(GigaFlop, "GFLOP")]
    public void ForwardTiles()
    {
        float** from = stackalloc float*[6];
        float** to = stackalloc float*[4];
        foreach (int y in starts)
        {
            input.TileInputs(y, Dilation, from);
            output.TileRows(y, Dilation, to);
            ops.ForwardTiles(from, Dilation, 0, Size, 0, ops.TilesInRow(Dilation, 0, Size), transformed.Pointer, bias.Pointer, to, scratch);
        }
        ops.FlushForwardTiles(Dilation, transformed.Pointer, bias.Pointer, scratch);
    }

    [Benchmark]
    [Work(GigaFlop, "GFLOP")]
    public void ForwardLargeTiles()
    {
        float** from = stackalloc float*[8];
        float** to = stackalloc float*[6];
        foreach (int y in largeStarts)
        {
            input.TileInputs(y, Dilation, from, 6);
            output.TileRows(y, Dilation, to, 6);
            ops.ForwardLargeTiles(from, null, 0, Dilation, 0, Size, 0, ops.LargeTilesInRow(Dilation, 0, Size), largeTransformed.Pointer, bias.Pointer, to, largeScratch);
        }
        ops.FlushForwardLargeTiles(Dilation, largeTransformed.Pointer, bias.Pointer, largeScratch);
    }

    [Benchmark]
    [Work(GigaFlop, "GFLOP")]
    public void WeightGradientTiles()
    {
        float** from = stackalloc float*[6];
        float** rows = stackalloc float*[4];
        foreach (int y in starts)
        {
            input.TileInputs(y, Dilation, from);
            gate.TileGradients(y, Dilation, rows);
            ops.WeightGradientTiles(from, Dilation, Size, rows, transformed.Pointer, scratch);
        }
        ops.FlushWeightGradientTiles(transformed.Pointer, scratch);
    }
}
