namespace JpegQualityEstimation.Engine.Ops;

/// <summary>Planes whose rows lie interleaved or one after the other: pixel (c, y, x) is at Pixel[c * ChannelStride + y * RowStride + x].</summary>
readonly unsafe struct PlaneRows(float* pixel, int channelStride, long rowStride)
{
    public readonly float* Pixel = pixel;
    public readonly int ChannelStride = channelStride;
    public readonly long RowStride = rowStride;

    /// <summary>Pixel 0 of channel 0 in row y.</summary>
    public float* At(int y) => Pixel + y * RowStride;
}
