using System.Buffers.Binary;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Jpeg;

/// <summary>A position in the bytes of a JPEG file: markers and length-prefixed segments (T.81 B.1.1).</summary>
/// <remarks>Every read is checked; what is wrong is told with the file's name and the offset.</remarks>
ref struct JpegStream
{
    public readonly ReadOnlySpan<byte> Bytes;
    public readonly string Name;
    public int Position;

    public JpegStream(ReadOnlySpan<byte> bytes, string name)
    {
        Bytes = bytes;
        Name = name;
        if (bytes.Length < 2)
            throw Fail(ImageErrorCode.Truncated, bytes.Length, "the file ends before the SOI marker");
        if (bytes[0] != 0xFF || bytes[1] != JpegMarker.Soi)
            throw Fail(ImageErrorCode.UnknownFormat, 0, "not a JPEG file: no SOI marker");
        Position = 2;
    }

    public readonly ImageFormatException Fail(ImageErrorCode code, long offset, string reason) =>
        new(code, Name, offset, reason);

    public readonly ImageFormatException Corrupt(long offset, string reason) =>
        new(ImageErrorCode.Corrupt, Name, offset, reason);

    public readonly ImageFormatException Unsupported(long offset, string reason) =>
        new(ImageErrorCode.Unsupported, Name, offset, reason);

    /// <summary>
    /// Moves behind the next marker, over fill bytes and over bytes that belong to nothing (libjpeg does too).
    /// False at the end of the file. <paramref name="offset"/> is the last 0xFF before the marker's code.
    /// </summary>
    public bool TryNextMarker(out byte marker, out int offset)
    {
        while (true)
        {
            int found = Bytes[Position..].IndexOf((byte)0xFF);
            if (found < 0)
                break;
            Position += found;
            while (Position < Bytes.Length && Bytes[Position] == 0xFF)
                Position++;
            if (Position == Bytes.Length)
                break;
            marker = Bytes[Position++];
            if (marker != 0)
            {
                offset = Position - 2;
                return true;
            }
        }
        Position = offset = Bytes.Length;
        marker = 0;
        return false;
    }

    /// <summary>The payload of the segment at the position, which moves behind it.</summary>
    /// <param name="what">Name of the segment, for the error.</param>
    public JpegSegment ReadSegment(string what)
    {
        if (Bytes.Length - Position < 2)
            throw Fail(ImageErrorCode.Truncated, Bytes.Length, $"the file ends in the {what} segment");
        int length = BinaryPrimitives.ReadUInt16BigEndian(Bytes[Position..]);
        if (length < 2)
            throw Corrupt(Position, $"the {what} segment has length {length}");
        if (Bytes.Length - Position < length)
            throw Fail(ImageErrorCode.Truncated, Bytes.Length, $"the file ends in the {what} segment");
        var segment = new JpegSegment(Bytes.Slice(Position + 2, length - 2), Position + 2, Name, what);
        Position += length;
        return segment;
    }
}

/// <summary>The bytes of one segment, read front to back.</summary>
ref struct JpegSegment(ReadOnlySpan<byte> payload, int offset, string name, string what)
{
    readonly ReadOnlySpan<byte> payload = payload;
    readonly int start = offset;
    int next;

    /// <summary>Offset of the next byte in the file.</summary>
    public readonly int Offset => start + next;

    public readonly int Remaining => payload.Length - next;

    public readonly ReadOnlySpan<byte> Rest => payload[next..];

    public int Byte()
    {
        if (next >= payload.Length)
            throw Corrupt($"the {what} segment is too short");
        return payload[next++];
    }

    public int Word() => Byte() << 8 | Byte();

    public ReadOnlySpan<byte> Take(int count)
    {
        if (Remaining < count)
            throw Corrupt($"the {what} segment is too short");
        var taken = payload.Slice(next, count);
        next += count;
        return taken;
    }

    public readonly void ExpectEnd()
    {
        if (Remaining != 0)
            throw Corrupt($"the {what} segment has {Remaining} bytes too many");
    }

    public readonly ImageFormatException Corrupt(string reason) =>
        new(ImageErrorCode.Corrupt, name, Offset, reason);

    public readonly ImageFormatException Unsupported(string reason) =>
        new(ImageErrorCode.Unsupported, name, Offset, reason);
}
