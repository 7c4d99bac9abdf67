using System.Buffers.Binary;

namespace JpegQualityEstimation.Jpeg;

// JpegFileWriter: the segments around one sequential scan, in cjpeg's order: SOI, APP0 (JFIF), DQT, SOF, DHT, DRI,
// SOS ... EOI; every table in a segment of its own.
sealed class JpegFileWriter(Stream stream)
{
    public void Head(JpegFrame frame, JpegDensity density)
    {
        Marker(JpegMarker.Soi);
        Segment(JpegMarker.App0,
        [
            .. "JFIF\0"u8, 1, 1, (byte)density.Unit, (byte)(density.X >> 8), (byte)density.X, (byte)(density.Y >> 8), (byte)density.Y, 0, 0,
        ]);
        Quantization(0, frame.Components[0].Table!);
        if (frame.Components.Length > 1)
            Quantization(1, frame.Components[1].Table!);
        List<byte> sof = [8, (byte)(frame.Height >> 8), (byte)frame.Height, (byte)(frame.Width >> 8), (byte)frame.Width, (byte)frame.Components.Length];
        foreach (FrameComponent c in frame.Components)
            sof.AddRange([(byte)c.Id, (byte)(c.Horizontal << 4 | c.Vertical), (byte)c.TableIndex]);
        Segment(frame.Marker, [.. sof]);
    }

    // Tables: DC 0, DC 1, AC 0, AC 1.
    public void Scan(JpegFrame frame, HuffmanEncodeTable[] tables, int restartInterval)
    {
        for (int i = 0; i < Math.Min(frame.Components.Length, 2); i++)
        {
            Huffman((byte)i, tables[i].Spec);
            Huffman((byte)(0x10 | i), tables[2 + i].Spec);
        }
        if (restartInterval > 0)
            Segment(JpegMarker.Dri, [(byte)(restartInterval >> 8), (byte)restartInterval]);
        List<byte> sos = [(byte)frame.Components.Length];
        for (int i = 0; i < frame.Components.Length; i++)
            sos.AddRange([(byte)frame.Components[i].Id, (byte)(i == 0 ? 0 : 0x11)]);
        Segment(JpegMarker.Sos, [.. sos, 0, 63, 0]);
    }

    public void End() => Marker(JpegMarker.Eoi);

    void Quantization(int index, QuantTable table)
    {
        ushort[] steps = table.ZigZagOrder();
        bool wide = steps.AsSpan().ContainsAnyExceptInRange((ushort)1, (ushort)255);
        List<byte> dqt = [(byte)(index | (wide ? 0x10 : 0))];
        foreach (ushort step in steps)
        {
            if (wide)
                dqt.Add((byte)(step >> 8));
            dqt.Add((byte)step);
        }
        Segment(JpegMarker.Dqt, [.. dqt]);
    }

    void Huffman(byte head, HuffmanSpec spec) => Segment(JpegMarker.Dht, [head, .. spec.Counts, .. spec.Symbols]);

    void Marker(byte marker) => stream.Write([0xFF, marker]);

    void Segment(byte marker, ReadOnlySpan<byte> payload)
    {
        Span<byte> head = [0xFF, marker, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)(payload.Length + 2));
        stream.Write(head);
        stream.Write(payload);
    }
}
