using System.Globalization;
using System.Text;

namespace JpegQualityEstimation.Tool.Report;

// ReportCommand: the command that makes the report of one picture again, with what was chosen for it written out.
// Options: what the caller gave, in order; Stride: 0 for the one that fits the picture.
sealed record ReportCommand(string Target, int Stride, IReadOnlyList<(string Name, string Value)> Options)
{
    public string For(string path, int stride)
    {
        var text = new StringBuilder("jqe report ");
        // A name that begins with a dash would be taken for an option.
        text.Append(Quoted(path.StartsWith('-') ? "./" + path : path)).Append(" --out ").Append(Quoted(Target));
        foreach ((string name, string value) in Options)
            text.Append(' ').Append(name).Append(' ').Append(Quoted(value));
        if (stride > 0)
            text.Append(CultureInfo.InvariantCulture, $" --stride {stride}");
        return text.ToString();
    }

    // As a POSIX shell reads it.
    static string Quoted(string word) => word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:=+,@%".Contains(c, StringComparison.Ordinal))
        ? word
        : "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
