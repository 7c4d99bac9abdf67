using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;

namespace JpegQualityEstimation.Training.Evaluation;

// QualityEvaluation: the paper's Figure 2 and Table 1, pixelwise figures on synthetic splices, and double compression,
// for several models on the same pictures. Pictures are worked on side by side; every number is put at its own place
// and summed in order afterwards, so the report is the same for any number of threads.

/// <summary>Measures quality networks on never-compressed pictures.</summary>
public static class QualityEvaluation
{
    static readonly (int First, int Last)[] TwoQualities = [(60, 75), (60, 90), (75, 95), (95, 75), (95, 90)];

    /// <summary>Runs the evaluation.</summary>
    /// <param name="options">Pictures, models, extent.</param>
    /// <param name="progress">Told the share done, 0..1, from several threads.</param>
    /// <param name="cancellation">Looked at between pictures' compressions.</param>
    /// <exception cref="DirectoryNotFoundException">A data folder is not there.</exception>
    /// <exception cref="InvalidDataException">No usable picture.</exception>
    /// <exception cref="OperationCanceledException">The token says so.</exception>
    public static QualityEvaluationReport Run(
        QualityEvaluationOptions options, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        TrainingPictures pictures = TrainingPictures.Load(options.DataFolders, 64, options.Skipped);
        if (options.MaxPictures > 0)
            pictures = pictures.First(options.MaxPictures);
        using var maps = new EvaluatedMaps(options.Models);
        var counted = new Counted(progress, options, pictures.Pictures.Count);
        var results = new PictureEvaluation[pictures.Pictures.Count];
        Parallel.For(0, results.Length, new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellation }, i =>
            results[i] = new PictureEvaluation(options, maps, pictures.Pictures, i, counted.Step, cancellation));

        var models = options.Models.Select((model, m) => new ModelEvaluation(
            model.Name,
            [.. options.Samplings.Select(sampling => Summarize(options, sampling, results, m))],
            DoubleCompression(options, results, m),
            model.NetworkOnly)).ToList();
        return new QualityEvaluationReport(pictures.Pictures.Count, pictures.ManifestHash, options.Seed, models);
    }

    /// <summary>What the double compression part puts pictures through.</summary>
    internal static IEnumerable<TwoCompressions> Doubles(QualityEvaluationOptions options) =>
        !options.DoubleCompression ? []
        : from sampling in options.Samplings
          where sampling is ChromaSubsampling.Samp420 or ChromaSubsampling.Samp444
          from aligned in new[] { false, true }
          from pair in TwoQualities
          select new TwoCompressions(sampling, pair.First, pair.Last, aligned);

    static SamplingEvaluation Summarize(QualityEvaluationOptions options, ChromaSubsampling sampling, PictureEvaluation[] pictures, int model)
    {
        var points = options.Qualities.Select(quality => Point(quality, quality, pictures.Select(p => p.Single[(sampling, quality, model)]))).ToList();
        var round = points.Where(point => point.Quality % 5 == 0).ToList();
        var inner = round.Where(point => point.Quality is >= 10 and <= 95).ToList();
        var flagged = points.Where(point => point.Quality <= 95).ToList();
        return new SamplingEvaluation(
            sampling, points, Point(0, 100, pictures.Select(p => p.Single[(sampling, 0, model)])),
            Mean(round, p => p.Error), Mean(inner, p => p.Error), Mean(round, p => p.ReliableError), Mean(inner, p => p.ReliableError),
            Mean(flagged, p => p.Flagged), Mean(flagged, p => p.ReliableFlagged),
            options.SplicesPerPicture == 0 ? [] : [.. Enum.GetValues<SpliceKind>().Select(kind => Splices(kind, sampling, pictures, model))]);
    }

    static QualityPoint Point(int quality, int expected, IEnumerable<QualitySummary> summaries)
    {
        var all = summaries.ToList();
        (double mean, double deviation) = Moments(all, s => s.MeanQuality);
        (double reliableMean, double reliableDeviation) = Moments(all, s => s.ReliableQuality);
        return new QualityPoint(
            quality, mean, deviation, Mean(all, s => Math.Abs(s.MeanQuality - expected)),
            reliableMean, reliableDeviation, Mean(all, s => Math.Abs(s.ReliableQuality - expected)),
            Mean(all, s => s.MeanCompressed >= 0.5 ? 1 : 0), Mean(all, s => s.ReliableCompressed >= 0.5 ? 1 : 0),
            Mean(all, s => s.MeanCompressed), Mean(all, s => s.Verdict == QualityVerdict.Undetermined ? 1 : 0));
    }

    static SpliceEvaluation Splices(SpliceKind kind, ChromaSubsampling sampling, PictureEvaluation[] pictures, int model)
    {
        SpliceFigures[][] bands =
        [
            .. QualitySplice.BandsOf(kind).Select((_, band) => pictures.SelectMany(picture => picture.Splices[(kind, band, sampling, model)]).ToArray()),
        ];
        SpliceFigures[] all = [.. bands.SelectMany(band => band)];
        bool flag = kind != SpliceKind.JpegInJpeg;
        return new SpliceEvaluation(
            kind, all.Length,
            flag ? Mean(all, s => s.FlagAuc) : null, flag ? Mean(all, s => s.FlagBestF1) : null, flag ? Mean(all, s => s.FlagF1) : null,
            Mean(all, s => s.QualityAuc), Mean(all, s => s.QualityBestF1),
            flag ? [.. bands.Select((band, b) => Band(QualitySplice.BandsOf(kind)[b], band))] : null);
    }

    static SpliceBandEvaluation Band(QualityBand band, SpliceFigures[] all) => new(
        band.ToString(), all.Length, Mean(all, s => s.FlagAuc), Mean(all, s => s.FlagBestF1), Mean(all, s => s.FlagF1),
        Mean(all, s => s.QualityAuc), Mean(all, s => s.QualityBestF1));

    static List<DoubleCompressionPoint> DoubleCompression(QualityEvaluationOptions options, PictureEvaluation[] pictures, int model)
    {
        var points = new List<DoubleCompressionPoint>();
        foreach (TwoCompressions two in Doubles(options))
        {
            var all = pictures.Select(picture => picture.Double[(two, model)]).ToList();
            points.Add(new DoubleCompressionPoint(
                two.Sampling, two.First, two.Last, Mean(all, s => s.MeanQuality), Mean(all, s => Math.Abs(s.MeanQuality - two.Last)),
                Mean(all, s => s.ReliableQuality), Mean(all, s => Math.Abs(s.ReliableQuality - two.Last)), two.Aligned));
        }
        return points;
    }

    static double Mean<T>(IReadOnlyCollection<T> items, Func<T, double> value) => items.Count == 0 ? 0 : items.Sum(value) / items.Count;

    static (double Mean, double Deviation) Moments<T>(IReadOnlyCollection<T> items, Func<T, double> value)
    {
        double mean = Mean(items, value);
        return (mean, Math.Sqrt(Mean(items, item => (value(item) - mean) * (value(item) - mean))));
    }

    sealed class Counted(IProgress<double>? progress, QualityEvaluationOptions options, int pictures)
    {
        readonly double total = pictures * PictureEvaluation.Steps(options);
        int done;

        public void Step() => progress?.Report(Interlocked.Increment(ref done) / total);
    }
}

/// <summary>Two compressions of a picture, the second on the grid of the first or on another.</summary>
readonly record struct TwoCompressions(ChromaSubsampling Sampling, int First, int Last, bool Aligned);
