using System.Runtime.InteropServices;
using System.Security.Cryptography;
using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;

namespace JpegQualityEstimation.Tool.Conformance;

// DeviceScene: a stream of a device with its ops and libraries, numbers going there and back, and a digest over all that came
// back, so that two runs can be compared bit for bit. Everything put there is held until the scene ends.
sealed class DeviceScene : IDisposable
{
    readonly List<IDisposable> owned = [];
    readonly IncrementalHash seen = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    CudnnContext? cudnn;
    CublasContext? cublas;

    public DeviceScene(CudaRuntime runtime)
    {
        Runtime = runtime;
        Stream = runtime.CreateStream();
        Ops = new DeviceOps(Stream);
    }

    public CudaRuntime Runtime { get; }

    public CudaStream Stream { get; }

    public DeviceOps Ops { get; }

    public CudnnContext Cudnn => cudnn ??= Runtime.CreateCudnn(Stream) ?? throw new NotSupportedException(Runtime.WithoutCudnn);

    public CublasContext Cublas => cublas ??= Runtime.CreateCublas(Stream) ?? throw new NotSupportedException(Runtime.WithoutCublas);

    /// <summary>Over all that was fetched, lower-case hex.</summary>
    public string Digest => Convert.ToHexStringLower(seen.GetCurrentHash());

    public T Own<T>(T disposable)
        where T : IDisposable
    {
        owned.Add(disposable);
        return disposable;
    }

    public DeviceSpan<T> Put<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        DeviceBuffer<T> buffer = Own(Stream.Rent<T>(values.Length));
        Stream.Upload(values, buffer.Span);
        return buffer;
    }

    public DeviceSpan<float> Put(float[] values) => Put<float>(values);

    /// <summary>Zeros.</summary>
    public DeviceSpan<T> Room<T>(long length)
        where T : unmanaged
    {
        DeviceBuffer<T> buffer = Own(Stream.Rent<T>(length));
        Stream.Clear(buffer.Span);
        return buffer;
    }

    public T[] Get<T>(DeviceSpan<T> span)
        where T : unmanaged
    {
        var values = new T[span.Length];
        Stream.Download(span, values.AsSpan());
        See<T>(values);
        return values;
    }

    public DeviceValues Put(float[] values, StorageType type) => DeviceValues.Of(Put<byte>(StoredNumbers.ToBytes(values, type)), type);

    public float[] Get(in DeviceValues values) =>
        StoredNumbers.FromBytes(Get(new DeviceSpan<byte>(values.Address, values.Length * values.Type.Bytes())), values.Type);

    /// <summary>Feature maps whose values lie as the layout says, without gaps.</summary>
    public FeatureSpan Features(float[] laid, in FeatureLayout layout, StorageType type) => new(Put(laid, type), layout);

    public FeatureSpan Features(in FeatureLayout layout, StorageType type) => new(DeviceValues.Of(Room<byte>(layout.Values * type.Bytes()), type), layout);

    public float[] Get(in FeatureSpan features) => Get(features.Values);

    /// <summary>Numbers that came back by other ways.</summary>
    public void See<T>(ReadOnlySpan<T> values)
        where T : unmanaged => seen.AppendData(MemoryMarshal.AsBytes(values));

    public void Dispose()
    {
        Stream.Synchronize();
        cudnn?.Dispose();
        cublas?.Dispose();
        Ops.Dispose();
        for (int i = owned.Count - 1; i >= 0; i--)
            owned[i].Dispose();
        Stream.Dispose();
        seen.Dispose();
    }
}
