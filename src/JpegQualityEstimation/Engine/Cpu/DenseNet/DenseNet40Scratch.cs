using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// DenseNet40Scratch: what one worker needs of a training step, for every block its own buffers because their zero
// borders must stay zero. Planes with a border have 16 zero columns between channels (the right border of one is the
// left border of the next).
sealed unsafe class DenseNet40Scratch
{
    public const int Border = 16;

    readonly AlignedFloats[] activated = new AlignedFloats[DenseNet40Architecture.Blocks];
    readonly AlignedFloats[] gradient = new AlignedFloats[DenseNet40Architecture.Blocks];

    public DenseNet40Scratch(DenseBlockOps ops)
    {
        int band = 0;
        int weights = 0;
        for (int b = 0; b < DenseNet40Architecture.Blocks; b++)
        {
            int size = DenseNet40Architecture.Size(b);
            int channels = DenseNet40Architecture.BlockOutputs(b);
            activated[b] = new AlignedFloats((Band(b) + 2) * channels * Stride(b) + 2 * Border);
            gradient[b] = new AlignedFloats((size + 2) * DenseBlockOps.Group * Stride(b) + 2 * Border);
            band = Math.Max(band, Band(b) * channels * size);
            weights = Math.Max(weights, ops.WeightSums(channels, 3));
            if (b < DenseNet40Architecture.Blocks - 1)
                weights = Math.Max(weights, channels / DenseBlockOps.Group * ops.WeightSums(channels, 1));
        }
        BandA = new AlignedFloats(band);
        BandB = new AlignedFloats(band);
        Sums = new AlignedFloats(weights);
        NormSums = new AlignedFloats(2 * DenseNet40Architecture.Features * ops.Lanes);
        Input = new AlignedFloats((DenseNet40Architecture.WindowSize + 2) * 4 * Stride(0) + 2 * Border);
    }

    /// <summary>Rows that are worked on together: 8, 16, 16.</summary>
    public static int Band(int block) => block == 0 ? 8 : 16;

    public static int Stride(int block) => DenseNet40Architecture.Size(block) + Border;

    /// <summary>Activated rows [row][c][x], row 0 being the one above the band.</summary>
    public PlaneRows Activated(int block, int channels) =>
        new(activated[block].Pointer + Border + channels * Stride(block), Stride(block), channels * Stride(block));

    /// <summary>Gradient of twelve convolution outputs [y][k][x], zero all round.</summary>
    public PlaneRows Gradient(int block) =>
        new(gradient[block].Pointer + Border + DenseBlockOps.Group * Stride(block), Stride(block), DenseBlockOps.Group * Stride(block));

    /// <summary>The window [y][c][x], zero all round.</summary>
    public PlaneRows InputRows(int channels) => new(Input.Pointer + Border + channels * Stride(0), Stride(0), channels * Stride(0));

    /// <summary>What a band will need next: 8 rows or more of twelve channels, values and gradients, between its 16 blocks.</summary>
    public MemoryAhead Ahead { get; } = new(linesAStep: 48, regions: 32);

    AlignedFloats Input { get; }

    /// <summary>A band of rows without border.</summary>
    public AlignedFloats BandA { get; }

    public AlignedFloats BandB { get; }

    /// <summary>Lane sums of a weight gradient.</summary>
    public AlignedFloats Sums { get; }

    /// <summary>Lane sums of a batch norm's gradient: d, then d * (x - mean).</summary>
    public AlignedFloats NormSums { get; }
}
