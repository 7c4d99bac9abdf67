using System.Security.Cryptography;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Tool.Report;

// FileFacts: what a file says of itself, apart from its pixels. Nothing in it is evidence of what happened to the pixels:
// anyone can rewrite a header. Reading never fails on a file whose picture could be decoded: what cannot be read is left out.
sealed record FileFacts(string Name, long Bytes, string Sha256, string Format)
{
    const int MaxFields = 400;

    public JpegFacts? Jpeg { get; init; }

    public IReadOnlyList<MetadataGroup> Metadata { get; init; } = [];

    public IReadOnlyList<EmbeddedThumbnail> Thumbnails { get; init; } = [];

    // What stands behind the end of the picture's format; null where nothing does or the format does not tell.
    public TrailingData? Trailing { get; init; }

    public static FileFacts Read(ReadOnlySpan<byte> file, string path)
    {
        ImageFileFormat format = ImageSignature.Recognise(file);
        var facts = new FileFacts(Path.GetFileName(path), file.Length, Convert.ToHexStringLower(SHA256.HashData(file)), Words(format));
        return Bounded(format switch
        {
            ImageFileFormat.Jpeg => JpegFacts.AddTo(facts, file, path),
            ImageFileFormat.Png => PngFacts.AddTo(facts, file),
            ImageFileFormat.Tiff => facts with { Metadata = ExifReader.Read(file, "TIFF").Groups },
            _ => facts,
        });
    }

    // At most MaxFields fields in all, the first ones.
    static FileFacts Bounded(FileFacts facts)
    {
        int left = MaxFields;
        var groups = new List<MetadataGroup>();
        foreach (MetadataGroup group in facts.Metadata)
        {
            groups.Add(group with { Entries = [.. group.Entries.Take(left)] });
            left -= groups[^1].Entries.Count;
        }
        return facts with { Metadata = groups };
    }

    static string Words(ImageFileFormat format) => format switch
    {
        ImageFileFormat.Jpeg => "JPEG",
        ImageFileFormat.Png => "PNG",
        ImageFileFormat.Tiff => "TIFF",
        ImageFileFormat.Bmp => "BMP",
        _ => "PNM",
    };
}

// Fields of one part of a file, in its order.
sealed record MetadataGroup(string Name, IReadOnlyList<MetadataEntry> Entries);

readonly record struct MetadataEntry(string Name, string Value);

// Width, Height: null where its bytes are no JPEG file.
sealed record EmbeddedThumbnail(string Place, long Bytes, int? Width, int? Height);

sealed record TrailingData(long Offset, long Bytes, string Kind)
{
    public static TrailingData? Of(ReadOnlySpan<byte> file, int end) =>
        end >= file.Length ? null : new TrailingData(end, file.Length - end, KindOf(file[end..]));

    static string KindOf(ReadOnlySpan<byte> bytes) => bytes switch
    {
        _ when bytes.IndexOfAnyExcept((byte)0) < 0 => "zeros",
        _ when bytes.StartsWith<byte>([0xFF, 0xD8, 0xFF]) => "begins as a JPEG file does (a second picture, as cameras append)",
        _ when bytes.StartsWith("PK\u0003\u0004"u8) => "begins as a ZIP archive does",
        _ when bytes.Length >= 8 && bytes[4..].StartsWith("ftyp"u8) => "begins as an MP4 or HEIF file does (a moving picture, as telephones append)",
        _ when bytes.IndexOf("SEFH"u8) >= 0 => "holds a Samsung trailer",
        _ => "of no kind known here",
    };
}
