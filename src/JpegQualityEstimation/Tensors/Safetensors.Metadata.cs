using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace JpegQualityEstimation.Tensors;

// Another header over the same values: types, shapes, offsets and every byte of the values stay.

public static partial class Safetensors
{
    /// <summary>A copy of a file with other metadata; the tensors stay byte for byte, in their types.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="metadata">All of the new metadata.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="WeightsFormatException">The bytes are not a safetensors file that this library reads.</exception>
    internal static byte[] WithMetadata(ReadOnlySpan<byte> file, IReadOnlyDictionary<string, string> metadata, string name)
    {
        Read(file, name);
        int headerBytes = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        SafetensorsHeader parsed = SafetensorsHeader.Parse(file.Slice(8, headerBytes), name);
        using var bytes = new MemoryStream();
        bytes.Write(stackalloc byte[8]);
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            foreach ((string key, string value) in metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal))
                json.WriteString(key, value);
            json.WriteEndObject();
            foreach (SafetensorsEntry entry in parsed.Entries)
                Write(json, entry.Name, entry.Type, entry.Shape, entry.Begin, entry.End);
            json.WriteEndObject();
        }
        while (bytes.Length % 8 != 0)
            bytes.WriteByte((byte)' ');
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.GetBuffer(), (ulong)bytes.Length - 8);
        bytes.Write(file[(8 + headerBytes)..]);
        return bytes.ToArray();
    }
}
