using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Training;

/// <summary>Draws the measures of a run log over its steps.</summary>
static class LossCurve
{
    public static void Write(TrainingLog log, string path)
    {
        if (log.Rows.Count < 2)
            return;
        string[] columns = log.Measures.Columns;
        // What a network does not measure is 0 throughout.
        int[] shown = [.. Enumerable.Range(0, columns.Length).Where(i => log.Rows.Any(row => row.Values[i] != 0))];
        var plot = new LinePlot { Title = $"Training ({log.Measures.Kind})", XLabel = "step", YIsLogarithmic = true };
        foreach (int i in shown)
            plot.Add(Name(columns[i], "training"), [.. log.Rows.Select(row => new PlotPoint(row.Step, row.Values[i]))]);
        var validated = log.Rows.Where(row => row.Validation is not null).ToList();
        foreach (int i in validated.Count > 1 ? shown : [])
            plot.Add(Name(columns[i], "held out"), [.. validated.Select(row => new PlotPoint(row.Step, row.Validation![i]))]);
        OutputFile.Write(path, stream => PngWriter.Write(stream, plot.Draw(900, 560).View));
    }

    static string Name(string column, string where) => $"{column.Replace('_', ' ')}, {where}";
}
