using System.Collections.Concurrent;

namespace JpegQualityEstimation.Training.Evaluation;

// PrimaryEvaluation: section 5 of Tondi et al. 2021 for several models on the same windows: batches of windows of the
// scenarios and rows of windows of the splices, which every model reads, are worked on side by side. What is counted is
// whole numbers, so the report is the same for any number of threads. At a time there are as many batches of windows in
// memory as threads.

/// <summary>Measures primary-quantization networks on never-compressed pictures.</summary>
public static class PrimaryEvaluation
{
    /// <summary>Runs the evaluation.</summary>
    /// <param name="options">Pictures, models, extent.</param>
    /// <param name="progress">Told the share done, 0..1, from several threads.</param>
    /// <param name="cancellation">Looked at between batches.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is out of its range.</exception>
    /// <exception cref="DirectoryNotFoundException">A data folder is not there.</exception>
    /// <exception cref="InvalidDataException">No usable picture.</exception>
    /// <exception cref="OperationCanceledException">The token says so.</exception>
    public static PrimaryEvaluationReport Run(
        PrimaryEvaluationOptions options, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfZero(options.Models.Count, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.WindowsPerScenario, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.WindowsPerPicture, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.WindowsPerPicture, PrimaryEvaluationWorker.BatchWindows, nameof(options));
        TrainingPictures pictures = TrainingPictures.Load(options.DataFolders, PrimaryWindows.LeastSide, options.Skipped);
        if (options.MaxPictures > 0)
            pictures = pictures.First(options.MaxPictures);
        PrimaryScenarioRun[] scenarios = [.. options.Scenarios.Select(scenario => new PrimaryScenarioRun(options, scenario, pictures.Pictures))];
        PrimarySpliceRun[] splices = options.Splices ? PrimarySpliceRun.All(options, pictures.Pictures) : [];
        Action<PrimaryEvaluationWorker>[] work =
        [
            .. scenarios.SelectMany(scenario => scenario.Batches().Select(
                batch => (Action<PrimaryEvaluationWorker>)(worker => worker.Run(scenario, batch.Start, batch.Count)))),
            .. splices.SelectMany(splice => Enumerable.Range(0, splice.Rows).Select(
                row => (Action<PrimaryEvaluationWorker>)(worker => worker.Run(splice, row)))),
        ];
        var workers = new ConcurrentBag<PrimaryEvaluationWorker>();
        int done = 0;
        try
        {
            Parallel.ForEach(
                Partitioner.Create(work, EnumerablePartitionerOptions.NoBuffering),
                new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellation },
                part =>
                {
                    if (!workers.TryTake(out PrimaryEvaluationWorker? worker))
                        worker = new PrimaryEvaluationWorker(options);
                    try
                    {
                        part(worker);
                    }
                    finally
                    {
                        workers.Add(worker);
                    }
                    progress?.Report(Interlocked.Increment(ref done) / (double)work.Length);
                });
        }
        finally
        {
            foreach (PrimaryEvaluationWorker worker in workers)
                worker.Dispose();
        }
        return new PrimaryEvaluationReport(
            pictures.Pictures.Count, pictures.ManifestHash, options.Seed, options.Subsampling, options.WindowsPerPicture,
            [
                .. options.Models.Select((model, m) => new PrimaryModelEvaluation(
                    model.Name, model.Sha256, [.. scenarios.Select(scenario => scenario.Summarize(m))], [.. splices.Select(splice => splice.Summarize(m))])),
            ])
        {
            SplicePictures = [.. splices.Select(splice => splice.Draw(options.Models))],
        };
    }
}
