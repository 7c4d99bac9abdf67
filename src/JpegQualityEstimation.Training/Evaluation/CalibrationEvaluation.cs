using System.Globalization;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training.Calibration;

namespace JpegQualityEstimation.Training.Evaluation;

// CalibrationEvaluation: are stated probabilities those that come true, before and after a model's own calibration, and what does
// the rule of "undetermined" leave open. The same windows and parts for both; the same numbers for any number of threads.

/// <summary>Measures the probabilities that a model for primary quantization and a quality network state.</summary>
public static class CalibrationEvaluation
{
    static readonly double[] Thresholds = [0, 0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8];

    /// <summary>Runs the evaluation.</summary>
    /// <param name="options">Pictures, models, extent.</param>
    /// <param name="progress">Told the share done, 0..1.</param>
    /// <param name="cancellation">Looked at between windows.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is out of its range.</exception>
    /// <exception cref="DirectoryNotFoundException">A data folder is not there.</exception>
    /// <exception cref="InvalidDataException">No usable picture.</exception>
    /// <exception cref="OperationCanceledException">The token says so.</exception>
    public static CalibrationEvaluationReport Run(
        CalibrationEvaluationOptions options, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Windows, 1, nameof(options));
        TrainingPictures pictures = TrainingPictures.Load(options.DataFolders, PrimaryWindows.LeastSide, options.Skipped);
        if (options.MaxPictures > 0)
            pictures = pictures.First(options.MaxPictures);
        IReadOnlyList<PrimaryScenario> scenarios = PrimaryScenarios.OfSecond(options.SecondQualities);
        double parts = scenarios.Count + 3, done = 0;
        using IPrimaryEngine engine = options.Primary.OpenEngine();
        PrimaryEvaluationOptions windows = ModelCalibration.WindowOptions(options.Windows, options.Seed, options.Threads);
        WindowReadings[] readings =
        [
            .. scenarios.Select(scenario => WindowReadings.Collect(engine, windows, scenario, pictures.Pictures, () => progress?.Report(++done / parts), cancellation)),
        ];
        FlagReading[] flags = FlagReadings.Collect(
            options.Quality, pictures.Pictures, options.Seed, options.Threads, null, cancellation);
        progress?.Report(1);
        PrimaryCalibration calibration = options.Primary.Calibration;
        FlagCalibration? map = options.Quality.Calibration;
        return new CalibrationEvaluationReport(
            pictures.Pictures.Count, pictures.ManifestHash, options.Seed,
            options.Primary.Name, calibration.Steps, calibration.Shift, calibration.LeastConfidence, options.Quality.Name, map is { } m ? [m.Slope, m.Offset] : [], map?.WithGrid,
            [.. Groups(readings).Select(group => new CalibrationPair(
                group.Name, PrimaryReliability.Steps(group.Readings, PrimaryCalibration.None), PrimaryReliability.Steps(group.Readings, calibration)))],
            [.. Groups(readings).Select(group => Shift(group.Name, group.Readings, calibration)).OfType<CalibrationPair>()],
            [.. Samplings(flags).Select(group => new CalibrationPair(
                group.Name, LogisticScaling.Figures(group.Readings, null), LogisticScaling.Figures(group.Readings, map)))],
            [.. Groups(readings).Select(group => Windows(group.Name, group.Readings, calibration))],
            [.. Thresholds.Select(least => new ThresholdFigures(least, [.. Qualities(readings).Select(group => PrimaryCalibrationFit.Answered(group.Name, group.Readings, calibration, least))]))],
            [.. Histories(flags).Select(group => Parts(group.Name, group.Readings))]);
    }

    static IEnumerable<(string Name, WindowReadings[] Readings)> Groups(WindowReadings[] readings) =>
    [
        .. readings.Select(reading => (reading.Scenario.Name, new[] { reading })),
        .. Qualities(readings).SkipLast(1).Select(group => ($"any-{group.Name}", group.Readings)), ("all", readings),
    ];

    static IEnumerable<(string Name, WindowReadings[] Readings)> Qualities(WindowReadings[] readings) =>
    [
        .. readings.GroupBy(reading => reading.Scenario.SecondQuality).Select(group => (group.Key.ToString(CultureInfo.InvariantCulture), group.ToArray())), ("all", readings),
    ];

    static IEnumerable<(string Name, FlagReading[] Readings)> Samplings(FlagReading[] flags) =>
        [.. FlagReadings.Samplings.Select(sampling => (QualityEvaluationFiles.SamplingName(sampling), flags.Where(flag => flag.Sampling == sampling).ToArray())),
        .. new[] { true, false }.Select(grid => (grid ? "with a grid" : "without a grid", flags.Where(flag => flag.HasGrid == grid).ToArray())), ("all", flags)];

    static IEnumerable<(string Name, FlagReading[] Readings)> Histories(FlagReading[] flags)
    {
        yield return ("never compressed", [.. flags.Where(flag => flag.Quality == 0)]);
        foreach ((int from, int to) in new[] { (30, 65), (75, 90), (92, 95), (97, 99), (100, 100) })
            yield return (from == to ? $"quality {from}" : $"quality {from}-{to}", [.. flags.Where(flag => flag.Quality >= from && flag.Quality <= to)]);
        yield return ("all", flags);
    }

    static CalibrationPair? Shift(string name, WindowReadings[] readings, PrimaryCalibration calibration) =>
        PrimaryReliability.Shift(readings, PrimaryCalibration.None) is { } before && PrimaryReliability.Shift(readings, calibration) is { } after
            ? new CalibrationPair(name, before, after) : null;

    // All windows, those too whose pixels hold too little.
    static UndeterminedFigures Windows(string name, WindowReadings[] readings, PrimaryCalibration calibration)
    {
        var all = new List<(bool, double)>();
        foreach (WindowReadings reading in readings)
        {
            PrimaryScaling scaling = calibration.For(reading.Told);
            for (int window = 0; window < reading.Count; window++)
            {
                (double confidence, double right) = reading.Answer(window, scaling);
                all.Add((reading.IsLegible(window) && confidence >= scaling.LeastConfidence, 1 - right));
            }
        }
        return UndeterminedFigures.Of(name, all);
    }

    static UndeterminedFigures Parts(string name, FlagReading[] flags) => UndeterminedFigures.Of(
        name, [.. flags.Select(flag => (flag.Summary.Verdict != QualityVerdict.Undetermined, flag.Summary.ReliableCompressed >= 0.5 == flag.Quality > 0 ? 0.0 : 1))]);
}
