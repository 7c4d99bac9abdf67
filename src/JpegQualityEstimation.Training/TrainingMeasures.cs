namespace JpegQualityEstimation.Training;

/// <summary>What a kind of training measures: its name, what it counts, and the columns of its log.</summary>
sealed record TrainingMeasures(string Kind, string Unit, string[] Columns)
{
    public static TrainingMeasures Quality { get; } = new("quality", "patches", ["quality_loss", "flag_loss"]);

    public static TrainingMeasures Primary { get; } = new("primary", "windows", ["loss", "phase_loss", "accuracy", "mse", "phase_found"]);

    /// <summary>First line of the run log.</summary>
    public string Header =>
        $"step,seconds,{string.Join(',', Columns)},learning_rate,{Unit}_per_second,{string.Join(',', Columns.Select(column => "validation_" + column))}";

    public TrainingValue[] Name(double[] values) => [.. Columns.Zip(values, (column, value) => new TrainingValue(column.Replace('_', ' '), value))];

    /// <summary>"quality" for quality_loss, but "loss" for loss.</summary>
    public string Short(string column) => (column.EndsWith("_loss", StringComparison.Ordinal) ? column[..^5] : column).Replace('_', ' ');
}
