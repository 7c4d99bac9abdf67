using System.Globalization;
using System.Text.Json;

namespace JpegQualityEstimation.Training.Evaluation;

// ResultTables: the committed files of evaluations, and what of them can be put into a page. The first word of a file's
// name says which evaluation it is of: quality-val.json, primary-val.json. A Markdown file stands for itself.

sealed class ResultTables(string folder)
{
    readonly Dictionary<string, string> rendered = [];
    readonly Dictionary<string, JsonElement> parsed = [];

    public bool Has(string file) => File.Exists(Path.Combine(folder, file));

    /// <summary>The whole report, without the line end after it.</summary>
    public string All(string file)
    {
        if (!rendered.TryGetValue(file, out string? text))
            rendered[file] = text = Render(file).TrimEnd('\n');
        return text;
    }

    /// <summary>What stands before the first heading.</summary>
    public string Opening(string file)
    {
        string text = All(file);
        int heading = text.StartsWith('#') ? 0 : text.IndexOf("\n#", StringComparison.Ordinal);
        return (heading < 0 ? text : text[..heading]).Trim('\n');
    }

    /// <summary>What stands below a heading, up to the next one of its level or above.</summary>
    /// <exception cref="InvalidDataException">There is no such heading.</exception>
    public string Section(string file, string heading)
    {
        string[] lines = All(file).Split('\n');
        int first = Array.FindIndex(lines, line => line.StartsWith('#') && line.TrimStart('#').Trim() == heading);
        if (first < 0)
            throw new InvalidDataException($"{file} has no heading '{heading}'");
        int level = Level(lines[first]), last = first + 1;
        while (last < lines.Length && (Level(lines[last]) == 0 || Level(lines[last]) > level))
            last++;
        return string.Join('\n', lines[(first + 1)..last]).Trim('\n');

        static int Level(string line) => line.Length - line.TrimStart('#').Length;
    }

    /// <summary>One number of a JSON file.</summary>
    /// <exception cref="InvalidDataException">The path leads to none.</exception>
    public double Number(string file, string path)
    {
        if (!parsed.TryGetValue(file, out JsonElement at))
            parsed[file] = at = JsonDocument.Parse(Read(file)).RootElement;
        foreach (string step in path.Split('/'))
        {
            at = at.ValueKind switch
            {
                JsonValueKind.Object when at.TryGetProperty(step, out JsonElement property) => property,
                JsonValueKind.Array when at.EnumerateArray().FirstOrDefault(each => IsNamed(each, step)) is { ValueKind: not JsonValueKind.Undefined } element => element,
                _ => throw new InvalidDataException($"{file} has no '{step}' of {path}"),
            };
        }
        return at.ValueKind == JsonValueKind.Number ? at.GetDouble() : throw new InvalidDataException($"{path} of {file} is no number");
    }

    // By the value of its first property, or of the first two with a + between.
    static bool IsNamed(JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object)
            return false;
        string[] first = [.. element.EnumerateObject().Take(2).Select(property => property.Value.ToString())];
        return first.Length > 0 && (first[0] == name || first.Length > 1 && $"{first[0]}+{first[1]}" == name);
    }

    string Render(string file)
    {
        if (Path.GetExtension(file) == ".md")
            return Read(file).Replace("\r\n", "\n", StringComparison.Ordinal);
        return file.Split('-')[0] switch
        {
            "quality" => QualityEvaluationFiles.ToMarkdown(QualityEvaluationFiles.FromJson(Read(file))),
            "primary" => PrimaryEvaluationFiles.ToMarkdown(PrimaryEvaluationFiles.FromJson(Read(file))),
            "calibration" => CalibrationEvaluationFiles.ToMarkdown(CalibrationEvaluationFiles.FromJson(Read(file))),
            "last" => LastEvaluationFiles.ToMarkdown(LastEvaluationFiles.FromJson(Read(file))),
            "regions" => RegionEvaluationMarkdown.Render(RegionEvaluationFiles.FromJson(Read(file)), scenarios: false),
            "robustness" => RobustnessEvaluationFiles.ToMarkdown(RobustnessEvaluationFiles.FromJson(Read(file))),
            string other => throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"{file}: no evaluation is called '{other}'")),
        };
    }

    string Read(string file) => File.ReadAllText(Path.Combine(folder, file));
}
