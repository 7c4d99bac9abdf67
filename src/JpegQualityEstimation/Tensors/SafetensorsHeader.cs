using System.Text.Json;

namespace JpegQualityEstimation.Tensors;

sealed record SafetensorsEntry(string Name, string Type, int[] Shape, long Begin, long End);

// The JSON header of a safetensors file, read token by token. Accepts exactly the three keys of an entry, once each,
// and text in the metadata; whatever else is there is refused with its byte offset in the file.

sealed class SafetensorsHeader
{
    const string MetadataKey = "__metadata__";

    readonly HashSet<string> names = new(StringComparer.Ordinal);

    public List<SafetensorsEntry> Entries { get; } = [];

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, string file)
    {
        if (json.Length == 0 || json[0] != '{')
            throw new WeightsFormatException(file, 8, "the header does not begin with {");
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 4 });
        var header = new SafetensorsHeader();
        try
        {
            header.ReadAll(ref reader, file);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new WeightsFormatException(file, 8 + reader.BytesConsumed, "the header is not valid JSON of this format", error);
        }
        return header;
    }

    void ReadAll(ref Utf8JsonReader reader, string file)
    {
        Expect(ref reader, JsonTokenType.StartObject, file);
        while (NextKey(ref reader, file, out string key))
        {
            if (!names.Add(key))
                throw Error(ref reader, file, $"'{key}' is there twice");
            if (key == MetadataKey)
                ReadMetadata(ref reader, file);
            else
                Entries.Add(ReadEntry(ref reader, key, file));
        }
        if (reader.Read())
            throw Error(ref reader, file, "something follows the header's closing brace");
    }

    void ReadMetadata(ref Utf8JsonReader reader, string file)
    {
        Expect(ref reader, JsonTokenType.StartObject, file);
        while (NextKey(ref reader, file, out string key))
        {
            Expect(ref reader, JsonTokenType.String, file);
            if (!Metadata.TryAdd(key, reader.GetString()!))
                throw Error(ref reader, file, $"metadata '{key}' is there twice");
        }
    }

    static SafetensorsEntry ReadEntry(ref Utf8JsonReader reader, string name, string file)
    {
        string? type = null;
        int[]? shape = null;
        long[]? offsets = null;
        Expect(ref reader, JsonTokenType.StartObject, file);
        while (NextKey(ref reader, file, out string key))
        {
            switch (key)
            {
                case "dtype" when type is null:
                    Expect(ref reader, JsonTokenType.String, file);
                    type = reader.GetString();
                    break;
                case "shape" when shape is null:
                    shape = Array.ConvertAll(Numbers(ref reader, Safetensors.MaxRank, int.MaxValue, file), static n => (int)n);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = Numbers(ref reader, 2, long.MaxValue, file);
                    break;
                default:
                    throw Error(ref reader, file, $"tensor '{name}': '{key}' is unknown or there twice");
            }
        }
        if (type is null || shape is null || offsets is not [long begin, long end])
            throw Error(ref reader, file, $"tensor '{name}' lacks dtype, shape or two data_offsets");
        return new SafetensorsEntry(name, type, shape, begin, end);
    }

    static long[] Numbers(ref Utf8JsonReader reader, int most, long largest, string file)
    {
        long[] numbers = new long[most];
        int count = 0;
        Expect(ref reader, JsonTokenType.StartArray, file);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (count == most)
                throw Error(ref reader, file, $"more than {most} numbers");
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0 || number > largest)
                throw Error(ref reader, file, $"not a whole number of 0..{largest}");
            numbers[count++] = number;
        }
        return numbers[..count];
    }

    static bool NextKey(ref Utf8JsonReader reader, string file, out string key)
    {
        key = "";
        if (!reader.Read())
            throw Error(ref reader, file, "the header ends early");
        if (reader.TokenType == JsonTokenType.EndObject)
            return false;
        key = reader.GetString()!;
        return true;
    }

    static void Expect(ref Utf8JsonReader reader, JsonTokenType type, string file)
    {
        if (!reader.Read() || reader.TokenType != type)
            throw Error(ref reader, file, $"expected {type}");
    }

    static WeightsFormatException Error(ref Utf8JsonReader reader, string file, string reason) =>
        new(file, 8 + reader.TokenStartIndex, reason);
}
