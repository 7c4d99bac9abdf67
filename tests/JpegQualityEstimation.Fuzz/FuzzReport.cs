using System.Globalization;
using System.Runtime.InteropServices;

namespace JpegQualityEstimation.Fuzz;

/// <summary>The tallies as a Markdown table.</summary>
static class FuzzReport
{
    static readonly string[] s_codes = ["UnknownFormat", "Unsupported", "Corrupt", "Truncated", "TooLarge", "weights", "recipe"];

    public static void Write(TextWriter writer, FuzzOptions options, IReadOnlyList<FuzzTally> tallies)
    {
        writer.WriteLine($"{tallies.Sum(t => t.Inputs)} inputs, seed {options.Seed}, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}");
        writer.WriteLine();
        writer.WriteLine($"| format | inputs | read | {string.Join(" | ", s_codes)} | slowest, ms | largest allocation, MiB | failures |");
        writer.WriteLine($"|---|{string.Concat(Enumerable.Repeat("---:|", s_codes.Length + 5))}");
        foreach (FuzzTally t in tallies)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {t.Format} | {t.Inputs} | {t.Accepted} | {string.Join(" | ", s_codes.Select(c => t.Refused.GetValueOrDefault(c)))} | {t.SlowestMilliseconds:F1} | {t.LargestAllocation / 1048576.0:F1} | {t.Failures.Count} |"));
        foreach (string failure in tallies.SelectMany(t => t.Failures))
            writer.WriteLine($"FAILURE {failure}");
    }
}
