using System.Collections.Concurrent;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Training.Evaluation;

// PrimaryEvaluation: section 5 of Tondi et al. 2021 for several models on the same windows. A chain is one picture that
// is compressed twice; a batch is a fixed run of chains of one scenario, whose windows every model reads. Batches are
// worked on side by side; what is counted is whole numbers, so the report is the same for any number of threads. At a
// time there are as many batches of windows in memory as threads.

/// <summary>Measures primary-quantization networks on never-compressed pictures.</summary>
public static class PrimaryEvaluation
{
    const int BatchWindows = 32;
    const ulong ShuffleStream = 0x53485546464C45;

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
        ArgumentOutOfRangeException.ThrowIfNegative(options.WindowsPerScenario, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.WindowsPerPicture, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.WindowsPerPicture, BatchWindows, nameof(options));
        TrainingPictures pictures = TrainingPictures.Load(options.DataFolders, PrimaryWindows.LeastSide, options.Skipped);
        if (options.MaxPictures > 0)
            pictures = pictures.First(options.MaxPictures);
        ScenarioRun[] scenarios = [.. options.Scenarios.Select(scenario => new ScenarioRun(options, scenario, pictures.Pictures))];
        Batch[] batches = [.. scenarios.SelectMany(scenario => scenario.Batches())];
        var workers = new ConcurrentBag<Worker>();
        int done = 0;
        try
        {
            Parallel.ForEach(
                Partitioner.Create(batches, EnumerablePartitionerOptions.NoBuffering),
                new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellation },
                batch =>
                {
                    if (!workers.TryTake(out Worker? worker))
                        worker = new Worker(options);
                    try
                    {
                        worker.Run(batch);
                    }
                    finally
                    {
                        workers.Add(worker);
                    }
                    progress?.Report(Interlocked.Increment(ref done) / (double)batches.Length);
                });
        }
        finally
        {
            foreach (Worker worker in workers)
                worker.Dispose();
        }
        return new PrimaryEvaluationReport(
            pictures.Pictures.Count, pictures.ManifestHash, options.Seed, options.Subsampling, options.WindowsPerPicture,
            [.. options.Models.Select((model, m) => new PrimaryModelEvaluation(model.Name, model.Sha256, [.. scenarios.Select(scenario => scenario.Summarize(m))]))]);
    }

    // Count chains from Start on.
    sealed record Batch(ScenarioRun Scenario, int Start, int Count);

    // What all batches of one scenario share.
    sealed class ScenarioRun
    {
        readonly PrimaryEvaluationOptions options;
        readonly List<TrainingPicture> pictures;
        readonly int[][] order;
        readonly int chainsEach;

        // [model, first]
        readonly PrimarySums[][] sums;

        public ScenarioRun(PrimaryEvaluationOptions options, PrimaryScenario scenario, IReadOnlyList<TrainingPicture> all)
        {
            this.options = options;
            Scenario = scenario;
            Firsts = scenario.Firsts(options.Subsampling);
            Second = JpegCompression.FromQuality(scenario.SecondQuality, options.Subsampling);
            Told = QuantTable.StandardLuminance(scenario.ToldQuality).ZigZagOrder();
            int scale = scenario.HalfSize ? 2 : 1;
            pictures = [.. all.Where(picture => Math.Min(picture.Pixels.Width, picture.Pixels.Height) / scale >= PrimaryWindows.LeastSide)];
            if (pictures.Count == 0)
                throw new InvalidDataException($"no picture of {PrimaryWindows.LeastSide * scale} pixels both ways for {scenario.Name}");
            int windowsEach = (options.WindowsPerScenario + Firsts.Length - 1) / Firsts.Length;
            chainsEach = options.WindowsPerScenario == 0 ? pictures.Count : (windowsEach + options.WindowsPerPicture - 1) / options.WindowsPerPicture;
            order = Array.ConvertAll(Firsts, first => Shuffled(first.Label));
            sums = [.. options.Models.Select(_ => Array.ConvertAll(Firsts, _ => new PrimarySums()))];
        }

        public PrimaryScenario Scenario { get; }

        public PrimaryFirst[] Firsts { get; }

        public JpegCompression Second { get; }

        public ushort[] Told { get; }

        public IEnumerable<Batch> Batches()
        {
            int chains = chainsEach * Firsts.Length, each = Math.Max(1, BatchWindows / options.WindowsPerPicture);
            for (int start = 0; start < chains; start += each)
                yield return new Batch(this, start, Math.Min(each, chains - start));
        }

        /// <summary>Which first compression, which picture and which number a chain has.</summary>
        public (int First, ImageBuffer Picture, int Number) Chain(int chain)
        {
            int first = chain / chainsEach, number = chain % chainsEach;
            return (first, pictures[order[first][number % pictures.Count]].Pixels, number);
        }

        public void Add(int model, int first, PrimarySums part)
        {
            lock (sums)
                sums[model][first].Add(part);
        }

        public PrimaryScenarioEvaluation Summarize(int model) => PrimaryScenarioEvaluation.Of(Scenario, Firsts, sums[model]);

        // Every first quality takes the pictures in an order of its own.
        int[] Shuffled(int label)
        {
            var random = new CounterRandom(options.Seed, ShuffleStream, (ulong)label);
            int[] shuffled = [.. Enumerable.Range(0, pictures.Count)];
            for (int i = shuffled.Length - 1; i > 0; i--)
            {
                int other = random.NextInt(i + 1);
                (shuffled[i], shuffled[other]) = (shuffled[other], shuffled[i]);
            }
            return shuffled;
        }
    }

    // The memory and the models of one thread.
    sealed class Worker(PrimaryEvaluationOptions options) : IDisposable
    {
        readonly PrimaryWindows maker = new();
        readonly IPrimaryWindowReader[] readers = [.. options.Models.Select(model => model.Create())];
        readonly byte[] windows = new byte[BatchWindows * PrimaryWindows.WindowBytes];
        readonly int[] steps = new int[BatchWindows * PrimarySums.Steps];
        readonly float[] phase = new float[BatchWindows * 64];
        readonly int[] firsts = new int[BatchWindows], phases = new int[BatchWindows];

        public void Run(Batch batch)
        {
            ScenarioRun scenario = batch.Scenario;
            int each = options.WindowsPerPicture, n = batch.Count * each;
            for (int k = 0; k < batch.Count; k++)
            {
                (int first, ImageBuffer picture, int number) = scenario.Chain(batch.Start + k);
                int at = maker.Fill(
                    picture, scenario.Scenario, scenario.Firsts[first], scenario.Second, options.Seed, number, each,
                    windows.AsSpan(k * each * PrimaryWindows.WindowBytes));
                firsts.AsSpan(k * each, each).Fill(first);
                phases.AsSpan(k * each, each).Fill(at);
            }
            for (int model = 0; model < readers.Length; model++)
                Read(scenario, model, n);
        }

        void Read(ScenarioRun scenario, int model, int n)
        {
            IPrimaryWindowReader reader = readers[model];
            bool givesPhase = reader.GivesPhase;
            reader.Read(
                windows.AsSpan(0, n * PrimaryWindows.WindowBytes), n, scenario.Told, steps.AsSpan(0, n * PrimarySums.Steps),
                givesPhase ? phase.AsSpan(0, n * 64) : default);
            for (int i = 0; i < n;)
            {
                var sums = new PrimarySums();
                int first = firsts[i];
                for (; i < n && firsts[i] == first; i++)
                {
                    bool? found = givesPhase && scenario.Firsts[first].Compression is not null ? Best(phase.AsSpan(i * 64, 64)) == phases[i] : null;
                    sums.Add(steps.AsSpan(i * PrimarySums.Steps, PrimarySums.Steps), scenario.Firsts[first].Steps, found);
                }
                scenario.Add(model, first, sums);
            }
        }

        static int Best(ReadOnlySpan<float> scores)
        {
            int best = 0;
            for (int i = 1; i < scores.Length; i++)
                best = scores[i] > scores[best] ? i : best;
            return best;
        }

        public void Dispose()
        {
            foreach (IPrimaryWindowReader reader in readers)
                reader.Dispose();
        }
    }
}
