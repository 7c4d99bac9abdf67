namespace JpegQualityEstimation.Images.Tiff;

// PackBits: 0..127 brings that many bytes and one more, 129..255 repeats a byte 257-n times, 128 is nothing.
// Source: TIFF 6.0, section 9.

static class TiffPackBits
{
    public static void Unpack(EncodedImage file, int offset, int length, Span<byte> target)
    {
        ReadOnlySpan<byte> codes = file.Bytes.Slice(offset, length);
        int at = 0;
        int done = 0;
        while (done < target.Length)
        {
            int code = at < codes.Length ? codes[at++] : 256;
            if (code == 128)
                continue;
            bool repeats = code > 128;
            int count = Math.Min(repeats ? 257 - code : code + 1, target.Length - done);
            if (code == 256 || codes.Length - at < (repeats ? 1 : count))
                throw file.Truncated(offset + at, $"the PackBits data ends after {done} of {target.Length} bytes");
            if (repeats)
                target.Slice(done, count).Fill(codes[at++]);
            else
                codes.Slice(at, count).CopyTo(target[done..]);
            at += repeats ? 0 : count;
            done += count;
        }
    }
}
