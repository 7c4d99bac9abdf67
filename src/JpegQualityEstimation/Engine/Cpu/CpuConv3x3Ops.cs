using System.Runtime.CompilerServices;
using JpegQualityEstimation.Engine.Ops;

namespace JpegQualityEstimation.Engine.Cpu;

/// <summary>The convolutions on this processor, in one vector width.</summary>
sealed unsafe class CpuConv3x3Ops<TVector, TSimd> : Conv3x3Ops
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    public override int PackedOutputs => 2 * TSimd.Count;

    public override void Forward(int channels, in RowTriple rows, int dilation, float* packed, float* bias, float* output, int width)
    {
        if (channels == 64)
            Conv3x3<TVector, TSimd, SixtyFour, Rectify>.Row(rows, dilation, packed, bias, output, width);
        else if (channels == 4)
            Conv3x3<TVector, TSimd, Four, Rectify>.Row(rows, dilation, packed, bias, output, width);
        else
            throw Unknown(channels);
    }

    public override void InputGradient(int channels, in RowTriple rows, int dilation, float* packed, float* gate, float* dInput, int width)
    {
        if (channels == 64)
            Conv3x3<TVector, TSimd, SixtyFour, Gate>.Row(rows, dilation, packed, gate, dInput, width);
        else if (channels == 4)
            Conv3x3<TVector, TSimd, Four, Gate>.Row(rows, dilation, packed, gate, dInput, width);
        else
            throw Unknown(channels);
    }

    public override void WeightGradient(int channels, in RowTriple rows, int dilation, float* dOut, float* dWeight, int width)
    {
        if (channels == 64)
            Conv3x3WeightGradient<TVector, TSimd, SixtyFour>.Row(rows, dilation, dOut, dWeight, width);
        else if (channels == 4)
            Conv3x3WeightGradient<TVector, TSimd, Four>.Row(rows, dilation, dOut, dWeight, width);
        else
            throw Unknown(channels);
    }

    public override void ForwardFromThree(in RowTriple rows, int dilation, float* packed, float* bias, float* output, int width) =>
        Conv3x3FromFew<TVector, TSimd, Three, Rectify>.Row(rows, dilation, packed, bias, output, width);

    public override void PackFromThree(float* weights, float* packed) => Conv3x3FromFew<TVector, TSimd, Three, Rectify>.Pack(weights, packed);

    public override void InputGradientFromTwo(in RowTriple rows, int dilation, float* packed, float* gate, float* dInput, int width) =>
        Conv3x3FromFew<TVector, TSimd, Two, Gate>.Row(rows, dilation, packed, gate, dInput, width);

    public override void PackFromTwo(float* weights, float* packed) => Conv3x3FromFew<TVector, TSimd, Two, Gate>.Pack(weights, packed);

    public override void WeightGradientOfFew(int used, in RowTriple rows, int dilation, float* dOut, float* dWeight, int width) =>
        Conv3x3WeightGradient<TVector, TSimd, Four>.RowOfFew(used, rows, dilation, dOut, dWeight, width);

    public override void ForwardToTwo(in RowTriple rows, int dilation, float* weights, float bias0, float bias1, float* output, int width) =>
        Conv3x3ToTwo<TVector, TSimd>.Row(rows, dilation, weights, bias0, bias1, output, width);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void SumPixels(float* values, int width, float* sum)
    {
        for (int k = 0; k < 64; k += 4 * TSimd.Count, values += 4 * TSimd.Count, sum += 4 * TSimd.Count)
        {
            TVector a = TSimd.Load(sum), b = TSimd.Load(sum + TSimd.Count);
            TVector c = TSimd.Load(sum + 2 * TSimd.Count), d = TSimd.Load(sum + 3 * TSimd.Count);
            float* pixel = values;
            for (int x = 0; x < width; x++, pixel += 64)
            {
                a = TSimd.Add(a, TSimd.Load(pixel));
                b = TSimd.Add(b, TSimd.Load(pixel + TSimd.Count));
                c = TSimd.Add(c, TSimd.Load(pixel + 2 * TSimd.Count));
                d = TSimd.Add(d, TSimd.Load(pixel + 3 * TSimd.Count));
            }
            TSimd.Store(sum, a);
            TSimd.Store(sum + TSimd.Count, b);
            TSimd.Store(sum + 2 * TSimd.Count, c);
            TSimd.Store(sum + 3 * TSimd.Count, d);
        }
    }

    public override void PackTiles(float* weights, float* packed) => WinogradWeights<TVector, TSimd>.Transform(weights, packed);

    public override void ForwardTiles(float** input, int dilation, int first, int end, int firstTile, int endTile, float* packed, float* bias, float** output, WinogradScratch scratch) =>
        WinogradConv3x3<TVector, TSimd>.TileRow<Rectify>(input, dilation, first, end, firstTile, endTile, packed, bias, null, output, scratch);

    public override int TilesInRow(int dilation, int first, int end) => WinogradConv3x3<TVector, TSimd>.TilesInRow(dilation, first, end);

    public override void FlushForwardTiles(int dilation, float* packed, float* bias, WinogradScratch scratch) =>
        WinogradConv3x3<TVector, TSimd>.Flush<Rectify>(dilation, packed, bias, scratch);

    public override void PackLargeTiles(float* weights, float* packed) => WinogradWeights<TVector, TSimd>.TransformLarge(weights, packed);

    public override void ForwardLargeTiles(
        float** input, float** then, int thenTile, int dilation, int first, int end, int firstTile, int endTile, float* packed, float* bias, float** output, Winograd6x6Scratch scratch) =>
        Winograd6x6Conv3x3<TVector, TSimd>.TileRow(input, then, thenTile, dilation, first, end, firstTile, endTile, packed, bias, output, scratch);

    public override int LargeTilesInRow(int dilation, int first, int end) => Winograd6x6Conv3x3<TVector, TSimd>.TilesInRow(dilation, first, end);

    public override void FlushForwardLargeTiles(int dilation, float* packed, float* bias, Winograd6x6Scratch scratch) =>
        Winograd6x6Conv3x3<TVector, TSimd>.Flush(dilation, packed, bias, scratch);

    public override void InputGradientTiles(float** dOut, int dilation, int first, int end, float* packed, float** gate, float** dInput, WinogradScratch scratch) =>
        WinogradConv3x3<TVector, TSimd>.TileRow<Gate>(dOut, dilation, first, end, 0, TilesInRow(dilation, first, end), packed, null, gate, dInput, scratch);

    public override void FlushInputGradientTiles(int dilation, float* packed, WinogradScratch scratch) =>
        WinogradConv3x3<TVector, TSimd>.Flush<Gate>(dilation, packed, null, scratch);

    public override void WeightGradientTiles(float** input, int dilation, int end, float** dOut, float* dU, WinogradScratch scratch) =>
        WinogradConv3x3<TVector, TSimd>.WeightGradientTileRow(input, dilation, end, dOut, dU, scratch);

    public override void FlushWeightGradientTiles(float* dU, WinogradScratch scratch) =>
        WinogradConv3x3<TVector, TSimd>.FlushWeightGradient(dU, scratch);

    public override void AddTileGradient(float* dU, float* dWeight) => WinogradWeights<TVector, TSimd>.AddAdjoint(dU, dWeight);

    static ArgumentException Unknown(int channels) => new($"no 3x3 kernel for {channels} input channels (4 and 64 exist)");
}
