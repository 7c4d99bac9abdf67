using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Training.Evaluation;

// EvaluationFile: what the files of all evaluations share, texts renamed into place and reports read back.
static class EvaluationFile
{
    /// <summary>Writes a text as UTF-8, whole or not at all.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, string text) => OutputFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>Writes a report as evaluation.json and evaluation.md into a folder, which is created.</summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void WriteReport(string folder, string json, string markdown)
    {
        Directory.CreateDirectory(folder);
        Write(Path.Combine(folder, "evaluation.json"), json);
        Write(Path.Combine(folder, "evaluation.md"), markdown);
    }

    /// <summary>Reads a report.</summary>
    /// <param name="json">What an evaluation wrote.</param>
    /// <param name="type">How it is read.</param>
    /// <param name="isReport">Whether what any JSON gives is such a report.</param>
    /// <param name="otherwise">What the error says.</param>
    /// <exception cref="InvalidDataException">It is not such a report.</exception>
    public static T Read<T>(string json, JsonTypeInfo<T> type, Predicate<T> isReport, string otherwise)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) is { } report && isReport(report) ? report : throw new InvalidDataException(otherwise);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{otherwise}: {e.Message}", e);
        }
    }
}
