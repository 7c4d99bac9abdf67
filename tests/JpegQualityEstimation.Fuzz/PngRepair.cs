using System.Buffers.Binary;
using System.IO.Compression;
using JpegQualityEstimation.Images.Png;

namespace JpegQualityEstimation.Fuzz;

// PngRepair: checksums hide the reader from blind mutation. One input in three is a seed whose rows alone are mutated,
// inside a valid zlib stream; of the others three in four get right CRCs again, and some have their rows mutated too.

static class PngRepair
{
    public static byte[] Apply(byte[] input, IReadOnlyList<byte[]> seeds, FuzzMutator mutator)
    {
        bool rowsOnly = mutator.Next(3) == 0;
        if (rowsOnly)
            input = seeds[mutator.Next(seeds.Count)];
        else if (mutator.Next(4) == 0)
            return input;
        for (int at = 8; at + 12 <= input.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(input.AsSpan(at));
            if (length > input.Length - at - 12)
                break;
            if ((rowsOnly || mutator.Next(4) == 0) && input.AsSpan(at + 4, 4).SequenceEqual("IDAT"u8)
                && Rewrite(input.AsSpan(at + 8, (int)length), mutator) is { } rewritten)
            {
                input = [.. input[..(at + 8)], .. rewritten, .. input[(at + 8 + (int)length)..]];
                length = (uint)rewritten.Length;
                BinaryPrimitives.WriteUInt32BigEndian(input.AsSpan(at), length);
            }
            uint crc = PngCrc.Of(input.AsSpan(at + 4, (int)length + 4));
            BinaryPrimitives.WriteUInt32BigEndian(input.AsSpan(at + 8 + (int)length), crc);
            at += 12 + (int)length;
        }
        return input;
    }

    static byte[]? Rewrite(ReadOnlySpan<byte> compressed, FuzzMutator mutator)
    {
        byte[] rows = new byte[1 << 16];
        int count;
        try
        {
            using ZLibStream inflated = new(new MemoryStream(compressed.ToArray()), CompressionMode.Decompress);
            count = inflated.ReadAtLeast(rows, rows.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            return null;
        }
        if (count == 0)
            return null;
        byte[] changed = mutator.Change(rows[..count], [rows[..count]]);
        using MemoryStream target = new();
        using (ZLibStream deflated = new(target, CompressionLevel.Fastest))
            deflated.Write(changed);
        return target.ToArray();
    }
}
