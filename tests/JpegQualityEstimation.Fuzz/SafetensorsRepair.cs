using System.Buffers.Binary;

namespace JpegQualityEstimation.Fuzz;

// SafetensorsRepair: the values are most of a weight file, and almost any change of its JSON breaks the length before it.
// Three inputs in four are a seed whose header alone is mutated, with the right length; half of these keep to digits, so
// that the JSON stays valid and shapes, offsets and options lie. The rest is as blind as elsewhere.

static class SafetensorsRepair
{
    static readonly uint[] s_values = [0x7F800000, 0xFF800000, 0x7FC00000, 0x7F7FFFFF, 0xFF7FFFFF, 1, 0x80000000];

    public static byte[] Apply(byte[] input, IReadOnlyList<byte[]> seeds, FuzzMutator mutator)
    {
        if (mutator.Next(4) == 0)
            return input;
        byte[] seed = seeds[mutator.Next(seeds.Count)];
        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(seed);
        byte[] header = seed[8..(8 + length)];
        bool digits = mutator.Next(2) == 0;
        for (int changes = mutator.Next(4); changes > 0 && header.Length > 0; changes--)
        {
            if (digits)
                mutator.ChangeDigit(header, mutator.Next(header.Length));
            else
                header = mutator.Change(header, [header]);
        }
        byte[] values = seed[(8 + length)..];
        if (mutator.Next(4) == 0)
            BinaryPrimitives.WriteUInt32LittleEndian(values.AsSpan(mutator.Next(values.Length / 4) * 4), s_values[mutator.Next(s_values.Length)]);
        return [.. BitConverter.GetBytes((long)header.Length), .. header, .. values];
    }
}
