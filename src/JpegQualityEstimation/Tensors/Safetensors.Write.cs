using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace JpegQualityEstimation.Tensors;

// Writing: metadata in ordinal order of its keys, tensors in the caller's order, values F32 or F16, the header padded with
// spaces so that the values begin at a multiple of 8. The same content gives the same bytes.

public static partial class Safetensors
{
    /// <summary>Writes tensors and metadata as one safetensors file.</summary>
    /// <param name="stream">Where to; written from its position on, not closed.</param>
    /// <param name="tensors">Values in the order in which they are to lie in the file; names must differ.</param>
    /// <param name="metadata">Free text entries of the header.</param>
    /// <param name="halves">Round the values to 16-bit floats (11 significant bits): half the file.</param>
    /// <exception cref="ArgumentException">Two tensors of one name, a name that the format reserves, or a value beyond the range of 16-bit floats (65504).</exception>
    public static void Write(
        Stream stream, IReadOnlyList<Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null, bool halves = false)
    {
        byte[] header = Header(tensors, metadata, halves);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        Span<byte> four = length[..4];
        foreach (Tensor tensor in tensors)
        {
            if (halves)
            {
                WriteHalves(stream, tensor);
                continue;
            }
            if (BitConverter.IsLittleEndian)
            {
                stream.Write(MemoryMarshal.AsBytes(tensor.Values.AsSpan()));
                continue;
            }
            foreach (float value in tensor.Values)
            {
                BinaryPrimitives.WriteSingleLittleEndian(four, value);
                stream.Write(four);
            }
        }
    }

    static void WriteHalves(Stream stream, Tensor tensor)
    {
        byte[] bytes = new byte[2 * tensor.Values.Length];
        for (int i = 0; i < tensor.Values.Length; i++)
        {
            var half = (Half)tensor.Values[i];
            if (Half.IsInfinity(half) && float.IsFinite(tensor.Values[i]))
                throw new ArgumentException($"tensor '{tensor.Name}' holds {tensor.Values[i]}, which no 16-bit float can say", nameof(tensor));
            BinaryPrimitives.WriteHalfLittleEndian(bytes.AsSpan(2 * i), half);
        }
        stream.Write(bytes);
    }

    static byte[] Header(IReadOnlyList<Tensor> tensors, IReadOnlyDictionary<string, string>? metadata, bool halves)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject("__metadata__");
                foreach ((string key, string value) in metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal))
                    json.WriteString(key, value);
                json.WriteEndObject();
            }
            var names = new HashSet<string>(StringComparer.Ordinal) { "__metadata__" };
            long begin = 0;
            foreach (Tensor tensor in tensors)
            {
                if (!names.Add(tensor.Name))
                    throw new ArgumentException($"two tensors, or a tensor and the format, claim the name '{tensor.Name}'", nameof(tensors));
                long end = begin + (halves ? 2L : 4L) * tensor.Values.Length;
                Write(json, tensor.Name, halves ? "F16" : "F32", tensor.Shape, begin, end);
                begin = end;
            }
            json.WriteEndObject();
        }
        while (bytes.Length % 8 != 0)
            bytes.WriteByte((byte)' ');
        return bytes.ToArray();
    }

    static void Write(Utf8JsonWriter json, string name, string type, IEnumerable<int> shape, long begin, long end)
    {
        json.WriteStartObject(name);
        json.WriteString("dtype", type);
        json.WriteStartArray("shape");
        foreach (int extent in shape)
            json.WriteNumberValue(extent);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(begin);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
