using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;

namespace JpegQualityEstimation.Training.Evaluation;

// PrimaryScenarioRun: what all batches of one scenario share: which picture goes through which first compression, and
// what was counted. A chain is one picture that is compressed twice; a batch is a fixed run of chains.

sealed class PrimaryScenarioRun
{
    const ulong ShuffleStream = 0x53485546464C45;

    readonly PrimaryEvaluationOptions options;
    readonly List<TrainingPicture> pictures;
    readonly int[][] order;
    readonly int chainsEach;

    // [model, first]
    readonly PrimarySums[][] sums;

    public PrimaryScenarioRun(PrimaryEvaluationOptions options, PrimaryScenario scenario, IReadOnlyList<TrainingPicture> all)
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

    /// <summary>First chain and number of chains of every batch.</summary>
    public IEnumerable<(int Start, int Count)> Batches()
    {
        int chains = chainsEach * Firsts.Length, each = Math.Max(1, PrimaryEvaluationWorker.BatchWindows / options.WindowsPerPicture);
        for (int start = 0; start < chains; start += each)
            yield return (start, Math.Min(each, chains - start));
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
