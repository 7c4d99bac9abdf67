using System.Buffers.Binary;
using System.Globalization;

namespace JpegQualityEstimation.Tool.Report;

// ExifReader: the directories of a TIFF structure (TIFF 6.0; Exif 2.32): the first two, and Exif, GPS and interoperability
// below the first. Hostile bytes give fewer entries, never an error: every offset is checked, nothing is followed twice,
// no more than MaxEntries fields are kept. Maker notes are named, not read.
readonly ref struct ExifReader
{
    const int MaxEntries = 200;
    const int MaxValues = 16;
    const int ThumbnailOffset = 0x0201, ThumbnailLength = 0x0202;

    readonly ReadOnlySpan<byte> bytes;
    readonly bool isBigEndian;

    ExifReader(ReadOnlySpan<byte> bytes)
    {
        this.bytes = bytes;
        isBigEndian = bytes[0] == 'M';
    }

    public static ExifContent Read(ReadOnlySpan<byte> tiff, string name)
    {
        if (tiff.Length < 8 || !(tiff.StartsWith("II*\0"u8) || tiff.StartsWith("MM\0*"u8)))
            return new ExifContent([], 0, 0);
        var reader = new ExifReader(tiff);
        var found = new ExifFields();
        uint second = reader.Directory(name, reader.UInt32(4), ExifTags.Picture, found);
        reader.Directory($"{name} exposure", found.ExifOffset, ExifTags.Exposure, found);
        reader.Directory($"{name} position", found.GpsOffset, ExifTags.Position, found);
        int before = found.Groups.Count;
        (found.ThumbnailStart, found.ThumbnailSize) = (0, 0);
        reader.Directory($"{name} second directory", second, ExifTags.Picture, found);
        bool hasThumbnail = found.Groups.Count > before && found.ThumbnailSize > 0 && (long)found.ThumbnailStart + found.ThumbnailSize <= tiff.Length;
        return new ExifContent(found.Groups, hasThumbnail ? (int)found.ThumbnailStart : 0, hasThumbnail ? (int)found.ThumbnailSize : 0);
    }

    // Offset of the next directory, 0 for none.
    uint Directory(string name, uint offset, IReadOnlyDictionary<int, string> tags, ExifFields found)
    {
        if (offset < 8 || offset > bytes.Length - 2)
            return 0;
        int at = (int)offset, count = UInt16(at);
        var entries = new List<MetadataEntry>();
        for (at += 2; count-- > 0 && at <= bytes.Length - 12; at += 12)
        {
            int tag = UInt16(at);
            switch (tag)
            {
                case 0x8769:
                    found.ExifOffset = UInt32(at + 8);
                    break;
                case 0x8825:
                    found.GpsOffset = UInt32(at + 8);
                    break;
                case ThumbnailOffset:
                    found.ThumbnailStart = UInt32(at + 8);
                    break;
                case ThumbnailLength:
                    found.ThumbnailSize = UInt32(at + 8);
                    break;
                default:
                    if (tags.TryGetValue(tag, out string? field) && found.Entries < MaxEntries && Value(at) is { Length: > 0 } value)
                    {
                        entries.Add(new MetadataEntry(field, value));
                        found.Entries++;
                    }
                    break;
            }
        }
        found.Groups.Add(new MetadataGroup(name, entries));
        return count < 0 && at <= bytes.Length - 4 ? UInt32(at) : 0;
    }

    string? Value(int entry)
    {
        int type = UInt16(entry + 2);
        uint count = UInt32(entry + 4);
        int size = type switch { 1 or 2 or 6 or 7 => 1, 3 or 8 => 2, 4 or 9 or 11 => 4, 5 or 10 or 12 => 8, _ => 0 };
        if (size == 0 || count == 0 || count > bytes.Length / size)
            return null;
        uint start = size * count <= 4 ? (uint)entry + 8 : UInt32(entry + 8);
        if (start > bytes.Length - size * count)
            return null;
        ReadOnlySpan<byte> value = bytes.Slice((int)start, (int)(size * count));
        if (type == 2)
            return MetadataText.Of(value);
        if (type == 7)
            return Undefined(UInt16(entry), value);
        int shown = (int)Math.Min(count, MaxValues);
        var words = new string[shown];
        for (int i = 0; i < shown; i++)
            words[i] = Number(type, (int)start + i * size);
        return string.Join(", ", words) + (shown < count ? string.Create(CultureInfo.InvariantCulture, $" [{count - shown} more]") : "");
    }

    static string Undefined(int tag, ReadOnlySpan<byte> value)
    {
        // UserComment begins with the name of its character set.
        if (tag == 0x9286 && value.Length >= 8)
            return value.StartsWith("ASCII\0\0\0"u8) || value[..8].IndexOfAnyExcept((byte)0) < 0 ? MetadataText.Of(value[8..]) : Bytes(value.Length);
        return value.Length <= 8 && value.IndexOfAnyExceptInRange((byte)' ', (byte)'~') < 0 ? MetadataText.Of(value) : Bytes(value.Length);
    }

    static string Bytes(int count) => string.Create(CultureInfo.InvariantCulture, $"[{count} bytes]");

    string Number(int type, int at) => type switch
    {
        1 => Text(bytes[at]),
        3 => Text(UInt16(at)),
        4 => Text(UInt32(at)),
        5 => Ratio(UInt32(at), UInt32(at + 4)),
        6 => Text((sbyte)bytes[at]),
        8 => Text((short)UInt16(at)),
        9 => Text((int)UInt32(at)),
        10 => Ratio((int)UInt32(at), (int)UInt32(at + 4)),
        11 => Text(BitConverter.UInt32BitsToSingle(UInt32(at))),
        _ => Text(BitConverter.UInt64BitsToDouble(isBigEndian
            ? BinaryPrimitives.ReadUInt64BigEndian(bytes[at..]) : BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]))),
    };

    static string Ratio(long numerator, long denominator) => denominator switch
    {
        0 => $"{Text(numerator)}/0",
        1 => Text(numerator),
        _ when numerator == 1 => $"1/{Text(denominator)}",
        _ => ((double)numerator / denominator).ToString("0.######", CultureInfo.InvariantCulture),
    };

    static string Text<T>(T value)
        where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);

    int UInt16(int at) => isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]) : BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    uint UInt32(int at) => isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]) : BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    sealed class ExifFields
    {
        public List<MetadataGroup> Groups { get; } = [];

        public int Entries { get; set; }

        public uint ExifOffset { get; set; }

        public uint GpsOffset { get; set; }

        public uint ThumbnailStart { get; set; }

        public uint ThumbnailSize { get; set; }
    }
}

// ThumbnailStart: in the TIFF structure; ThumbnailBytes: 0 where there is none.
sealed record ExifContent(IReadOnlyList<MetadataGroup> Groups, int ThumbnailStart, int ThumbnailBytes);
