using System.Globalization;
using System.Text;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Training;

/// <summary>One row of the run log; losses are means over the steps since the row before.</summary>
readonly record struct TrainingLogRow(
    long Step, double Seconds, double Quality, double Flag, double LearningRate, double PatchesPerSecond,
    double? ValidationQuality, double? ValidationFlag);

// TrainingLog: the run as a table, kept in memory and written as CSV, whole each time. A resumed run reads it back and
// drops the rows that came after its checkpoint.

sealed class TrainingLog
{
    const string Header = "step,seconds,quality_loss,flag_loss,learning_rate,patches_per_second,validation_quality_loss,validation_flag_loss";

    readonly List<TrainingLogRow> rows = [];

    public IReadOnlyList<TrainingLogRow> Rows => rows;

    public void Add(TrainingLogRow row) => rows.Add(row);

    public void Write(string path) => OutputFile.Write(path, stream =>
    {
        var text = new StringBuilder(Header).Append('\n');
        foreach (TrainingLogRow row in rows)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"{row.Step},{row.Seconds:F1},{row.Quality:G6},{row.Flag:G6},{row.LearningRate:G6},{row.PatchesPerSecond:F1},{row.ValidationQuality:G6},{row.ValidationFlag:G6}\n");
        }
        stream.Write(Encoding.UTF8.GetBytes(text.ToString()));
    });

    /// <summary>The rows up to <paramref name="lastStep"/> of a log that this class wrote; an empty log where there is no file.</summary>
    /// <exception cref="InvalidDataException">The file is something else.</exception>
    public static TrainingLog Read(string path, long lastStep)
    {
        var log = new TrainingLog();
        if (!File.Exists(path))
            return log;
        string[] lines = File.ReadAllLines(path);
        if (lines.Length == 0 || lines[0] != Header)
            throw new InvalidDataException($"{path}: is not a run log of quality training");
        for (int i = 1; i < lines.Length; i++)
        {
            string[] cells = lines[i].Split(',');
            if (cells.Length != 8 || !long.TryParse(cells[0], NumberStyles.None, CultureInfo.InvariantCulture, out long step))
                throw new InvalidDataException($"{path}: line {i + 1} is not a row of a run log");
            if (step > lastStep)
                break;
            double?[] numbers = Array.ConvertAll(cells[1..], Number);
            log.Add(new TrainingLogRow(step, numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 0, numbers[3] ?? 0, numbers[4] ?? 0, numbers[5], numbers[6]));
        }
        return log;

        static double? Number(string cell) =>
            double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;
    }
}
