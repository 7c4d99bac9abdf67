using System.Buffers.Binary;
using System.Text;

namespace JpegQualityEstimation.Tests.Onnx;

// OnnxFile: an ONNX model taken apart by a reader that shares nothing with the writer: every field of every message by its
// number, in the order of the file.
sealed class OnnxFile
{
    readonly List<(int Field, ulong Number, byte[] Bytes)> fields = [];

    public OnnxFile(ReadOnlySpan<byte> message)
    {
        for (int at = 0; at < message.Length;)
        {
            ulong tag = Varint(message, ref at), number = 0;
            byte[] bytes = [];
            switch (tag & 7)
            {
                case 0:
                    number = Varint(message, ref at);
                    break;
                case 2:
                    int length = checked((int)Varint(message, ref at));
                    bytes = message.Slice(at, length).ToArray();
                    at += length;
                    break;
                case 5:
                    number = BinaryPrimitives.ReadUInt32LittleEndian(message[at..]);
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"wire type {tag & 7}");
            }
            fields.Add(((int)(tag >> 3), number, bytes));
        }
    }

    public OnnxFile[] Messages(int field) => [.. fields.Where(f => f.Field == field).Select(f => new OnnxFile(f.Bytes))];

    public OnnxFile Message(int field) => Messages(field).Single();

    public string[] Texts(int field) => [.. fields.Where(f => f.Field == field).Select(f => Encoding.UTF8.GetString(f.Bytes))];

    public string Text(int field) => Texts(field).Single();

    public long[] Numbers(int field) => [.. fields.Where(f => f.Field == field).Select(f => (long)f.Number)];

    public long Number(int field) => Numbers(field).Single();

    public byte[] Bytes(int field) => fields.Single(f => f.Field == field).Bytes;

    public OnnxFile Graph => Message(7);

    public OnnxFile[] Nodes => Graph.Messages(1);

    public OnnxFile[] Constants => Graph.Messages(5);

    public Dictionary<string, string> Metadata => Messages(14).ToDictionary(m => m.Text(1), m => m.Text(2));

    // "name[n,3,height,width]" of a graph's inputs (11) or outputs (12).
    public string[] Values(int field) =>
        [.. Graph.Messages(field).Select(v => $"{v.Text(1)}[{string.Join(',', v.Message(2).Message(1).Message(2).Messages(1).Select(Extent))}]")];

    static string Extent(OnnxFile extent) => extent.Numbers(1) is [long size] ? $"{size}" : extent.Text(2);

    static ulong Varint(ReadOnlySpan<byte> message, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = message[at++];
            value |= (ulong)(next & 127) << shift;
            if (next < 128)
                return value;
        }
    }
}
