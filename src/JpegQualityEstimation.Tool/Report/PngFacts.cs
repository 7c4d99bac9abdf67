using System.Buffers.Binary;
using System.Globalization;

namespace JpegQualityEstimation.Tool.Report;

// PngFacts: texts, dates and Exif of a PNG file, and what stands behind IEND. Compressed chunks are named with their size,
// never inflated.
static class PngFacts
{
    const int MaxEntries = 200;

    public static FileFacts AddTo(FileFacts facts, ReadOnlySpan<byte> file)
    {
        var entries = new List<MetadataEntry>();
        var groups = new List<MetadataGroup>();
        int at = 8;
        bool ended = false;
        while (!ended && at <= file.Length - 12)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            if (length > file.Length - at - 12)
                break;
            ReadOnlySpan<byte> kind = file.Slice(at + 4, 4), content = file.Slice(at + 8, (int)length);
            ended = kind.SequenceEqual("IEND"u8);
            if (kind.SequenceEqual("eXIf"u8))
                groups.AddRange(ExifReader.Read(content, "EXIF").Groups);
            else if (entries.Count < MaxEntries && Entry(kind, content) is { } entry)
                entries.Add(entry);
            at += 12 + (int)length;
        }
        return facts with
        {
            Metadata = [.. entries.Count > 0 ? [new MetadataGroup("PNG", entries)] : (MetadataGroup[])[], .. groups],
            Trailing = ended ? TrailingData.Of(file, at) : null,
        };
    }

    static MetadataEntry? Entry(ReadOnlySpan<byte> kind, ReadOnlySpan<byte> content)
    {
        int zero = content.IndexOf((byte)0);
        if (kind.SequenceEqual("tIME"u8) && content.Length == 7)
        {
            return new("Last change (UTC)", string.Create(CultureInfo.InvariantCulture,
                $"{content[0] << 8 | content[1]}-{content[2]:00}-{content[3]:00} {content[4]:00}:{content[5]:00}:{content[6]:00}"));
        }
        if (zero < 0)
            return null;
        string name = MetadataText.Of(content[..zero], 80);
        if (kind.SequenceEqual("tEXt"u8))
            return new(name, MetadataText.Of(content[(zero + 1)..]));
        if (kind.SequenceEqual("iTXt"u8) && content.Length > zero + 3 && content[zero + 1] == 0)
        {
            // Language and translated name, each up to a zero, come before the text.
            ReadOnlySpan<byte> rest = content[(zero + 3)..];
            for (int skipped = 0; skipped < 2; skipped++)
                rest = rest[(rest.IndexOf((byte)0) + 1)..];
            return new(name, MetadataText.Of(rest));
        }
        return kind.SequenceEqual("zTXt"u8) || kind.SequenceEqual("iTXt"u8) || kind.SequenceEqual("iCCP"u8)
            ? new(name, string.Create(CultureInfo.InvariantCulture, $"[{content.Length} bytes, compressed]"))
            : null;
    }
}
