using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

// DenseNet40WindowWork: one window by several threads, stage by stage: pixels, first convolution, and then the layers and
// transitions in their order. A layer of the last block is two stages, sums and outputs.
sealed unsafe class DenseNet40WindowWork(DenseNet40Window window, DenseNet40PartScratch[] scratch) : StagedWork
{
    const int Layers = DenseNet40Architecture.Layers;
    const int FirstBlock = 2;
    const int FirstTransition = FirstBlock + Layers;
    const int MiddleBlock = FirstTransition + 1;
    const int SecondTransition = MiddleBlock + Layers;
    const int LastBlock = SecondTransition + 1;
    const int Head = LastBlock + 2 * Layers;

    byte* pixels;
    float* outputs;
    int outputCount;

    public override int Stages => Head + 1;

    public override int Parts(int stage) => stage switch
    {
        0 or Head => 1,
        <= FirstTransition => DenseNet40Window.FirstBlockParts,
        _ => 2,
    };

    public void Set(byte* window, float* to, int count)
    {
        pixels = window;
        outputs = to;
        outputCount = count;
    }

    public override void Run(int stage, int part, int member)
    {
        DenseNet40PartScratch own = scratch[member];
        switch (stage)
        {
            case 0:
                window.Load(pixels);
                break;
            case 1:
                window.First(part, own);
                break;
            case < FirstTransition:
                window.Layer(0, stage - FirstBlock, 32 * part, 32, own);
                break;
            case FirstTransition:
                window.Transition(0, 32 * part, own);
                break;
            case < SecondTransition:
                window.Layer(1, stage - MiddleBlock, 32 * part, 32, own);
                break;
            case SecondTransition:
                window.Transition(1, 32 * part, own);
                break;
            case Head:
                window.Head(new Span<float>(outputs, outputCount));
                break;
            default:
                int step = stage - LastBlock;
                if (step % 2 == 0)
                    window.HalfLayer(step / 2, part, own);
                else
                    window.JoinHalves(step / 2, part, own);
                break;
        }
    }
}

/// <summary>Windows side by side, each by one thread.</summary>
sealed unsafe class DenseNet40BatchWork(DenseNet40Window[] windows, DenseNet40PartScratch[] scratch, int outputCount) : StagedWork
{
    byte* pixels;
    float* outputs;
    int count;

    public override int Stages => 1;

    public override int Parts(int stage) => count;

    public void Set(byte* from, float* to, int number)
    {
        pixels = from;
        outputs = to;
        count = number;
    }

    public override void Run(int stage, int part, int member) =>
        windows[member].Run(pixels + (long)part * DenseNet40Inference.WindowBytes, new Span<float>(outputs + (long)part * outputCount, outputCount), scratch[member]);
}
