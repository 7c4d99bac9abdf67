using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace JpegQualityEstimation.Jpeg;

/// <summary>Takes the symbols of a sequential scan, to count or to write them.</summary>
interface ISymbolSink
{
    /// <summary>A symbol of table <paramref name="table"/> (0, 1: DC; 2, 3: AC) and <paramref name="size"/> more bits.</summary>
    void Put(int table, int symbol, int bits, int size);

    /// <summary>Ends a restart interval.</summary>
    void Restart(int number);
}

/// <summary>Counts symbols, for <see cref="OptimalHuffman"/>.</summary>
readonly struct SymbolCounter() : ISymbolSink
{
    readonly long[][] counts = [new long[256], new long[256], new long[256], new long[256]];

    public long[] Of(int table) => counts[table];

    public void Put(int table, int symbol, int bits, int size) => counts[table][symbol]++;

    public void Restart(int number)
    {
    }
}

/// <summary>Writes codes and bits, most significant first, FF stuffed (T.81 F.1.2.3).</summary>
struct EntropyWriter(Stream stream, HuffmanEncodeTable[] tables) : ISymbolSink
{
    const int BufferSize = 1 << 16;

    readonly int[][] codes = Array.ConvertAll(tables, table => table.Entries);
    readonly byte[] buffer = new byte[BufferSize];
    int used = 0;
    ulong pending = 0; // right-aligned
    int count = 0; // 0..31 between calls

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(int table, int symbol, int bits, int size)
    {
        int entry = codes[table][symbol];
        // A code of up to 16 bits and up to 11 more behind fewer than 32: fits 64.
        pending = (pending << (entry >> 16) | (uint)(entry & 0xFFFF)) << size | (uint)bits;
        count += (entry >> 16) + size;
        if (count >= 32)
            Drain();
    }

    void Drain()
    {
        count -= 32;
        uint four = (uint)(pending >> count);
        if (used > BufferSize - 8)
            Flush();
        if ((four & 0x80808080 & ~(four + 0x01010101)) == 0)
        {
            BinaryPrimitives.WriteUInt32BigEndian(buffer.AsSpan(used), four);
            used += 4;
            return;
        }
        for (int shift = 24; shift >= 0; shift -= 8)
            Byte((byte)(four >> shift));
    }

    void Byte(byte value)
    {
        buffer[used++] = value;
        if (value == 0xFF)
            buffer[used++] = 0;
    }

    public void Restart(int number)
    {
        Pad();
        buffer[used++] = 0xFF;
        buffer[used++] = (byte)(JpegMarker.Rst0 + number);
    }

    /// <summary>Fills the last byte with ones and hands everything to the stream.</summary>
    public void Finish()
    {
        Pad();
        Flush();
    }

    void Pad()
    {
        int fill = -count & 7;
        pending = pending << fill | (1u << fill) - 1;
        count += fill;
        if (used > BufferSize - 16)
            Flush();
        for (; count > 0; count -= 8)
            Byte((byte)(pending >> (count - 8)));
    }

    void Flush()
    {
        stream.Write(buffer, 0, used);
        used = 0;
    }
}
