using Google.Protobuf;

namespace JpegQualityEstimation.Onnx;

// OnnxMessage: one protobuf message being written, field by field, in the order of the calls. A message inside another is
// written whole first, as its length stands before it.
sealed class OnnxMessage
{
    readonly MemoryStream bytes = new();
    readonly CodedOutputStream coded;

    public OnnxMessage() => coded = new CodedOutputStream(bytes, leaveOpen: true);

    public OnnxMessage Number(int field, long value)
    {
        coded.WriteTag(field, WireFormat.WireType.Varint);
        coded.WriteInt64(value);
        return this;
    }

    public OnnxMessage Real(int field, float value)
    {
        coded.WriteTag(field, WireFormat.WireType.Fixed32);
        coded.WriteFloat(value);
        return this;
    }

    public OnnxMessage Text(int field, string value)
    {
        coded.WriteTag(field, WireFormat.WireType.LengthDelimited);
        coded.WriteString(value);
        return this;
    }

    public OnnxMessage Bytes(int field, ReadOnlySpan<byte> value)
    {
        coded.WriteTag(field, WireFormat.WireType.LengthDelimited);
        coded.WriteBytes(ByteString.CopyFrom(value));
        return this;
    }

    public OnnxMessage Message(int field, OnnxMessage inner) => Bytes(field, inner.Written());

    public ReadOnlySpan<byte> Written()
    {
        coded.Flush();
        return bytes.GetBuffer().AsSpan(0, (int)bytes.Length);
    }
}
