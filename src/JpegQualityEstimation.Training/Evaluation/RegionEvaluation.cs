using System.Collections.Concurrent;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Training.Evaluation;

// RegionEvaluation: spliced and genuine pictures of known sources, each made once and read by all finders. Pictures are
// worked on side by side; scores are kept in order, so the report is the same for any number of threads.

/// <summary>Measures finders of regions on pictures generated from never-compressed ones.</summary>
public static class RegionEvaluation
{
    /// <summary>Runs the evaluation.</summary>
    /// <param name="options">Pictures, finders, extent.</param>
    /// <param name="progress">Told the share done, 0..1, from several threads.</param>
    /// <param name="cancellation">Looked at between pictures.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is out of its range.</exception>
    /// <exception cref="DirectoryNotFoundException">A data folder is not there.</exception>
    /// <exception cref="InvalidDataException">No usable picture.</exception>
    /// <exception cref="OperationCanceledException">The token says so.</exception>
    public static RegionEvaluationReport Run(RegionEvaluationOptions options, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfZero(options.Finders.Count, nameof(options));
        ArgumentOutOfRangeException.ThrowIfZero(options.Scenarios.Count, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.PicturesPerScenario, 1, nameof(options));
        TrainingPictures pictures = TrainingPictures.Load(options.DataFolders, RegionSplice.LeastSide, options.Skipped);
        if (options.MaxPictures > 0)
            pictures = pictures.First(options.MaxPictures);
        ImageBuffer[] pixels = [.. pictures.Pictures.Select(picture => picture.Pixels)];
        int each = options.PicturesPerScenario, count = options.Scenarios.Count * each;
        var scores = new RegionScore?[options.Finders.Count, count];
        var figures = new RegionPicture?[options.Scenarios.Count];
        var workers = new ConcurrentBag<IRegionReader[]>();
        int done = 0;
        try
        {
            Parallel.ForEach(
                Partitioner.Create(Enumerable.Range(0, count), EnumerablePartitionerOptions.NoBuffering),
                new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellation },
                i =>
                {
                    if (!workers.TryTake(out IRegionReader[]? readers))
                        readers = [.. options.Finders.Select(finder => finder.Create())];
                    try
                    {
                        RegionScenario scenario = options.Scenarios[i / each];
                        RegionSplice splice = RegionSplice.Create(pixels, scenario, i % each, options.Seed, options.Subsampling);
                        RegionSheet? sheet = options.Figures && i % each == 0 && scenario.Donors.Count == RegionScenario.MostDonors ? new RegionSheet(splice, options.Finders) : null;
                        for (int f = 0; f < readers.Length; f++)
                        {
                            if (!options.Finders[f].Reaches(scenario))
                                continue;
                            RegionFinding finding = readers[f].Read(splice.Picture.View, splice.Last.Luminance);
                            RegionScore score = scores[f, i] = RegionScore.Of(splice, finding);
                            sheet?.Draw(f, finding, score);
                        }
                        if (sheet is not null)
                            figures[i / each] = new RegionPicture(scenario.Name, sheet.Image);
                    }
                    finally
                    {
                        workers.Add(readers);
                    }
                    progress?.Report(Interlocked.Increment(ref done) / (double)count);
                });
        }
        finally
        {
            foreach (IRegionReader reader in workers.SelectMany(readers => readers))
                reader.Dispose();
        }
        return new RegionEvaluationReport(
            pictures.Pictures.Count, pictures.ManifestHash, options.Seed, options.Subsampling, each,
            [.. options.Finders.Select((finder, f) => RegionFinderEvaluation.Of(finder, [.. Enumerable.Range(0, count).Select(i => scores[f, i]).OfType<RegionScore>()]))])
        {
            Figures = [.. figures.OfType<RegionPicture>()],
        };
    }
}
