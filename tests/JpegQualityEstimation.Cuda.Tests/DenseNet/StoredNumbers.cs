using System.Runtime.InteropServices;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Cuda.Tests.DenseNet;

// Numbers as canvases of a precision store them.
static class StoredNumbers
{
    public static int Bytes(ComputePrecision precision) => precision is ComputePrecision.Float16 or ComputePrecision.BFloat16 ? 2 : 4;

    /// <summary>The nearest number that is stored.</summary>
    public static float Round(ComputePrecision precision, double value) => precision switch
    {
        ComputePrecision.Float16 => (float)(Half)value,
        ComputePrecision.BFloat16 => (float)(BFloat16)(float)value,
        _ => (float)value,
    };

    public static void Upload(CudaStream stream, ComputePrecision precision, ReadOnlySpan<float> values, DeviceBuffer<byte> to)
    {
        byte[] bytes = new byte[values.Length * Bytes(precision)];
        for (int i = 0; i < values.Length; i++)
        {
            if (precision == ComputePrecision.Float16)
                MemoryMarshal.Cast<byte, Half>(bytes.AsSpan())[i] = (Half)values[i];
            else if (precision == ComputePrecision.BFloat16)
                MemoryMarshal.Cast<byte, BFloat16>(bytes.AsSpan())[i] = (BFloat16)values[i];
            else
                MemoryMarshal.Cast<byte, float>(bytes.AsSpan())[i] = values[i];
        }
        stream.Upload<byte>(bytes, to);
    }

    public static float[] Download(CudaStream stream, ComputePrecision precision, DeviceBuffer<byte> from, int count)
    {
        byte[] bytes = new byte[count * Bytes(precision)];
        stream.Download(from.Slice(0, bytes.Length), bytes);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = precision switch
            {
                ComputePrecision.Float16 => (float)MemoryMarshal.Cast<byte, Half>(bytes)[i],
                ComputePrecision.BFloat16 => (float)MemoryMarshal.Cast<byte, BFloat16>(bytes)[i],
                _ => MemoryMarshal.Cast<byte, float>(bytes)[i],
            };
        return values;
    }
}
