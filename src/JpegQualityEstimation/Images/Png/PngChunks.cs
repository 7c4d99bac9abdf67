using System.Text;

namespace JpegQualityEstimation.Images.Png;

// PngChunks: the walk over a PNG file: order, lengths and CRCs of the critical chunks.
// Source: PNG specification, clauses 5 and 11.

sealed class PngChunks
{
    public required PngHeader Header { get; init; }

    /// <summary>Red, green, blue of each entry; empty where there is none.</summary>
    public required byte[] Palette { get; init; }

    /// <summary>Where the contents of the IDAT chunks lie.</summary>
    public required IReadOnlyList<(int Offset, int Length)> Data { get; init; }

    public required long DataBytes { get; init; }

    public static PngChunks Walk(EncodedImage file)
    {
        PngHeader? header = null;
        byte[] palette = [];
        List<(int, int)> data = [];
        long dataBytes = 0;
        bool dataEnded = false;
        for (long offset = 8; ;)
        {
            uint length = file.UInt32BigEndian(offset, "a PNG chunk");
            ReadOnlySpan<byte> type = file.Slice(offset + 4, 4, "a PNG chunk");
            foreach (byte letter in type)
                if (!char.IsAsciiLetter((char)letter))
                    throw file.Corrupt(offset + 4, "a PNG chunk has a type that is not four letters");
            string name = Encoding.ASCII.GetString(type);
            if (length > int.MaxValue)
                throw file.Corrupt(offset, $"chunk {name} declares {length} bytes, more than the format allows");
            ReadOnlySpan<byte> body = file.Slice(offset + 4, length + 8L, $"chunk {name} of {length} bytes");
            int content = (int)offset + 8;
            bool critical = char.IsAsciiLetterUpper(name[0]);
            if (critical && PngCrc.Of(body[..^4]) != file.UInt32BigEndian(content + length, name))
                throw file.Corrupt(offset, $"chunk {name} has a wrong checksum");
            if (header is null && name != "IHDR")
                throw file.Corrupt(offset, $"chunk {name} stands before IHDR");
            dataEnded |= data.Count > 0 && name != "IDAT";
            switch (name)
            {
                case "IHDR" when header is not null || length != 13:
                    throw file.Corrupt(offset, header is null ? $"IHDR holds {length} bytes instead of 13" : "a second IHDR");
                case "IHDR":
                    header = PngHeader.Read(file, content);
                    break;
                case "PLTE" when length is 0 or > 768 || length % 3 != 0 || palette.Length > 0 || data.Count > 0:
                    throw file.Corrupt(offset, $"a misplaced or malformed palette of {length} bytes");
                case "PLTE":
                    palette = body[4..^4].ToArray();
                    break;
                case "IDAT" when dataEnded:
                    throw file.Corrupt(offset, "the IDAT chunks do not follow one another");
                case "IDAT":
                    data.Add((content, (int)length));
                    dataBytes += length;
                    break;
                case "IEND":
                    PngHeader known = header!.Value;
                    if (data.Count == 0)
                        throw file.Corrupt(offset, "there is no IDAT chunk");
                    if (known.Colour == PngColour.Palette && palette.Length == 0)
                        throw file.Corrupt(offset, "a palette picture without palette");
                    return new PngChunks { Header = known, Palette = palette, Data = data, DataBytes = dataBytes };
                default:
                    if (critical)
                        throw file.Unsupported(offset, $"unknown critical chunk {name}");
                    break;
            }
            offset = content + length + 4;
        }
    }
}
