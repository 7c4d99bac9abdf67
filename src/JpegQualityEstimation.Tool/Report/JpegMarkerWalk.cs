using System.Globalization;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Tool.Report;

// JpegMarkerWalk: the markers of a JPEG file up to EOI, with what their segments hold. Stops without complaint where the
// bytes make no sense any more; entropy-coded data and restart markers are passed over and counted.
sealed class JpegMarkerWalk
{
    const int MaxListed = 300;
    const int MaxContent = 120;
    const int MaxGroups = 60;
    const int MaxThumbnails = 8;

    public List<JpegMarkerFact> Markers { get; } = [];

    public List<MetadataGroup> Metadata { get; } = [];

    public List<EmbeddedThumbnail> Thumbnails { get; } = [];

    public void Add(params IEnumerable<MetadataGroup> groups) => Metadata.AddRange(groups.Take(MaxGroups - Metadata.Count));

    public void Add(EmbeddedThumbnail thumbnail)
    {
        if (Thumbnails.Count < MaxThumbnails)
            Thumbnails.Add(thumbnail);
    }

    // In the order of the file: number, table, whether its steps have 16 bits.
    public List<(int Index, QuantTable Table, bool IsWide)> Tables { get; } = [];

    public int Scans { get; private set; }

    public int Restarts { get; private set; }

    public int NotListed { get; private set; }

    public bool HasOwnHuffmanTables { get; private set; }

    public bool HasEnd { get; private set; }

    // Behind EOI, the file's length where there is none.
    public int End { get; private set; }

    public JpegMarkerWalk(ReadOnlySpan<byte> file, string name)
    {
        End = file.Length;
        var stream = new JpegStream(file, name);
        List(0, "SOI", 0, "");
        try
        {
            while (!HasEnd && stream.TryNextMarker(out byte marker, out int offset))
            {
                switch (marker)
                {
                    case JpegMarker.Eoi:
                        (HasEnd, End) = (true, stream.Position);
                        List(offset, "EOI", 0, "");
                        break;
                    case >= JpegMarker.Rst0 and <= JpegMarker.Rst7:
                        Restarts++;
                        break;
                    case JpegMarker.Soi or JpegMarker.Tem:
                        List(offset, $"FF{marker:X2}", 0, "");
                        break;
                    default:
                        ReadOnlySpan<byte> payload = stream.ReadSegment("segment").Rest;
                        List(offset, Name(marker), payload.Length, Content(marker, payload));
                        break;
                }
            }
        }
        catch (ImageFormatException e)
        {
            Markers.Add(new JpegMarkerFact(e.Offset, "-", 0, e.Reason));
        }
    }

    void List(long offset, string name, int bytes, string content)
    {
        if (Markers.Count < MaxListed)
            Markers.Add(new JpegMarkerFact(offset, name, bytes, VisibleText.Cut(content, MaxContent)));
        else
            NotListed++;
    }

    static string Name(byte marker) => marker switch
    {
        JpegMarker.Dht => "DHT",
        JpegMarker.Dqt => "DQT",
        JpegMarker.Dri => "DRI",
        JpegMarker.Sos => "SOS",
        JpegMarker.Com => "COM",
        >= JpegMarker.App0 and <= JpegMarker.App15 => Text($"APP{marker - JpegMarker.App0}"),
        >= JpegMarker.Sof0 and <= JpegMarker.Sof15 => Text($"SOF{marker - JpegMarker.Sof0}"),
        _ => $"FF{marker:X2}",
    };

    string Content(byte marker, ReadOnlySpan<byte> payload)
    {
        switch (marker)
        {
            case JpegMarker.Sos:
                return payload.Length > 0 ? Text($"scan {++Scans}, {payload[0]} component{(payload[0] == 1 ? "" : "s")}") : "";
            case JpegMarker.Dqt:
                return Quantization(payload);
            case JpegMarker.Dht:
                return Huffman(payload);
            case JpegMarker.Dri:
                return payload.Length == 2 ? Text($"every {payload[0] << 8 | payload[1]} units") : "";
            case JpegMarker.Com:
                Add("Comment", ("Text", MetadataText.Of(payload)));
                return "";
            case >= JpegMarker.App0 and <= JpegMarker.App15:
                return JpegSegmentsText.Read(this, marker - JpegMarker.App0, payload);
            default:
                return "";
        }
    }

    string Quantization(ReadOnlySpan<byte> payload)
    {
        var names = new List<string>();
        while (payload.Length > 0 && Tables.Count < MaxListed)
        {
            bool wide = payload[0] >> 4 != 0;
            int length = wide ? 129 : 65;
            if (payload.Length < length)
                break;
            var zigZag = new ushort[64];
            for (int k = 0; k < 64; k++)
                zigZag[k] = wide ? (ushort)(payload[1 + 2 * k] << 8 | payload[2 + 2 * k]) : payload[1 + k];
            if (zigZag.Contains((ushort)0))
                break;
            Tables.Add((payload[0] & 15, QuantTable.FromZigZag(zigZag), wide));
            names.Add(Text($"{payload[0] & 15}"));
            payload = payload[length..];
        }
        return $"table {string.Join(", ", names)}";
    }

    string Huffman(ReadOnlySpan<byte> payload)
    {
        var names = new List<string>();
        while (payload.Length >= 17)
        {
            int codes = 0;
            foreach (byte count in payload.Slice(1, 16))
                codes += count;
            if (payload.Length < 17 + codes)
                break;
            bool typical = IsTypical(payload.Slice(1, 16), payload.Slice(17, codes));
            HasOwnHuffmanTables |= !typical;
            names.Add(Text($"{(payload[0] >> 4 == 0 ? "DC" : "AC")} {payload[0] & 15}{(typical ? " typical" : "")}"));
            payload = payload[(17 + codes)..];
        }
        return string.Join(", ", names);
    }

    static bool IsTypical(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> symbols)
    {
        foreach (HuffmanSpec typical in (HuffmanSpec[])[HuffmanSpec.LuminanceDc, HuffmanSpec.ChrominanceDc, HuffmanSpec.LuminanceAc, HuffmanSpec.ChrominanceAc])
            if (counts.SequenceEqual(typical.Counts) && symbols.SequenceEqual(typical.Symbols))
                return true;
        return false;
    }

    public void Add(string group, params (string Name, string Value)[] entries) =>
        Add(new MetadataGroup(group, [.. entries.Where(entry => entry.Value.Length > 0).Select(entry => new MetadataEntry(entry.Name, entry.Value))]));

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

// Bytes: of the payload.
readonly record struct JpegMarkerFact(long Offset, string Name, int Bytes, string Content);
