namespace JpegQualityEstimation.Images.Pnm;

// PnmTokens: decimal numbers between white space and comments (# to the end of the line).

ref struct PnmTokens(EncodedImage file, int offset)
{
    readonly EncodedImage _file = file;

    /// <summary>The byte after the last number.</summary>
    public int Offset { get; private set; } = offset;

    public long Number(string what)
    {
        SkipSpace(what);
        int start = Offset;
        long value = 0;
        for (; Offset < _file.Length && char.IsAsciiDigit((char)_file.Bytes[Offset]); Offset++)
        {
            value = value * 10 + (_file.Bytes[Offset] - '0');
            if (value > int.MaxValue)
                throw _file.Corrupt(start, $"{what} is larger than any picture");
        }
        if (Offset == start)
            throw _file.Corrupt(start, $"no number where {what} should stand");
        return value;
    }

    /// <summary>The next 0 or 1 of a P1 file, where digits need no space between them.</summary>
    public int Bit()
    {
        SkipSpace("the pixels");
        int digit = _file.Bytes[Offset] - '0';
        if (digit is not (0 or 1))
            throw _file.Corrupt(Offset, "a bitmap holds something else than 0 and 1");
        Offset++;
        return digit;
    }

    void SkipSpace(string what)
    {
        bool comment = false;
        for (; Offset < _file.Length; Offset++)
        {
            byte c = _file.Bytes[Offset];
            if (comment)
                comment = c is not ((byte)'\n' or (byte)'\r');
            else if (c == '#')
                comment = true;
            else if (c is not ((byte)' ' or (>= 9 and <= 13)))
                return;
        }
        throw _file.Truncated(_file.Length, $"the file ends before {what}");
    }
}
