namespace JpegQualityEstimation.Cuda.Ops;

// FeatureLayout: where [n,c,h,w] lies in a buffer.
//   channels-last  value (n,c,y,x) at n PictureStride + (y w + x) Stride + c
//   planar         value (n,c,y,x) at n PictureStride + c Stride + y w + x
// Strides larger than the sizes say are those of a concatenation buffer, of which this is a part.

/// <summary>Sizes and strides of feature maps.</summary>
/// <param name="Pictures">n.</param>
/// <param name="Channels">c.</param>
/// <param name="Height">h.</param>
/// <param name="Width">w.</param>
/// <param name="IsPlanar">Pixels side by side; else channels.</param>
/// <param name="PictureStride">Values from a picture to the next.</param>
/// <param name="Stride">Values from a pixel to the next (channels-last) or from a plane to the next (planar).</param>
readonly record struct FeatureLayout(int Pictures, int Channels, int Height, int Width, bool IsPlanar, long PictureStride, long Stride)
{
    /// <param name="pictures">n.</param>
    /// <param name="channels">c.</param>
    /// <param name="height">h.</param>
    /// <param name="width">w.</param>
    /// <param name="pitch">Channels of a pixel in memory; 0: c.</param>
    public static FeatureLayout ChannelsLast(int pictures, int channels, int height, int width, int pitch = 0)
    {
        pitch = pitch == 0 ? channels : pitch;
        return new(pictures, channels, height, width, false, (long)height * width * pitch, pitch);
    }

    /// <param name="pictures">n.</param>
    /// <param name="channels">c.</param>
    /// <param name="height">h.</param>
    /// <param name="width">w.</param>
    /// <param name="bufferChannels">Planes of a picture in memory; 0: c.</param>
    public static FeatureLayout Planar(int pictures, int channels, int height, int width, int bufferChannels = 0)
    {
        long plane = (long)height * width;
        return new(pictures, channels, height, width, true, plane * (bufferChannels == 0 ? channels : bufferChannels), plane);
    }

    public int Pixels => Height * Width;

    public long Values => (long)Pictures * Channels * Pixels;

    /// <summary>Values from the first to the last, both included.</summary>
    public long Extent => (Pictures - 1) * PictureStride + (IsPlanar ? (Channels - 1) * Stride + Pixels : (Pixels - 1) * Stride + Channels);

    /// <summary>Values that lie side by side.</summary>
    public int Run => IsPlanar ? Pixels : Channels;

    /// <summary>Values from channel 0 to this one.</summary>
    public long ChannelOffset(int channel) => IsPlanar ? channel * Stride : channel;

    public bool HasSizesOf(in FeatureLayout other) =>
        Pictures == other.Pictures && Channels == other.Channels && Height == other.Height && Width == other.Width && IsPlanar == other.IsPlanar;

    public override string ToString() => $"[{Pictures},{Channels},{Height},{Width}] {(IsPlanar ? "planar" : "channels-last")}";
}

/// <summary>Feature maps in device memory.</summary>
readonly record struct FeatureSpan
{
    /// <param name="values">From the first value on.</param>
    /// <param name="layout">Where the others lie.</param>
    /// <exception cref="ArgumentException">The values are too few.</exception>
    public FeatureSpan(DeviceValues values, in FeatureLayout layout)
    {
        if (layout.Pictures < 1 || layout.Channels < 1 || layout.Height < 1 || layout.Width < 1)
            throw new ArgumentException($"features {layout}");
        if (layout.Extent > values.Length)
            throw new ArgumentException($"features {layout} of strides {layout.PictureStride} and {layout.Stride} need {layout.Extent} values, given {values.Length}");
        (Values, Layout) = (values, layout);
    }

    public DeviceValues Values { get; }

    public FeatureLayout Layout { get; }

    public ulong Address => Values.Address;

    public StorageType Type => Values.Type;

    /// <summary>Some of the channels.</summary>
    public FeatureSpan Channels(int first, int count)
    {
        if (first < 0 || count < 1 || first > Layout.Channels - count)
            throw new ArgumentOutOfRangeException(nameof(first), $"channels {first}..{first + count} of {Layout.Channels}");
        return new(Values.Slice(Layout.ChannelOffset(first)), Layout with { Channels = count });
    }

    /// <summary>Whether runs and strides let sixteen bytes of the narrower type be read at once.</summary>
    public bool IsWide(int lanes) =>
        Address % 16 == 0 && Layout.Run % lanes == 0 && Layout.Stride * Type.Bytes() % 16 == 0 && Layout.PictureStride * Type.Bytes() % 16 == 0;
}
