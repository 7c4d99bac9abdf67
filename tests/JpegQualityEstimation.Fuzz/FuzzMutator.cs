using System.Buffers.Binary;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Fuzz;

// FuzzMutator: one to eight blind changes to a valid file. Half of the places fall into the first 128 bytes, where
// headers are.

sealed class FuzzMutator(ulong seed)
{
    static readonly byte[] s_bytes = [0, 1, 2, 3, 7, 8, 16, 0x20, 0x40, 0x7F, 0x80, 0xC0, 0xD8, 0xD9, 0xDA, 0xFE, 0xFF];

    static readonly uint[] s_numbers =
        [0, 1, 2, 3, 8, 16, 32, 255, 256, 257, 1000, 4096, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x100000, 0x3FFFFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF];

    SyntheticRandom _random = new(seed);

    public int Next(int count) => _random.Next(count);

    public byte[] Mutate(IReadOnlyList<byte[]> seeds)
    {
        byte[] input = [.. seeds[Next(seeds.Count)]];
        int changes = 1 + Math.Min(Next(8), Next(8));
        for (int i = 0; i < changes && input.Length > 0; i++)
            input = Change(input, seeds);
        return input;
    }

    public byte[] Change(byte[] input, IReadOnlyList<byte[]> seeds)
    {
        int at = Place(input.Length);
        switch (Next(14))
        {
            case 0 or 1 or 2:
                input[at] ^= (byte)(1 << Next(8));
                return input;
            case 3:
                input[at] = s_bytes[Next(s_bytes.Length)];
                return input;
            case 4:
                input[at] = (byte)Next(256);
                return input;
            case 5 or 6:
                WriteNumber(input, at, 2);
                return input;
            case 7 or 8:
                WriteNumber(input, at, 4);
                return input;
            case 9:
                return input[..Next(input.Length)];
            case 10:
                return [.. input[..at], .. input[Math.Min(input.Length, at + 1 + Next(16))..]];
            case 11:
                int count = Math.Min(input.Length - at, 1 + Next(64));
                return [.. input[..(at + count)], .. input[at..]];
            case 12:
                byte[] other = seeds[Next(seeds.Count)];
                return [.. input[..at], .. other[Math.Min(other.Length, Next(2) == 0 ? at : Next(other.Length))..]];
            default:
                ChangeDigit(input, at);
                return input;
        }
    }

    int Place(int length) => Next(2) == 0 ? Next(Math.Min(length, 128)) : Next(length);

    void WriteNumber(byte[] input, int at, int size)
    {
        if (at + size > input.Length)
            return;
        uint number = Next(4) switch
        {
            0 => (uint)(input.Length + Next(3) - 1),
            1 => (uint)Next(70000),
            _ => s_numbers[Next(s_numbers.Length)],
        };
        Span<byte> field = input.AsSpan(at, size);
        if (size == 2 && Next(2) == 0)
            BinaryPrimitives.WriteUInt16BigEndian(field, (ushort)number);
        else if (size == 2)
            BinaryPrimitives.WriteUInt16LittleEndian(field, (ushort)number);
        else if (Next(2) == 0)
            BinaryPrimitives.WriteUInt32BigEndian(field, number);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(field, number);
    }

    /// <summary>Another digit for the next one found: sizes in text headers.</summary>
    public void ChangeDigit(byte[] input, int at)
    {
        for (int i = at; i < input.Length; i++)
            if (char.IsAsciiDigit((char)input[i]))
            {
                input[i] = (byte)('0' + Next(10));
                return;
            }
    }
}
