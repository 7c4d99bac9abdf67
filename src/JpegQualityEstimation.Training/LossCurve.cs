using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Training;

/// <summary>Draws the losses of a run log over its steps.</summary>
static class LossCurve
{
    public static void Write(TrainingLog log, string path)
    {
        if (log.Rows.Count < 2)
            return;
        var plot = new LinePlot { Title = "Loss (mean squared error)", XLabel = "step", YIsLogarithmic = true };
        plot.Add("quality, training", [.. log.Rows.Select(row => new PlotPoint(row.Step, row.Quality))]);
        plot.Add("flag, training", [.. log.Rows.Select(row => new PlotPoint(row.Step, row.Flag))]);
        var validated = log.Rows.Where(row => row.ValidationQuality is not null).ToList();
        if (validated.Count > 1)
        {
            plot.Add("quality, held out", [.. validated.Select(row => new PlotPoint(row.Step, row.ValidationQuality!.Value))]);
            plot.Add("flag, held out", [.. validated.Select(row => new PlotPoint(row.Step, row.ValidationFlag!.Value))]);
        }
        OutputFile.Write(path, stream => PngWriter.Write(stream, plot.Draw(900, 560).View));
    }
}
