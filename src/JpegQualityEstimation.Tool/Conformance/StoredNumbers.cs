using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;

namespace JpegQualityEstimation.Tool.Conformance;

// Numbers as a storage type keeps them, and numbers to try an op with.
static class StoredNumbers
{
    public static byte[] ToBytes(ReadOnlySpan<float> values, StorageType type)
    {
        byte[] bytes = new byte[(long)values.Length * type.Bytes()];
        for (int i = 0; i < values.Length; i++)
        {
            Span<byte> to = bytes.AsSpan(i * type.Bytes());
            switch (type)
            {
                case StorageType.Float16: BitConverter.TryWriteBytes(to, (Half)values[i]); break;
                case StorageType.BFloat16: BitConverter.TryWriteBytes(to, ((BFloat16)values[i]).Bits); break;
                default: BitConverter.TryWriteBytes(to, values[i]); break;
            }
        }
        return bytes;
    }

    public static float[] FromBytes(ReadOnlySpan<byte> bytes, StorageType type)
    {
        float[] values = new float[bytes.Length / type.Bytes()];
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> from = bytes[(i * type.Bytes())..];
            values[i] = type switch
            {
                StorageType.Float16 => (float)BitConverter.ToHalf(from),
                StorageType.BFloat16 => (float)new BFloat16(BitConverter.ToUInt16(from)),
                _ => BitConverter.ToSingle(from),
            };
        }
        return values;
    }

    /// <summary>What storage of a type keeps of a value.</summary>
    public static float Round(float value, StorageType type) => type switch
    {
        StorageType.Float16 => (float)(Half)value,
        StorageType.BFloat16 => (float)(BFloat16)value,
        _ => value,
    };

    /// <summary>Evenly from -scale to scale, as a storage type keeps them.</summary>
    public static float[] Even(long count, int seed, float scale = 1, StorageType type = StorageType.Float32)
    {
        var random = new Random(seed);
        var values = new float[count];
        foreach (ref float value in values.AsSpan())
            value = Round(scale * (2 * random.NextSingle() - 1), type);
        return values;
    }

    /// <summary>Whole numbers from -limit to limit: small sums of their products are exact in every order and storage.</summary>
    public static float[] Whole(long count, int seed, int limit = 1)
    {
        var random = new Random(seed);
        var values = new float[count];
        foreach (ref float value in values.AsSpan())
            value = random.Next(-limit, limit + 1);
        return values;
    }

    /// <summary>Whole numbers, most of them 0, the others 1 and 2: sums of hundreds of signed ones stay below 256, which every storage keeps.</summary>
    public static float[] Sparse(long count, int seed)
    {
        var random = new Random(seed);
        var values = new float[count];
        foreach (ref float value in values.AsSpan())
            value = Math.Max(0, random.Next(-6, 3));
        return values;
    }

    public static byte[] Bytes(long count, int seed)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
