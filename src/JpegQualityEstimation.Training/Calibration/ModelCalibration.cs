using System.Globalization;
using System.Security.Cryptography;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tensors;
using JpegQualityEstimation.Training.Evaluation;

namespace JpegQualityEstimation.Training.Calibration;

// ModelCalibration: numbers for a trained model's stated probabilities, fitted on the pictures that its training held out, and
// written into its file's metadata (CalibrationKeys). Tensors stay byte for byte.

/// <summary>Calibrates models: scaled probabilities and a least confidence for primary quantization, a logistic map for the flag of a quality network.</summary>
public static class ModelCalibration
{
    const int WindowsPerPicture = 4;
    const double HeldOutShare = 0.05;

    /// <summary>Fits how the probabilities of steps and grid shift are scaled, and from which confidence on a window is answered for.</summary>
    /// <exception cref="WeightsFormatException">The model is no such file.</exception>
    /// <exception cref="DirectoryNotFoundException">A data folder is not there.</exception>
    /// <exception cref="InvalidDataException">No usable picture, or none is held out.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static CalibrationResult Primary(CalibrationOptions options, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        byte[] file = File.ReadAllBytes(options.ModelPath);
        PrimaryNetwork network = PrimaryNetwork.Load(new MemoryStream(file, writable: false), options.ModelPath);
        (TrainingPictures all, TrainingPictures held) = HeldOut(options, network.Metadata, DoubleJpegGenerator.LeastPictureSide, json => PrimaryRecipe.Parse(json, "metadata").ValidationShare);
        IReadOnlyList<PrimaryScenario> scenarios = CalibrationScenarios.Of(Recipe(network.Metadata, json => PrimaryRecipe.Parse(json, "metadata")));
        using IPrimaryEngine engine = network.OpenEngine();
        PrimaryEvaluationOptions windows = WindowOptions(options.Windows, options.Seed, options.Threads);
        int done = 0;
        WindowReadings[] readings =
        [
            .. scenarios.Select(scenario => WindowReadings.Collect(
                engine, windows, scenario, held.Pictures, () => progress?.Report(++done / (double)scenarios.Count), cancellation)),
        ];
        PrimaryCalibration fitted = PrimaryCalibrationFit.Fit(readings);
        var metadata = new Dictionary<string, string>
        {
            [CalibrationKeys.Steps] = CalibrationKeys.Write(fitted.Steps), [CalibrationKeys.Answer] = CalibrationKeys.Write(fitted.LeastConfidence),
        };
        if (engine.GivesPhase)
            metadata[CalibrationKeys.Shift] = CalibrationKeys.Write(fitted.Shift);
        List<CalibrationPair> pairs = [.. Kinds(readings).Select(kind => new CalibrationPair(
            kind.Name, PrimaryReliability.Steps(kind.Readings, PrimaryCalibration.None), PrimaryReliability.Steps(kind.Readings, fitted)))];
        if (PrimaryReliability.Shift(readings, PrimaryCalibration.None) is { } before && PrimaryReliability.Shift(readings, fitted) is { } after)
            pairs.Add(new CalibrationPair("grid shift", before, after));
        UndeterminedFigures[] answered =
        [
            .. PrimaryCalibrationFit.ByQuality(readings).Select(group => PrimaryCalibrationFit.Answered(
                string.Create(CultureInfo.InvariantCulture, $"second quality {group.Key}"), group, fitted, fitted.LeastConfidence)),
        ];
        return Write(options, file, network.Metadata, metadata, all, held, pairs, answered);
    }

    /// <summary>Fits the logistic map from a picture's flag to the probability that it was JPEG.</summary>
    /// <inheritdoc cref="Primary"/>
    public static CalibrationResult Quality(CalibrationOptions options, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        byte[] file = File.ReadAllBytes(options.ModelPath);
        QualityNetwork network = QualityNetwork.Load(new MemoryStream(file, writable: false), options.ModelPath);
        int side = QualityPatchGenerator.LeastPictureSide(Recipe(network.Metadata, json => QualityRecipe.Parse(json, "metadata")) ?? QualityRecipe.Load("quality"));
        (TrainingPictures all, TrainingPictures held) = HeldOut(options, network.Metadata, side, json => QualityRecipe.Parse(json, "metadata").ValidationShare);
        FlagReading[] readings = FlagReadings.Collect(network, held.Pictures, options.Seed, options.Threads, progress, cancellation);
        FlagCalibration fitted = LogisticScaling.Fit(readings);
        var metadata = new Dictionary<string, string> { [CalibrationKeys.Flag] = CalibrationKeys.Write(fitted.Slope, fitted.Offset) };
        if (fitted.WithGrid is { } withGrid)
            metadata[CalibrationKeys.Grid] = CalibrationKeys.Write(withGrid);
        return Write(
            options, file, network.Metadata, metadata, all, held,
            [Pair("flag", readings), Pair("flag without a grid", [.. readings.Where(reading => !reading.HasGrid)])], []);

        CalibrationPair Pair(string name, FlagReading[] of) => new(name, LogisticScaling.Figures(of, null), LogisticScaling.Figures(of, fitted));
    }

    static IEnumerable<(string Name, WindowReadings[] Readings)> Kinds(WindowReadings[] readings)
    {
        yield return ("steps", readings);
        foreach (WindowReadings reading in readings)
            if (reading.Scenario.SecondQuality is 80 or 90)
                yield return (reading.Scenario.Name, [reading]);
    }

    internal static PrimaryEvaluationOptions WindowOptions(int windows, ulong seed, int threads) => new()
    {
        DataFolders = [], Models = [], WindowsPerScenario = windows, WindowsPerPicture = WindowsPerPicture, Seed = seed, Threads = threads,
    };

    static (TrainingPictures All, TrainingPictures HeldOut) HeldOut(
        CalibrationOptions options, IReadOnlyDictionary<string, string> metadata, int leastSide, Func<string, double> share)
    {
        TrainingPictures all = TrainingPictures.Load(options.DataFolders, leastSide, options.Skipped);
        (_, TrainingPictures held) = all.Split(Recipe(metadata, json => (double?)share(json)) ?? HeldOutShare);
        return held.Pictures.Count > 0 ? (all, held) : throw new InvalidDataException("no picture is held out: the recipe of the model holds none out, or there are too few");
    }

    static T? Recipe<T>(IReadOnlyDictionary<string, string> metadata, Func<string, T?> read)
    {
        try
        {
            return metadata.TryGetValue("recipe", out string? json) ? read(json) : default;
        }
        catch (RecipeException)
        {
            return default;
        }
    }

    static CalibrationResult Write(
        CalibrationOptions options, byte[] file, IReadOnlyDictionary<string, string> old, Dictionary<string, string> metadata,
        TrainingPictures all, TrainingPictures held, List<CalibrationPair> pairs, UndeterminedFigures[] answered)
    {
        string manifest = all.ManifestHash;
        bool same = !old.TryGetValue("dataManifest", out string? trained) || trained == manifest;
        metadata[CalibrationKeys.Data] = string.Create(
            CultureInfo.InvariantCulture, $"{held.Pictures.Count} pictures held out of manifest {manifest}, seed {options.Seed}");
        Dictionary<string, string> merged = old.Where(entry => !entry.Key.StartsWith(CalibrationKeys.Prefix, StringComparison.Ordinal)).ToDictionary();
        foreach ((string key, string value) in metadata)
            merged[key] = value;
        byte[] written = Safetensors.WithMetadata(file, merged, options.ModelPath);
        OutputFile.Write(options.OutputPath, stream => stream.Write(written));
        return new CalibrationResult(metadata, held.Pictures.Count, same, pairs, answered, Convert.ToHexStringLower(SHA256.HashData(written)));
    }
}
