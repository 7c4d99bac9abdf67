using System.Text;
using System.Text.Json;

namespace JpegQualityEstimation.Tool;

// Names that earlier runs reported, results and errors alike. Of JSON lines only whole objects count: a line torn by the end
// of its writer, and what a later writer hung on to it, are as if they were not there.
sealed class ReportedNames
{
    readonly HashSet<UInt128> keys = [];

    public int Count => keys.Count;

    public bool Contains(string name) => keys.Count > 0 && keys.Contains(NameKey.Of(name));

    public void Add(string name) => keys.Add(NameKey.Of(name));

    public void Read(Stream stream)
    {
        using var reader = new StreamReader(stream, leaveOpen: true);
        while (reader.ReadLine() is { } line)
            if (FileOf(line) is { } name)
                Add(name);
    }

    // The member "file" of a whole object, else null.
    static string? FileOf(string line)
    {
        try
        {
            var json = new Utf8JsonReader(Encoding.UTF8.GetBytes(line));
            string? file = null;
            while (json.Read())
            {
                if (json.CurrentDepth != 1 || json.TokenType != JsonTokenType.PropertyName || !json.ValueTextEquals("file"))
                    continue;
                json.Read();
                file = json.TokenType == JsonTokenType.String ? json.GetString() : null;
            }
            return file;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
