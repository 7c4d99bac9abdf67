using System.Buffers.Binary;

namespace JpegQualityEstimation.Images.Tiff;

// TiffDirectory: the first image file directory. Fields are found and read where they lie, in the file's byte
// order; nothing is copied, so a declared count costs nothing. Source: TIFF 6.0 (Aldus, 1992), section 2.

readonly ref struct TiffDirectory
{
    const int EntryBytes = 12;

    readonly EncodedImage _file;
    readonly int _start;
    readonly int _entries;

    public TiffDirectory(EncodedImage file)
    {
        _file = file;
        IsBigEndian = file.Bytes[0] == 'M';
        long offset = UInt32(4, "the offset of the directory");
        if (offset < 8)
            throw file.Corrupt(4, $"the directory lies at byte {offset}");
        _entries = UInt16(offset, "the directory");
        if (_entries == 0)
            throw file.Corrupt(offset, "an empty directory");
        file.Slice(offset + 2, (long)_entries * EntryBytes, $"a directory of {_entries} entries");
        _start = (int)offset + 2;
    }

    public bool IsBigEndian { get; }

    public int UInt16(long offset, string what)
    {
        ReadOnlySpan<byte> bytes = _file.Slice(offset, 2, what);
        return IsBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }

    public uint UInt32(long offset, string what)
    {
        ReadOnlySpan<byte> bytes = _file.Slice(offset, 4, what);
        return IsBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    /// <summary>The field with this tag, or one of no values.</summary>
    public TiffField Find(TiffTag tag)
    {
        for (int i = 0; i < _entries; i++)
        {
            int entry = _start + i * EntryBytes;
            if (UInt16(entry, "the directory") != (int)tag)
                continue;
            int type = UInt16(entry + 2, "the directory");
            uint count = UInt32(entry + 4, "the directory");
            int size = type switch { 1 => 1, 3 => 2, 4 => 4, _ => 0 };
            if (size == 0 || count == 0)
                throw _file.Corrupt(entry, $"{tag} is no list of whole numbers");
            long bytes = count * (long)size;
            long offset = bytes <= 4 ? entry + 8 : UInt32(entry + 8, "the directory");
            _file.Slice(offset, bytes, $"the {count} values of {tag}");
            return new TiffField(tag, (int)offset, (int)count, size);
        }
        return new TiffField(tag, _start - 2, 0, 1);
    }

    public uint Value(TiffField field, long index) => index >= field.Count
        ? throw _file.Corrupt(field.Offset, $"{field.Tag} holds {field.Count} values, number {index + 1} is needed")
        : field.Size switch
        {
            1 => _file.Bytes[field.Offset + (int)index],
            2 => (uint)UInt16(field.Offset + 2 * index, "a field"),
            _ => UInt32(field.Offset + 4 * index, "a field"),
        };

    /// <summary>The first value of a field, or <paramref name="otherwise"/> where there is no such field.</summary>
    public uint Value(TiffTag tag, uint otherwise)
    {
        TiffField field = Find(tag);
        return field.Count == 0 ? otherwise : Value(field, 0);
    }

    /// <summary>The first value of a field that must be there.</summary>
    public uint Value(TiffTag tag)
    {
        TiffField field = Find(tag);
        return field.Count > 0 ? Value(field, 0) : throw _file.Corrupt(_start - 2, $"the directory lacks {tag}");
    }
}

/// <summary>Where the values of a field lie: Count numbers of Size bytes from Offset.</summary>
readonly record struct TiffField(TiffTag Tag, int Offset, int Count, int Size);

enum TiffTag
{
    ImageWidth = 256,
    ImageLength = 257,
    BitsPerSample = 258,
    Compression = 259,
    PhotometricInterpretation = 262,
    FillOrder = 266,
    StripOffsets = 273,
    SamplesPerPixel = 277,
    RowsPerStrip = 278,
    StripByteCounts = 279,
    PlanarConfiguration = 284,
    Predictor = 317,
    ColorMap = 320,
    TileWidth = 322,
    TileLength = 323,
    TileOffsets = 324,
    TileByteCounts = 325,
    SampleFormat = 339,
}
