using System.Globalization;
using System.Text;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Training;

/// <summary>One row of the run log; values are means over the steps since the row before.</summary>
readonly record struct TrainingLogRow(
    long Step, double Seconds, double[] Values, double LearningRate, double PerSecond, double[]? Validation);

// TrainingLog: the run as a table, kept in memory and written as CSV, whole each time. A resumed run reads it back and
// drops the rows that came after its checkpoint.

sealed class TrainingLog(TrainingMeasures measures)
{
    readonly List<TrainingLogRow> rows = [];

    public TrainingMeasures Measures => measures;

    public IReadOnlyList<TrainingLogRow> Rows => rows;

    public void Add(TrainingLogRow row) => rows.Add(row);

    public void Write(string path) => OutputFile.Write(path, stream =>
    {
        var text = new StringBuilder(measures.Header).Append('\n');
        foreach (TrainingLogRow row in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"{row.Step},{row.Seconds:F1},");
            foreach (double value in row.Values)
                text.Append(CultureInfo.InvariantCulture, $"{value:G6},");
            text.Append(CultureInfo.InvariantCulture, $"{row.LearningRate:G6},{row.PerSecond:F1}");
            for (int i = 0; i < measures.Columns.Length; i++)
                text.Append(CultureInfo.InvariantCulture, $",{row.Validation?[i]:G6}");
            text.Append('\n');
        }
        stream.Write(Encoding.UTF8.GetBytes(text.ToString()));
    });

    /// <summary>The rows up to <paramref name="lastStep"/> of a log that this class wrote; an empty log where there is no file.</summary>
    /// <exception cref="InvalidDataException">The file is something else.</exception>
    public static TrainingLog Read(string path, long lastStep, TrainingMeasures measures)
    {
        var log = new TrainingLog(measures);
        if (!File.Exists(path))
            return log;
        string[] lines = File.ReadAllLines(path);
        if (lines.Length == 0 || lines[0] != measures.Header)
            throw new InvalidDataException($"{path}: is not a run log of {measures.Kind} training");
        int values = measures.Columns.Length;
        for (int i = 1; i < lines.Length; i++)
        {
            string[] cells = lines[i].Split(',');
            if (cells.Length != 4 + 2 * values || !long.TryParse(cells[0], NumberStyles.None, CultureInfo.InvariantCulture, out long step))
                throw new InvalidDataException($"{path}: line {i + 1} is not a row of a run log");
            if (step > lastStep)
                break;
            double[] numbers = Array.ConvertAll(cells[1..(4 + values)], cell => Number(cell) ?? 0);
            double?[] held = Array.ConvertAll(cells[(4 + values)..], Number);
            log.Add(new TrainingLogRow(step, numbers[0], numbers[1..(1 + values)], numbers[1 + values], numbers[2 + values],
                held.All(value => value is not null) ? Array.ConvertAll(held, value => value!.Value) : null));
        }
        return log;

        static double? Number(string cell) =>
            double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;
    }
}
