using System.Runtime.InteropServices;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Networks;

namespace JpegQualityEstimation.Cuda.Networks.DenseNet;

// CudnnDenseNet40Filters: the layers' filters [12,3,3,c] in the type that a precision stores, as cuDNN reads them channels last.
sealed class CudnnDenseNet40Filters : IDisposable
{
    const int Growth = DenseNet40Architecture.Growth;
    readonly long[,] at = new long[DenseNet40Architecture.Blocks, DenseNet40Architecture.Layers];
    readonly DeviceBuffer<byte> filters;

    public CudnnDenseNet40Filters(CudaStream stream, ComputePrecision precision, DenseNet40Network network)
    {
        Precision = precision;
        int size = precision is ComputePrecision.Float16 or ComputePrecision.BFloat16 ? 2 : 4;
        using var bytes = new MemoryStream();
        for (int b = 0; b < DenseNet40Architecture.Blocks; b++)
            for (int l = 0; l < DenseNet40Architecture.Layers; l++)
            {
                // Filters begin on 256 bytes.
                bytes.Position = at[b, l] = (bytes.Length + 255) / 256 * 256;
                int channels = DenseNet40Architecture.LayerInputs(b, l);
                ReadOnlySpan<float> from = network.Parameters.AsSpan(network.Architecture.Weight(b, l), Growth * channels * 9);
                for (int k = 0; k < Growth; k++)
                    for (int tap = 0; tap < 9; tap++)
                        for (int c = 0; c < channels; c++)
                        {
                            float w = from[(k * channels + c) * 9 + tap];
                            switch (precision)
                            {
                                case ComputePrecision.Float16: Write((Half)w); break;
                                case ComputePrecision.BFloat16: Write((BFloat16)w); break;
                                default: Write(w); break;
                            }
                        }
            }
        filters = stream.Rent<byte>(bytes.Length);
        stream.Upload<byte>(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), filters);
        stream.Synchronize();

        void Write<T>(T value)
            where T : unmanaged => bytes.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));
    }

    public ComputePrecision Precision { get; }

    public DeviceSpan<byte> Of(int block, int layer) =>
        filters.Slice(at[block, layer], (long)Growth * 9 * DenseNet40Architecture.LayerInputs(block, layer) * (Precision is ComputePrecision.Float16 or ComputePrecision.BFloat16 ? 2 : 4));

    public void Dispose() => filters.Dispose();
}
