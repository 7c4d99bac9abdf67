using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Jpeg;

// EntropyReader: the bits of entropy-coded segments (T.81 F.2.2.5), most significant first.
// `bits` holds the next `count` bits left-aligned, zeros behind. Stuffed FF00 becomes FF; at a marker or the end of
// the file zeros are handed out and counted in `missing`, so that looking ahead is free: only CheckExhausted, once a
// unit, tells whether bits were used that are not there.
ref partial struct EntropyReader
{
    readonly ReadOnlySpan<byte> bytes;
    readonly string name;
    int position;
    ulong bits;
    int count;
    int missing;

    public EntropyReader(in JpegStream stream)
    {
        bytes = stream.Bytes;
        name = stream.Name;
        position = stream.Position;
    }

    /// <summary>Offset of the next byte to be loaded; a few bytes ahead of the bits that are used.</summary>
    public readonly int Position => position;

    /// <summary>Makes at least 32 bits available.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Fill()
    {
        if (count < 32)
            Load();
    }

    void Load()
    {
        if (bytes.Length - position >= 4)
        {
            uint four = BinaryPrimitives.ReadUInt32BigEndian(bytes[position..]);
            // No byte is FF: adding 1 to each carries into no high bit that was set.
            if ((four & 0x80808080 & ~(four + 0x01010101)) == 0)
            {
                bits |= (ulong)four << (32 - count);
                count += 32;
                position += 4;
                return;
            }
        }
        while (count <= 56)
        {
            ulong next = 0;
            if (position >= bytes.Length)
                missing += 8;
            else if (bytes[position] != 0xFF)
                next = bytes[position++];
            else
            {
                int after = position + 1;
                while (after < bytes.Length && bytes[after] == 0xFF)
                    after++;
                if (after < bytes.Length && bytes[after] == 0)
                {
                    next = 0xFF;
                    position = after + 1;
                }
                else
                    missing += 8;
            }
            bits |= next << (56 - count);
            count += 8;
        }
    }

    /// <summary>The next <paramref name="n"/> bits, 1..16, without moving; Fill first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int Peek(int n) => (int)(bits >> (64 - n));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Skip(int n)
    {
        bits <<= n;
        count -= n;
    }

    /// <summary>Takes <paramref name="n"/> bits, 1..16; Fill first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Take(int n)
    {
        int value = Peek(n);
        Skip(n);
        return value;
    }

    /// <summary>Decodes a symbol; at least 16 bits are left for its value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Symbol(HuffmanDecodeTable table)
    {
        Fill();
        int entry = table.Lookup[Peek(HuffmanDecodeTable.LookupBits)];
        if (entry == 0)
            entry = LongSymbol(table);
        Skip(entry & 0xFF);
        return entry >> 8;
    }

    readonly int LongSymbol(HuffmanDecodeTable table)
    {
        int entry = table.FindLong(Peek(16));
        return entry != 0 ? entry : throw Corrupt("a bit pattern that is no Huffman code");
    }

    /// <summary>Takes the value of <paramref name="size"/> bits that follows a symbol, 0..15.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Value(int size) => size == 0 ? 0 : HuffmanDecodeTable.Extend(Take(size), size);

    /// <summary>Refuses the file if bits were used that it does not have.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void CheckExhausted()
    {
        if (count < missing)
            throw Exhausted();
    }

    /// <summary>
    /// Goes over the RSTn marker that must come now (T.81 E.2.4). Whole unused bytes before it, another marker or
    /// another number mean that a part of the picture is lost or doubled: the file is refused, nothing is guessed.
    /// </summary>
    public void Restart(int number)
    {
        CheckExhausted();
        int at = position;
        while (at < bytes.Length && bytes[at] == 0xFF)
            at++;
        if (at >= bytes.Length)
            throw Exhausted();
        if (at == position || bytes[at] != JpegMarker.Rst0 + number || count - missing >= 8)
            throw new ImageFormatException(
                ImageErrorCode.Corrupt, name, position, $"restart marker RST{number} is not where it must be");
        position = at + 1;
        bits = 0;
        count = missing = 0;
    }

    /// <summary>The error for bits that make no sense; where they are the padding behind the last ones, Truncated.</summary>
    public readonly ImageFormatException Corrupt(string reason) =>
        missing > 0 && count - missing < 16
            ? Exhausted()
            : new ImageFormatException(ImageErrorCode.Corrupt, name, position, reason);

    readonly ImageFormatException Exhausted()
    {
        int at = position;
        while (at < bytes.Length && bytes[at] == 0xFF)
            at++;
        return at >= bytes.Length || bytes[at] == JpegMarker.Eoi
            ? new(ImageErrorCode.Truncated, name, position, "the entropy-coded data ends before the picture does")
            : new(ImageErrorCode.Corrupt, name, position, $"marker FF{bytes[at]:X2} inside the entropy-coded data");
    }
}
