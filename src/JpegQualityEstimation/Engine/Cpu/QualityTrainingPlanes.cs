using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Engine.Cpu;

// QualityTrainingPlanes: what one thread needs to take one patch through the network and back: the activations of all
// layers, two gradients that take turns, and the scratch of the tiles.
sealed unsafe class QualityTrainingPlanes
{
    readonly List<int>[] starts;

    public QualityTrainingPlanes(int size)
    {
        Activations = new BorderedPlane[7];
        for (int l = 0; l < 7; l++)
            Activations[l] = new BorderedPlane(size, l == 0 ? 4 : 64);
        GradientA = new BorderedPlane(size, 64);
        GradientB = new BorderedPlane(size, 64);
        OutputGradient = new BorderedPlane(size, 4);
        Output = new AlignedFloats(2 * size);
        Size = size;
        starts = [.. Enumerable.Range(0, 5).Select(d => d == 0 ? [] : BorderedPlane.TileStarts(size, d))];
    }

    public int Size { get; }

    public BorderedPlane[] Activations { get; }

    public BorderedPlane GradientA { get; }

    public BorderedPlane GradientB { get; }

    public BorderedPlane OutputGradient { get; }

    public AlignedFloats Output { get; }

    WinogradScratch Scratch { get; } = new();

    AlignedFloats TileGradient { get; } = new(36 * 64 * 64);

    public void ForwardTiles(Conv3x3Ops ops, BorderedPlane input, int dilation, float* packed, float* bias, BorderedPlane output)
    {
        float** from = stackalloc float*[6];
        float** to = stackalloc float*[4];
        for (int i = 0; i < starts[dilation].Count; i++)
        {
            int y = Begin(i, dilation);
            input.TileInputs(y, dilation, from);
            output.TileRows(y, dilation, to);
            ops.ForwardTiles(from, dilation, 0, Size, 0, ops.TilesInRow(dilation, 0, Size), packed, bias, to, Scratch);
        }
        ops.FlushForwardTiles(dilation, packed, bias, Scratch);
    }

    public void InputGradientTiles(Conv3x3Ops ops, BorderedPlane dOut, int dilation, float* packed, BorderedPlane gate, BorderedPlane dInput)
    {
        float** from = stackalloc float*[6];
        float** gates = stackalloc float*[4];
        float** to = stackalloc float*[4];
        for (int i = 0; i < starts[dilation].Count; i++)
        {
            int y = Begin(i, dilation);
            dOut.TileInputs(y, dilation, from);
            gate.TileRows(y, dilation, gates);
            dInput.TileRows(y, dilation, to);
            ops.InputGradientTiles(from, dilation, 0, Size, packed, gates, to, Scratch);
        }
        ops.FlushInputGradientTiles(dilation, packed, Scratch);
    }

    public void WeightGradientTiles(Conv3x3Ops ops, BorderedPlane input, int dilation, BorderedPlane dOut, float* dWeight)
    {
        float** from = stackalloc float*[6];
        float** gradients = stackalloc float*[4];
        Scratch.Replaces = true;
        for (int i = 0; i < starts[dilation].Count; i++)
        {
            int y = Begin(i, dilation);
            input.TileInputs(y, dilation, from);
            dOut.TileGradients(y, dilation, gradients);
            ops.WeightGradientTiles(from, dilation, Size, gradients, TileGradient.Pointer, Scratch);
        }
        ops.FlushWeightGradientTiles(TileGradient.Pointer, Scratch);
        ops.AddTileGradient(TileGradient.Pointer, dWeight);
    }

    // First output row of a row of tiles.
    int Begin(int row, int dilation)
    {
        List<int> all = starts[dilation];
        Scratch.ToNextRow = row + 1 < all.Count ? (nint)(GradientA.Row(all[row + 1]) - GradientA.Row(all[row])) : 0;
        return all[row];
    }

    public void Load(byte* patch)
    {
        var picture = new PixelView(new ReadOnlySpan<byte>(patch, Size * Size * 3), Size, Size, PixelFormat.Rgb24);
        for (int y = 0; y < Size; y++)
            PixelConversion.Row(picture, y, 0, Size, Activations[0].Row(y));
    }
}
