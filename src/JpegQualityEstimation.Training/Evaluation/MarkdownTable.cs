using System.Globalization;
using System.Text;

namespace JpegQualityEstimation.Training.Evaluation;

// Rows and numbers of the tables of a report.
static class MarkdownTable
{
    public static void Row(StringBuilder text, string[] cells, bool header = false)
    {
        text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
        if (header)
            text.Append('|').Append(string.Concat(Enumerable.Repeat("---|", cells.Length))).Append('\n');
    }

    /// <summary>Empty where there is no value.</summary>
    public static string Number(double? value, int digits) => value?.ToString("F" + digits, CultureInfo.InvariantCulture) ?? "";
}
