using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace JpegQualityEstimation.Training.Evaluation;

// AccuracyPage: a Markdown template with named places, and the results that fill them. FILE lies in the folder of results.
//   {{tables FILE}}                 a line: everything the report says, as ResultTables renders it
//   {{opening FILE}}                a line: what stands before its first heading
//   {{section FILE: HEADING}}       a line: what stands below one of its headings
//   {{number FILE PATH DIGITS}}     anywhere: one number of a JSON file; PATH goes down by names, in arrays by the value of
//                                   the first property of an element: models/primary/scenarios/aligned-90/total/accuracy; A:B is
//                                   the quotient of two; FIRST+SECOND is an element by its first two properties
//   {{aim FILE PATH DIGITS >= BOUND}}  anywhere: the same, in italics where it is not so (>=, <=, > or <); BOUND is a number or a PATH
//   {{if FILE}} ... {{end}}         lines: left out, with what is between them, where there is no such file
// Nothing else is read, so the same folder gives the same page.

/// <summary>Writes a page of results from a template and the files of evaluations.</summary>
public static partial class AccuracyPage
{
    /// <summary>The template's name in the folder of results.</summary>
    public const string TemplateName = "accuracy.template.md";

    const string Open = "{{", Close = "}}";

    /// <summary>The page that a folder's template and results make.</summary>
    /// <exception cref="InvalidDataException">A place names nothing that is there; the message says which line.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static string Render(string results) => Render(File.ReadAllText(Path.Combine(results, TemplateName)), results);

    internal static string Render(string template, string results)
    {
        var files = new ResultTables(results);
        var page = new StringBuilder();
        string[] lines = template.Split('\n');
        int skippedFrom = -1, openFrom = -1;
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].TrimEnd('\r'), end = i == lines.Length - 1 ? "" : "\n";
            string[] words = Words(line);
            try
            {
                if (words is ["if", var file])
                {
                    if (openFrom >= 0)
                        throw new InvalidDataException($"'if' within that of line {openFrom + 1}");
                    openFrom = i;
                    skippedFrom = files.Has(file) ? -1 : i;
                }
                else if (words is ["end"])
                {
                    openFrom = openFrom >= 0 ? -1 : throw new InvalidDataException("'end' without 'if'");
                    skippedFrom = -1;
                }
                else if (skippedFrom < 0)
                    page.Append(words is ["tables" or "opening" or "section", ..] ? Block(files, words) : Numbers(files, line)).Append(end);
            }
            catch (Exception e) when (e is InvalidDataException or FileNotFoundException or JsonException)
            {
                throw new InvalidDataException($"{TemplateName}, line {i + 1}: {e.Message}", e);
            }
        }
        return openFrom < 0 ? page.ToString() : throw new InvalidDataException($"{TemplateName}, line {openFrom + 1}: 'if' without 'end'");
    }

    // The words of a line that is one place, else none.
    static string[] Words(string line) =>
        line.StartsWith(Open, StringComparison.Ordinal) && line.IndexOf(Close, StringComparison.Ordinal) == line.Length - Close.Length
            ? line[Open.Length..^Close.Length].Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];

    static string Block(ResultTables files, string[] words) => words switch
    {
        ["tables", var file] => files.All(file),
        ["opening", var file] => files.Opening(file),
        ["section", var file, .. var heading] when file.EndsWith(':') => files.Section(file[..^1], string.Join(' ', heading)),
        _ => throw new InvalidDataException($"'{string.Join(' ', words)}' is no place"),
    };

    static string Numbers(ResultTables files, string line)
    {
        var text = new StringBuilder();
        int at = 0;
        for (int open; (open = line.IndexOf(Open, at, StringComparison.Ordinal)) >= 0;)
        {
            int close = line.IndexOf(Close, open, StringComparison.Ordinal);
            if (close < 0 || Place(files, line[(open + Open.Length)..close].Split(' ')) is not { } filled)
                throw new InvalidDataException($"'{line[open..]}' is no place");
            text.Append(line, at, open - at).Append(filled);
            at = close + Close.Length;
        }
        return text.Append(line, at, line.Length - at).ToString();
    }

    static string? Place(ResultTables files, string[] words)
    {
        switch (words)
        {
            case ["number", var file, _, .., var digits]:
                return Text(Of(file, words[2..^1]), digits);
            case ["aim", var file, _, .., var digits, ">=" or "<=" or ">" or "<", var bound]:
                double value = Of(file, words[2..^3]), limit = double.TryParse(bound, CultureInfo.InvariantCulture, out double given) ? given : Of(file, [bound]);
                bool reached = words[^2] switch { ">=" => value >= limit, "<=" => value <= limit, ">" => value > limit, _ => value < limit };
                return reached ? Text(value, digits) : $"*{Text(value, digits)}*";
            default:
                return null;
        }

        double Of(string file, string[] path) => Quotient(files, file, Colon().Split(string.Join(' ', path)));

        static string Text(double value, string digits) => value.ToString("F" + digits, CultureInfo.InvariantCulture);
    }

    // Not those of 4:2:0.
    [GeneratedRegex(":(?=[A-Za-z])")]
    private static partial Regex Colon();

    static double Quotient(ResultTables files, string file, string[] paths) =>
        paths.Length > 2 ? throw new InvalidDataException($"'{string.Join(':', paths)}' is no place")
        : files.Number(file, paths[0]) / (paths.Length == 2 ? files.Number(file, paths[1]) : 1);
}
