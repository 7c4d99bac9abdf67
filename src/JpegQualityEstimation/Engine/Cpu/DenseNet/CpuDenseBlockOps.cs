using JpegQualityEstimation.Engine.Ops;

namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

/// <summary>The operations of dense blocks on this processor, in one vector width.</summary>
sealed unsafe class CpuDenseBlockOps<TVector, TSimd> : DenseBlockOps
    where TVector : struct
    where TSimd : struct, ISimd<TVector>
{
    public override int Lanes => TSimd.Count;

    public override void Activate(in PlaneRows input, int channels, float* scale, float* shift, in PlaneRows output, int width, int rows) =>
        BatchNormRows<TVector, TSimd>.Activate(input, channels, scale, shift, output, width, rows);

    public override void Convolve1x1(in PlaneRows input, int channels, float* packed, in PlaneRows output, int width, int rows, bool add)
    {
        for (int y = 0; y < rows; y++)
            ProductOfTwelve<TVector, TSimd>.Run(input.At(y), input.ChannelStride, channels, packed, output.At(y), output.ChannelStride, width, add);
    }

    public override void AccumulateTiles(in TileChunk input, int channels, int first, int end, float* scale, float* shift, float* packed, float* products,
        in TileLanes lanes, WinogradTwelveScratch scratch) =>
        WinogradTwelve<TVector, TSimd>.Accumulate(input, channels, first, end, scale, shift, packed, products, lanes, scratch);

    public override void FinishTiles(float* products, float* more, in TileChunk output, int first, int end, in TileLanes lanes, WinogradTwelveScratch scratch, bool add) =>
        WinogradTwelve<TVector, TSimd>.TransformOutput(products, more, output, first, end, add, lanes, scratch);

    public override void PoolTiles(in TileChunk input, int channels, float* scale, float* shift, in TileLanes lanes, float* output) =>
        TilePooling<TVector, TSimd>.Pool(input, channels, scale, shift, lanes.Rows, lanes.Width, output);

    public override void PackFilters(float* weights, int channels, bool turned, float* taps, float* packed) =>
        WinogradTwelve<TVector, TSimd>.PackFilters(weights, channels, turned, taps, packed);

    public override void TransformGradients(in TileChunk gradients, in TileLanes lanes, TileGradientScratch scratch) =>
        WinogradTwelve<TVector, TSimd>.TransformGradients(gradients, lanes, scratch);

    public override void BackwardTiles(in TileChunk input, in TileChunk inputGradients, int channels, in NormPointers norm, float* packed, float* filterSums,
        in TileLanes lanes, TileGradientScratch scratch) =>
        WinogradTwelve<TVector, TSimd>.Backward(input, inputGradients, channels, norm, packed, filterSums, lanes, scratch);

    public override void AddFilterGradients(float* filterSums, int channels, float* dWeight) =>
        WinogradTwelve<TVector, TSimd>.AddWeightGradients(filterSums, channels, dWeight);

    public override void WeightGradient1x1(in PlaneRows input, int channels, in PlaneRows dOut, int width, int rows, float* sums) =>
        CorrelateTwelve<TVector, TSimd>.Rows(input, channels, dOut, width, rows, sums);

    public override void ReduceWeightGradient(float* sums, int channels, float* dWeight) =>
        CorrelateTwelve<TVector, TSimd>.Reduce(sums, channels, dWeight);

    public override void NormGradient(in PlaneRows dOut, float factor, in PlaneRows x, in PlaneRows dX, int channels, in NormPointers norm, int width, int rows) =>
        BatchNormRows<TVector, TSimd>.Gradient(dOut, factor, x, dX, channels, norm, width, rows);

    public override void Combine(in PlaneRows first, float* a, in PlaneRows second, float* b, float* constant, in PlaneRows output,
        int channels, int width, int rows) =>
        BatchNormRows<TVector, TSimd>.Combine(first, a, second, b, constant, output, channels, width, rows);

    public override void Sum(in PlaneRows x, int channels, int width, int rows, float* sum) =>
        BatchNormRows<TVector, TSimd>.Sum(x, channels, width, rows, sum);

    public override void SumActivated(in PlaneRows x, int channels, float* scale, float* shift, int width, int rows, float* sum) =>
        BatchNormRows<TVector, TSimd>.SumActivated(x, channels, scale, shift, width, rows, sum);

    public override void SumSquares(in PlaneRows x, int channels, float* mean, int width, int rows, float* sum) =>
        BatchNormRows<TVector, TSimd>.SumSquares(x, channels, mean, width, rows, sum);

    public override float Dot(float* a, float* b, int count)
    {
        TVector total = TSimd.Zero;
        int i = 0;
        for (; i <= count - TSimd.Count; i += TSimd.Count)
            total = TSimd.MultiplyAdd(TSimd.Load(a + i), TSimd.Load(b + i), total);
        float sum = TSimd.Sum(total);
        for (; i < count; i++)
            sum = MathF.FusedMultiplyAdd(a[i], b[i], sum);
        return sum;
    }

    public override void AddScaled(float* x, float factor, float* to, int count)
    {
        TVector f = TSimd.Broadcast(factor);
        int i = 0;
        for (; i <= count - TSimd.Count; i += TSimd.Count)
            TSimd.Store(to + i, TSimd.MultiplyAdd(TSimd.Load(x + i), f, TSimd.Load(to + i)));
        for (; i < count; i++)
            to[i] = MathF.FusedMultiplyAdd(x[i], factor, to[i]);
    }

    public override float SumLanes(float* entry) => TSimd.Sum(TSimd.Load(entry));
}
