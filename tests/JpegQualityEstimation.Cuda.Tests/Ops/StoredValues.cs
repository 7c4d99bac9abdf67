using System.Runtime.InteropServices;
using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;

namespace JpegQualityEstimation.Cuda.Tests.Ops;

// Values as the kernels store them, and back.
static class StoredValues
{
    public static byte[] Of(ReadOnlySpan<float> values, ActivationStorage storage)
    {
        byte[] bytes = new byte[values.Length * storage.Bytes];
        for (int i = 0; i < values.Length; i++)
        {
            Span<byte> to = bytes.AsSpan(i * storage.Bytes);
            switch (storage.Suffix)
            {
                case "f16":
                    MemoryMarshal.Write(to, (Half)values[i]);
                    break;
                case "bf16":
                    MemoryMarshal.Write(to, (BFloat16)values[i]);
                    break;
                default:
                    MemoryMarshal.Write(to, values[i]);
                    break;
            }
        }
        return bytes;
    }

    public static float[] Read(ReadOnlySpan<byte> bytes, ActivationStorage storage)
    {
        float[] values = new float[bytes.Length / storage.Bytes];
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> from = bytes[(i * storage.Bytes)..];
            values[i] = storage.Suffix switch
            {
                "f16" => (float)MemoryMarshal.Read<Half>(from),
                "bf16" => (float)MemoryMarshal.Read<BFloat16>(from),
                _ => MemoryMarshal.Read<float>(from),
            };
        }
        return values;
    }

    public static DeviceBuffer<byte> Upload(CudaStream stream, ReadOnlySpan<float> values, ActivationStorage storage)
    {
        byte[] bytes = Of(values, storage);
        DeviceBuffer<byte> buffer = stream.Rent<byte>(bytes.Length);
        stream.Upload<byte>(bytes, buffer);
        return buffer;
    }

    public static DeviceBuffer<T> Upload<T>(CudaStream stream, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        DeviceBuffer<T> buffer = stream.Rent<T>(values.Length);
        stream.Upload(values, buffer);
        return buffer;
    }

    public static float[] Download(CudaStream stream, DeviceSpan<byte> from, ActivationStorage storage)
    {
        byte[] bytes = new byte[from.Length];
        stream.Download(from, bytes.AsSpan());
        return Read(bytes, storage);
    }
}
