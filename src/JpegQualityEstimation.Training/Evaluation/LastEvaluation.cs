using JpegQualityEstimation.Findings;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Training.Evaluation;

// LastEvaluation: every picture after every history, and what the estimator says of it. Pictures are worked on side by
// side; what is counted is whole numbers, so the report is the same for any number of threads.

/// <summary>Measures <see cref="LastCompressionEstimator"/> on never-compressed pictures.</summary>
public static class LastEvaluation
{
    const int LeastSide = 64;

    /// <summary>Runs the evaluation.</summary>
    /// <param name="options">Pictures, extent.</param>
    /// <param name="progress">Told the share done, 0..1, from several threads.</param>
    /// <param name="cancellation">Looked at between estimates.</param>
    /// <exception cref="DirectoryNotFoundException">A data folder is not there.</exception>
    /// <exception cref="InvalidDataException">No usable picture.</exception>
    /// <exception cref="OperationCanceledException">The token says so.</exception>
    public static LastEvaluationReport Run(LastEvaluationOptions options, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        TrainingPictures pictures = TrainingPictures.Load(options.DataFolders, LeastSide, options.Skipped);
        if (options.MaxPictures > 0)
            pictures = pictures.First(options.MaxPictures);
        LastScenario[] scenarios = [.. LastScenario.All(options)];
        var answers = new Answer[scenarios.Length, pictures.Pictures.Count];
        int done = 0;
        Parallel.For(0, pictures.Pictures.Count, new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellation }, i =>
        {
            for (int s = 0; s < scenarios.Length; s++)
            {
                (ImageBuffer picture, GridOrigin origin) = scenarios[s].Apply(pictures.Pictures[i].Pixels, options.Seed, i);
                LastCompressionEstimate estimate = LastCompressionEstimator.Estimate(picture.View, cancellation: cancellation);
                answers[s, i] = Answer.Of(estimate, scenarios[s].Table, origin);
                progress?.Report(Interlocked.Increment(ref done) / (double)answers.Length);
            }
        });
        return new LastEvaluationReport(
            pictures.Pictures.Count, pictures.ManifestHash, options.Seed,
            [.. scenarios.Select((scenario, s) => Summarize(scenario, [.. Enumerable.Range(0, pictures.Pictures.Count).Select(i => answers[s, i])]))]);
    }

    static LastScenarioEvaluation Summarize(LastScenario scenario, Answer[] answers)
    {
        int detected = answers.Count(a => a.Detected), steps = answers.Sum(a => a.Steps);
        return new LastScenarioEvaluation(
            scenario.History, scenario.Sampling, scenario.First, scenario.Last, answers.Length,
            Share(detected, answers.Length), Share(answers.Count(a => a.RightOrigin), answers.Length),
            Share(answers.Count(a => a.RightTable), answers.Length), Share(answers.Count(a => a.WrongTable), answers.Length),
            Share(steps, 64 * detected), Share(answers.Sum(a => a.RightSteps), steps), Share(answers.Sum(a => a.MultipleSteps), steps));
    }

    static double Share(int count, int of) => of == 0 ? 0 : (double)count / of;

    readonly record struct Answer(bool Detected, bool RightOrigin, bool RightTable, bool WrongTable, int Steps, int RightSteps, int MultipleSteps)
    {
        public static Answer Of(LastCompressionEstimate estimate, QuantTable? table, GridOrigin origin)
        {
            if (!estimate.IsDetected)
                return default;
            bool rightOrigin = table is not null && estimate.GridOrigin == origin;
            bool rightTable = rightOrigin && table!.Equals(estimate.Table);
            int right = 0, multiple = 0;
            for (int i = 0; i < 64 && rightOrigin; i++)
            {
                int last = table!.NaturalOrder[i];
                if (estimate.Steps[i].Step is not { } step)
                    continue;
                right += step == last ? 1 : 0;
                multiple += step != last && step % last == 0 ? 1 : 0;
            }
            return new Answer(true, rightOrigin, rightTable, !rightTable && estimate.Table is not null, estimate.AnsweredSteps, right, multiple);
        }
    }
}
