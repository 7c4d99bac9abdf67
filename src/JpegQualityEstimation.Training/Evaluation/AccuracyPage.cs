using System.Globalization;
using System.Text;
using System.Text.Json;

namespace JpegQualityEstimation.Training.Evaluation;

// AccuracyPage: a Markdown template with named places, and the results that fill them. FILE lies in the folder of results.
//   {{tables FILE}}                 a line: everything the report says, as ResultTables renders it
//   {{opening FILE}}                a line: what stands before its first heading
//   {{section FILE: HEADING}}       a line: what stands below one of its headings
//   {{number FILE PATH DIGITS}}     anywhere: one number of a JSON file; PATH goes down by names, in arrays by the value of
//                                   the first property of an element: models/primary/scenarios/aligned-90/total/accuracy; A:B is
//                                   the quotient of two
//   {{if FILE}} ... {{end}}         lines: left out, with what is between them, where there is no such file
// Nothing else is read, so the same folder gives the same page.

/// <summary>Writes a page of results from a template and the files of evaluations.</summary>
public static class AccuracyPage
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
            if (close < 0 || line[(open + Open.Length)..close].Split(' ') is not ["number", var file, _, .., var digits] words)
                throw new InvalidDataException($"'{line[open..]}' is no place");
            text.Append(line, at, open - at);
            text.Append(Quotient(files, file, string.Join(' ', words[2..^1]).Split(':')).ToString("F" + digits, CultureInfo.InvariantCulture));
            at = close + Close.Length;
        }
        return text.Append(line, at, line.Length - at).ToString();
    }

    static double Quotient(ResultTables files, string file, string[] paths) =>
        paths.Length > 2 ? throw new InvalidDataException($"'{string.Join(':', paths)}' is no place")
        : files.Number(file, paths[0]) / (paths.Length == 2 ? files.Number(file, paths[1]) : 1);
}
