namespace JpegQualityEstimation.Images.Tiff;

// LZW as TIFF has it: codes of 9 to 12 bits, most significant bit first, 256 clears the table, 257 ends; the code
// length grows one code early. A table entry is a stretch of what was already unpacked: the string of one code
// and the byte after it, so unpacking copies forward and never follows chains. Source: TIFF 6.0, section 13.

static class TiffLzw
{
    const int Clear = 256;
    const int End = 257;
    const int First = 258;
    const int TableSize = 4096;

    public static void Unpack(EncodedImage file, int offset, int length, Span<byte> target)
    {
        ReadOnlySpan<byte> codes = file.Bytes.Slice(offset, length);
        if (codes.Length > 1 && codes[0] == 0 && (codes[1] & 1) == 1)
            throw file.Unsupported(offset, "old-style (least significant bit first) LZW is not read");
        Span<int> starts = stackalloc int[TableSize];
        Span<int> lengths = stackalloc int[TableSize];
        int next = First;
        int bits = 9;
        int previousLength = 0;
        int done = 0;
        uint window = 0;
        int held = 0;
        int at = 0;
        while (done < target.Length)
        {
            for (; held < bits; held += 8)
            {
                if (at == codes.Length)
                    throw Ended(file, offset + at, done, target.Length);
                window = window << 8 | codes[at++];
            }
            held -= bits;
            int code = (int)(window >> held) & ((1 << bits) - 1);
            if (code == End)
                throw Ended(file, offset + at, done, target.Length);
            if (code == Clear)
            {
                next = First;
                bits = 9;
                previousLength = 0;
                continue;
            }
            // The entry that this code completes: the string before it and its own first byte, which comes next.
            if (previousLength > 0 && next < TableSize)
            {
                starts[next] = done - previousLength;
                lengths[next++] = previousLength + 1;
            }
            if (code >= next)
                throw file.Corrupt(offset + at, $"LZW code {code} is not in the table");
            if (code < Clear)
            {
                target[done++] = (byte)code;
                previousLength = 1;
            }
            else
            {
                previousLength = Math.Min(lengths[code], target.Length - done);
                CopyForward(target, starts[code], done, previousLength);
                done += previousLength;
            }
            if (next >= (1 << bits) - 1 && bits < 12)
                bits++;
        }
    }

    /// <summary>Byte by byte where the stretches overlap: the entry may end with the byte that it begins to write.</summary>
    static void CopyForward(Span<byte> target, int from, int to, int count)
    {
        if (from + count <= to)
            target.Slice(from, count).CopyTo(target[to..]);
        else
            for (int i = 0; i < count; i++)
                target[to + i] = target[from + i];
    }

    static ImageFormatException Ended(EncodedImage file, int offset, int done, int size) =>
        file.Truncated(offset, $"the LZW data ends after {done} of {size} bytes");
}
