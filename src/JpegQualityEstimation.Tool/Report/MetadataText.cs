using System.Text;

namespace JpegQualityEstimation.Tool.Report;

// MetadataText: bytes of a file as text: UTF-8 where they are, else Latin-1; up to the first zero byte; cut.
static class MetadataText
{
    public const int Most = 400;

    static readonly UTF8Encoding strict = new(false, throwOnInvalidBytes: true);

    public static string Of(ReadOnlySpan<byte> bytes, int most = Most)
    {
        int end = bytes.IndexOf((byte)0);
        if (end >= 0)
            bytes = bytes[..end];
        int rest = Math.Max(0, bytes.Length - 4 * most);
        bytes = bytes[..^rest];
        return VisibleText.Cut(Decoded(bytes).Trim(), most);
    }

    static string Decoded(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(bytes);
        }
    }
}
