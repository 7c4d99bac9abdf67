using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

/// <summary>What one worker needs of a training step.</summary>
sealed unsafe class DenseNet40Scratch
{
    /// <summary>Values of a channel that a transition works on together: four of each of 32 tiles.</summary>
    public const int BandWidth = 4 * DenseNet40Window.TransitionLanes;

    const int Border = 16;
    const int Stride = DenseNet40Architecture.WindowSize + 2 * Border;
    readonly DenseBlockOps ops;
    readonly int inputChannels;
    readonly AlignedFloats inputRows;
    readonly AlignedFloats gradientRows = new(DenseBlockOps.Group * DenseNet40Architecture.WindowSize * DenseNet40Architecture.WindowSize);

    public DenseNet40Scratch(DenseBlockOps ops, int inputChannels)
    {
        (this.ops, this.inputChannels) = (ops, inputChannels);
        inputRows = new AlignedFloats((DenseNet40Architecture.WindowSize + 2) * inputChannels * Stride);
        int channels = DenseNet40Architecture.BlockOutputs(DenseNet40Architecture.Blocks - 2);
        Input = new TilePlanes(DenseNet40Architecture.WindowSize, inputChannels);
        Row = new AlignedFloats(3 * DenseNet40Architecture.WindowSize);
        for (int b = 0; b < DenseNet40Architecture.Blocks; b++)
            Gradient[b] = new TilePlanes(DenseNet40Architecture.Size(b), DenseBlockOps.Group, DenseNet40State.GroupOf(b));
        for (int i = 0; i < Bands.Length; i++)
            Bands[i] = new AlignedFloats(channels * BandWidth);
        FilterSums = new AlignedFloats(WinogradFilters.Count(DenseNet40Architecture.Features) + 16);
        Sums = new AlignedFloats(channels / DenseBlockOps.Group * ops.WeightSums(channels));
        NormSums = new AlignedFloats(2 * DenseNet40Architecture.Features * ops.Lanes);
    }

    public TileGradientScratch Tiles { get; } = new();

    /// <summary>Grid phases, where they are learnt.</summary>
    public GridPhaseHead Phases => field ??= new GridPhaseHead(ops);

    /// <summary>The window.</summary>
    public TilePlanes Input { get; }

    /// <summary>A row of the window.</summary>
    public AlignedFloats Row { get; }

    /// <summary>The window [y][c][x], zero all round.</summary>
    public PlaneRows InputRows => new(inputRows.Pointer + inputChannels * Stride + Border, Stride, inputChannels * Stride);

    /// <summary>Gradient of twelve of the first convolution's outputs [y][k][x].</summary>
    public PlaneRows GradientRows =>
        new(gradientRows.Pointer, DenseNet40Architecture.WindowSize, DenseBlockOps.Group * DenseNet40Architecture.WindowSize);

    /// <summary>Gradient of twelve convolution outputs of a group of windows, for each block.</summary>
    public TilePlanes[] Gradient { get; } = new TilePlanes[DenseNet40Architecture.Blocks];

    /// <summary>Bands [channels][128] of a transition.</summary>
    public AlignedFloats[] Bands { get; } = new AlignedFloats[4];

    /// <summary>Gradient of the transformed filters [channels][36][12].</summary>
    public AlignedFloats FilterSums { get; }

    /// <summary>Lane sums of the weight gradient of a transition.</summary>
    public AlignedFloats Sums { get; }

    /// <summary>Lane sums of a batch norm's gradient: d, then d * (x - mean).</summary>
    public AlignedFloats NormSums { get; }
}
