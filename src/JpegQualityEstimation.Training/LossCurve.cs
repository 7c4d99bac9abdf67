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
        var plot = new LinePlot { Title = $"Training ({log.Measures.Kind})", XLabel = "step", YIsLogarithmic = true };
        for (int i = 0; i < columns.Length; i++)
            plot.Add(Name(columns[i], "training"), [.. log.Rows.Select(row => new PlotPoint(row.Step, row.Values[i]))]);
        var validated = log.Rows.Where(row => row.Validation is not null).ToList();
        for (int i = 0; i < columns.Length && validated.Count > 1; i++)
            plot.Add(Name(columns[i], "held out"), [.. validated.Select(row => new PlotPoint(row.Step, row.Validation![i]))]);
        OutputFile.Write(path, stream => PngWriter.Write(stream, plot.Draw(900, 560).View));
    }

    static string Name(string column, string where) => $"{column.Replace('_', ' ')}, {where}";
}
