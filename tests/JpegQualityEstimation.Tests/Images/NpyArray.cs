using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Tests.Images;

// NpyArray: the .npy files that NpyWriter makes, and those that NumPy makes of the same three types.

sealed partial record NpyArray(string Type, int[] Shape, byte[] Bytes)
{
    public ReadOnlySpan<T> Values<T>()
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Bytes);

    public static NpyArray Read(ReadOnlySpan<byte> file, string name)
    {
        EncodedImage source = new(file, name, ImageReadOptions.Default);
        ReadOnlySpan<byte> magic = [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];
        if (!file.StartsWith(magic) || file.Length < 10 || file[6] != 1)
            throw source.Corrupt(0, "not a version 1 .npy file");
        int length = BinaryPrimitives.ReadUInt16LittleEndian(file[8..]);
        string header = Encoding.ASCII.GetString(source.Slice(10, length, "the header"));
        Match match = Header().Match(header);
        if (!match.Success)
            throw source.Corrupt(10, $"unexpected header {header.Trim()}");
        int[] shape = [.. match.Groups["shape"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(int.Parse)];
        int size = match.Groups["type"].Value[^1] - '0';
        long bytes = shape.Aggregate((long)size, (product, extent) => checked(product * extent));
        return new NpyArray(match.Groups["type"].Value, shape, source.Slice(10 + length, bytes, "the values").ToArray());
    }

    [GeneratedRegex(@"^\{'descr': '(?<type><f4|<i2|\|u1)', 'fortran_order': False, 'shape': \((?<shape>[0-9, ]*)\), \}\s*$")]
    private static partial Regex Header();
}
