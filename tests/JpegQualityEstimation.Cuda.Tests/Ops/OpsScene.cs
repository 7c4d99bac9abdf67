using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Tool.Conformance;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Ops;

// OpsScene: a stream with its ops, and values going to the device and back. What lies between the values of a feature map
// (other channels of a concatenation buffer) holds a mark and is compared on reading.
sealed class OpsScene : IDisposable
{
    const float Mark = 7.5f;

    readonly CudaRuntime runtime;
    readonly List<IDisposable> owned = [];
    readonly Dictionary<ulong, DeviceValues> buffers = [];

    public OpsScene()
    {
        TestDevice.Require();
        runtime = CudaRuntime.Open(0);
        Stream = runtime.CreateStream();
        Ops = new DeviceOps(Stream);
    }

    public CudaStream Stream { get; }

    public DeviceOps Ops { get; }

    public DeviceSpan<T> Put<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        DeviceBuffer<T> buffer = Stream.Rent<T>(values.Length);
        owned.Add(buffer);
        Stream.Upload(values, buffer.Span);
        return buffer;
    }

    public DeviceSpan<float> Put(float[] values) => Put<float>(values);

    public DeviceSpan<T> Room<T>(int length)
        where T : unmanaged
    {
        DeviceBuffer<T> buffer = Stream.Rent<T>(length);
        owned.Add(buffer);
        Stream.Clear(buffer.Span);
        return buffer;
    }

    public T[] Get<T>(DeviceSpan<T> span)
        where T : unmanaged
    {
        var values = new T[span.Length];
        Stream.Download(span, values.AsSpan());
        return values;
    }

    /// <summary>Values in storage of a type, behind some that are not looked at.</summary>
    public DeviceValues Put(float[] values, StorageType type, int before = 0)
    {
        byte[] bytes = new byte[(before + values.Length) * type.Bytes()];
        for (int i = 0; i < values.Length; i++)
            Write(bytes, before + i, values[i], type);
        return DeviceValues.Of(Put<byte>(bytes), type).Slice(before);
    }

    public float[] Get(in DeviceValues values)
    {
        var bytes = new byte[values.Length * values.Type.Bytes()];
        Stream.Download(new DeviceSpan<byte>(values.Address, bytes.Length), bytes.AsSpan());
        var result = new float[values.Length];
        for (int i = 0; i < result.Length; i++)
            result[i] = Read(bytes, i, values.Type);
        return result;
    }

    /// <summary>Feature maps [n,c,h,w] as part of a buffer that has other channels before and behind them.</summary>
    public FeatureSpan Features(float[] values, in FeatureShape shape, StorageType type, int before = 0, int behind = 0)
    {
        int all = before + shape.Channels + behind;
        FeatureLayout whole = shape.Planar
            ? FeatureLayout.Planar(shape.Pictures, all, shape.Height, shape.Width)
            : FeatureLayout.ChannelsLast(shape.Pictures, all, shape.Height, shape.Width);
        float[] laid = new float[whole.Values];
        Array.Fill(laid, Mark);
        FeatureSpan span = new FeatureSpan(new DeviceValues(0, laid.Length, StorageType.Float32), whole).Channels(before, shape.Channels);
        for (int i = 0; i < values.Length; i++)
            laid[before * (shape.Planar ? whole.Stride : 1) + Place(span.Layout, i)] = values[i];
        DeviceValues put = Put(laid, type);
        FeatureSpan features = new FeatureSpan(put, whole).Channels(before, shape.Channels);
        buffers[features.Address] = put;
        return features;
    }

    public FeatureSpan Features(in FeatureShape shape, StorageType type, int before = 0, int behind = 0) =>
        Features(new float[shape.Values], shape, type, before, behind);

    /// <summary>[n,c,h,w], and the marks between are still there.</summary>
    public float[] Get(in FeatureSpan features)
    {
        DeviceValues whole = buffers[features.Address];
        float[] laid = Get(whole);
        long first = ((long)features.Address - (long)whole.Address) / whole.Type.Bytes();
        var values = new float[features.Layout.Values];
        for (int i = 0; i < values.Length; i++)
        {
            long at = first + Place(features.Layout, i);
            values[i] = laid[at];
            laid[at] = Mark;
        }
        Assert.All(laid, value => Assert.Equal(Mark, value));
        return values;
    }

    public void Dispose()
    {
        Stream.Synchronize();
        Ops.Dispose();
        foreach (IDisposable buffer in owned)
            buffer.Dispose();
        Stream.Dispose();
        runtime.Dispose();
    }

    /// <summary>What storage of a type keeps of a value.</summary>
    public static float Stored(float value, StorageType type)
    {
        byte[] bytes = new byte[4];
        Write(bytes, 0, value, type);
        return Read(bytes, 0, type);
    }

    /// <summary>Unit roundoff of a type.</summary>
    public static double Roundoff(StorageType type) => type switch
    {
        StorageType.Float16 => Math.ScaleB(1, -11),
        StorageType.BFloat16 => Math.ScaleB(1, -8),
        _ => Math.ScaleB(1, -24),
    };

    public static float[] Random(int count, int seed, float scale = 1) => StoredNumbers.Even(count, seed, scale);

    /// <summary>Whole numbers from -limit to limit.</summary>
    public static float[] Integers(int count, int seed, int limit = 3) => StoredNumbers.Whole(count, seed, limit);

    static long Place(in FeatureLayout layout, int index)
    {
        int pixel = index % layout.Pixels, plane = index / layout.Pixels;
        int channel = plane % layout.Channels, picture = plane / layout.Channels;
        return picture * layout.PictureStride + (layout.IsPlanar ? channel * layout.Stride + pixel : pixel * layout.Stride + channel);
    }

    static void Write(byte[] bytes, int index, float value, StorageType type)
    {
        Span<byte> to = bytes.AsSpan(index * type.Bytes());
        switch (type)
        {
            case StorageType.Float16: BitConverter.TryWriteBytes(to, (Half)value); break;
            case StorageType.BFloat16: BitConverter.TryWriteBytes(to, ((BFloat16)value).Bits); break;
            default: BitConverter.TryWriteBytes(to, value); break;
        }
    }

    static float Read(byte[] bytes, int index, StorageType type)
    {
        ReadOnlySpan<byte> from = bytes.AsSpan(index * type.Bytes());
        return type switch
        {
            StorageType.Float16 => (float)BitConverter.ToHalf(from),
            StorageType.BFloat16 => (float)new BFloat16(BitConverter.ToUInt16(from)),
            _ => BitConverter.ToSingle(from),
        };
    }
}

/// <summary>Sizes of feature maps under test.</summary>
readonly record struct FeatureShape(int Pictures, int Channels, int Height, int Width, bool Planar)
{
    public int Pixels => Height * Width;

    public int Values => Pictures * Channels * Pixels;

    /// <summary>Index of a value in [n,c,h,w].</summary>
    public int At(int picture, int channel, int pixel) => (picture * Channels + channel) * Pixels + pixel;
}
