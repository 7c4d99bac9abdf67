namespace JpegQualityEstimation.Images;

// ImageSignature: which format the first bytes belong to; and a name for the formats we meet but do not read.

enum ImageFileFormat { Unknown, Empty, Png, Jpeg, Tiff, Bmp, Pnm }

static class ImageSignature
{
    public static ImageFileFormat Recognise(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return ImageFileFormat.Empty;
        if (bytes.StartsWith<byte>([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
            return ImageFileFormat.Png;
        if (bytes.StartsWith<byte>([0xFF, 0xD8]))
            return ImageFileFormat.Jpeg;
        if (bytes.StartsWith("II*\0"u8) || bytes.StartsWith("MM\0*"u8))
            return ImageFileFormat.Tiff;
        if (bytes.StartsWith("BM"u8))
            return ImageFileFormat.Bmp;
        if (bytes.Length > 2 && bytes[0] == 'P' && bytes[1] is >= (byte)'1' and <= (byte)'7'
            && bytes[2] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r' or (byte)'#')
            return ImageFileFormat.Pnm;
        return ImageFileFormat.Unknown;
    }

    /// <summary>Why a file of an unknown format is refused, naming the format where its first bytes tell it.</summary>
    public static string Describe(ReadOnlySpan<byte> bytes)
    {
        string? known = bytes switch
        {
            _ when bytes.StartsWith("GIF8"u8) => "GIF",
            _ when bytes.StartsWith("RIFF"u8) && bytes.Length >= 12 && bytes[8..].StartsWith("WEBP"u8) => "WebP",
            _ when bytes.StartsWith("II+\0"u8) || bytes.StartsWith("MM\0+"u8) => "BigTIFF",
            _ when bytes.StartsWith("8BPS"u8) => "Photoshop",
            _ when bytes.StartsWith<byte>([0, 0, 0, 12, 0x6A, 0x50, 0x20, 0x20]) => "JPEG 2000",
            _ when bytes.StartsWith<byte>([0xFF, 0x0A]) || bytes.StartsWith<byte>([0, 0, 0, 12, 0x4A, 0x58, 0x4C, 0x20]) => "JPEG XL",
            _ when bytes.Length >= 12 && bytes[4..].StartsWith("ftyp"u8) => "HEIF or AVIF",
            _ => null,
        };
        return known is null
            ? "the first bytes are those of no known picture format (PNG, JPEG, TIFF, BMP and PNM are read)"
            : $"{known} files are not read (PNG, JPEG, TIFF, BMP and PNM are)";
    }
}
