namespace JpegQualityEstimation.Training.Evaluation;

// PrimaryEvaluationWorker: the memory and the models of one thread.

sealed class PrimaryEvaluationWorker(PrimaryEvaluationOptions options) : IDisposable
{
    /// <summary>Most windows that models read at a time.</summary>
    public const int BatchWindows = 32;

    readonly PrimaryWindows maker = new();
    readonly IPrimaryWindowReader[] readers = [.. options.Models.Select(model => model.Create())];
    readonly byte[] windows = new byte[BatchWindows * PrimaryWindows.WindowBytes];
    readonly int[] steps = new int[BatchWindows * PrimarySums.Steps];
    readonly float[] phase = new float[BatchWindows * 64];
    readonly int[] firsts = new int[BatchWindows], truths = new int[BatchWindows], phases = new int[BatchWindows];

    /// <summary>Makes and reads the windows of some chains of a scenario.</summary>
    public void Run(PrimaryScenarioRun scenario, int start, int count)
    {
        int each = options.WindowsPerPicture, n = count * each;
        for (int k = 0; k < count; k++)
        {
            (int first, Images.ImageBuffer picture, int number) = scenario.Chain(start + k);
            int at = maker.Fill(
                picture, scenario.Scenario, scenario.Firsts[first], scenario.Second, options.Seed, number, each,
                windows.AsSpan(k * each * PrimaryWindows.WindowBytes));
            firsts.AsSpan(k * each, each).Fill(first);
            truths.AsSpan(k * each, each).Fill(at);
        }
        for (int model = 0; model < readers.Length; model++)
        {
            Read(model, scenario.Told, n);
            Count(scenario, model, n);
        }
    }

    /// <summary>Reads the windows of a row of a splice.</summary>
    public void Run(PrimarySpliceRun splice, int row)
    {
        for (int column = 0; column < splice.Columns; column += BatchWindows)
        {
            int n = Math.Min(BatchWindows, splice.Columns - column);
            splice.Fill(row, column, n, windows);
            for (int model = 0; model < readers.Length; model++)
            {
                Read(model, splice.Told, n);
                splice.Put(model, row, column, steps.AsSpan(0, n * PrimarySums.Steps), phases.AsSpan(0, n));
            }
        }
    }

    // To steps and phases, the latter -1 where the model tells none.
    void Read(int model, ushort[] told, int n)
    {
        IPrimaryWindowReader reader = readers[model];
        bool givesPhase = reader.GivesPhase;
        reader.Read(
            windows.AsSpan(0, n * PrimaryWindows.WindowBytes), n, told, steps.AsSpan(0, n * PrimarySums.Steps),
            givesPhase ? phase.AsSpan(0, n * 64) : default);
        for (int i = 0; i < n; i++)
            phases[i] = givesPhase ? Best(phase.AsSpan(i * 64, 64)) : -1;
    }

    void Count(PrimaryScenarioRun scenario, int model, int n)
    {
        for (int i = 0; i < n;)
        {
            var sums = new PrimarySums();
            int first = firsts[i];
            for (; i < n && firsts[i] == first; i++)
            {
                bool? found = phases[i] >= 0 && scenario.Firsts[first].Compression is not null ? phases[i] == truths[i] : null;
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
