using JpegQualityEstimation.Jpeg;
using Xunit;

namespace JpegQualityEstimation.Tests.Jpeg;

// KernelSets: the vector widths this machine runs, as theory data; each is held against the scalar kernels.
static class KernelSets
{
    public static TheoryData<string> Vectors => [.. JpegKernels.Available.Where(k => k.Name != "scalar").Select(k => k.Name)];

    public static TheoryData<string> All => [.. JpegKernels.Available.Select(k => k.Name)];

    public static JpegKernels Get(string name) => JpegKernels.Available.Single(k => k.Name == name);

    /// <summary>Deterministic bytes: noise, with runs of 0 and 255 so that limits are met.</summary>
    public static byte[] Bytes(int count, int seed)
    {
        var random = new Random(seed);
        var bytes = new byte[count];
        random.NextBytes(bytes);
        for (int i = 0; i < count; i++)
            if (i % 37 < 9)
                bytes[i] = (byte)((i / 37 & 1) * 255);
        return bytes;
    }
}
