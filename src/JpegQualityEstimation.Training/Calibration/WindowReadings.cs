using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training.Evaluation;

namespace JpegQualityEstimation.Training.Calibration;

// WindowReadings: what a network says of the windows of one scenario, not scaled, beside the truth: windows of
// PrimaryScenarioRun, the same for any number of threads.
//   probabilities [n,226], phase [n,64] or empty, steps [n,15] (0: a step that no output stands for), phases [n] (-1: none is true)
sealed class WindowReadings
{
    const int BatchChains = 8;

    readonly float[] probabilities, phase;
    readonly byte[] steps;
    readonly int[] phases;

    readonly bool[] legible;

    WindowReadings(PrimaryScenarioRun run, int count, bool givesPhase)
    {
        Scenario = run.Scenario;
        Told = run.Told;
        Count = count;
        probabilities = new float[count * PrimaryBlocks.Outputs];
        phase = new float[givesPhase ? 64 * count : 0];
        steps = new byte[count * PrimaryBlocks.Count];
        phases = new int[count];
        legible = new bool[count];
    }

    public PrimaryScenario Scenario { get; }

    public int Count { get; }

    /// <summary>The second table that the network was told, zig-zag.</summary>
    public ushort[] Told { get; }

    /// <summary>Windows whose pixels hold enough to answer.</summary>
    public IEnumerable<int> Legible => Enumerable.Range(0, Count).Where(window => legible[window]);

    /// <summary>Those of them that have a first grid, where the network says how it lies.</summary>
    public IEnumerable<int> WithPhase => Legible.Where(window => phase.Length > 0 && phases[window] >= 0);

    public bool IsLegible(int window) => legible[window];

    public ReadOnlySpan<float> Probabilities(int window) => probabilities.AsSpan(window * PrimaryBlocks.Outputs, PrimaryBlocks.Outputs);

    public ReadOnlySpan<float> Phase(int window) => phase.AsSpan(64 * window, 64);

    public int Step(int window, int block) => steps[window * PrimaryBlocks.Count + block];

    public int TruePhase(int window) => phases[window];

    public static WindowReadings Collect(
        IPrimaryEngine engine, PrimaryEvaluationOptions options, PrimaryScenario scenario, IReadOnlyList<TrainingPicture> pictures, Action done, CancellationToken cancellation)
    {
        var run = new PrimaryScenarioRun(options, scenario, pictures);
        (int start, int count)[] all = [.. run.Batches()];
        int chains = all[^1].start + all[^1].count, each = options.WindowsPerPicture;
        var readings = new WindowReadings(run, chains * each, engine.GivesPhase);
        Parallel.For(0, (chains + BatchChains - 1) / BatchChains, new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellation },
            () => new PrimaryWindows(), (batch, _, maker) =>
            {
                for (int chain = batch * BatchChains; chain < Math.Min(chains, (batch + 1) * BatchChains); chain++)
                    readings.Read(engine, options, run, chain, maker);
                return maker;
            }, _ => { });
        done();
        return readings;
    }

    void Read(IPrimaryEngine engine, PrimaryEvaluationOptions options, PrimaryScenarioRun run, int chain, PrimaryWindows maker)
    {
        int each = options.WindowsPerPicture, from = chain * each;
        (int first, ImageBuffer picture, int number) = run.Chain(chain);
        byte[] windows = new byte[each * PrimaryWindows.WindowBytes];
        int at = maker.Fill(picture, run.Scenario, run.Firsts[first], run.Second, options.Seed, number, each, windows);
        engine.RunWindows(
            windows, each, run.Told, probabilities.AsSpan(from * PrimaryBlocks.Outputs, each * PrimaryBlocks.Outputs), phase.Length > 0 ? phase.AsSpan(64 * from, 64 * each) : default);
        for (int k = 0; k < each; k++)
        {
            var view = new PixelView(windows.AsSpan(k * PrimaryWindows.WindowBytes, PrimaryWindows.WindowBytes), PrimaryWindows.Side, PrimaryWindows.Side, PixelFormat.Rgb24);
            bool finite = PrimaryPosterior.Probabilities(probabilities.AsSpan((from + k) * PrimaryBlocks.Outputs, PrimaryBlocks.Outputs));
            legible[from + k] = finite && WindowEvidence.DeterminesPatch(view, run.Told);
            phases[from + k] = run.Firsts[first].Compression is null ? -1 : at;
            for (int i = 0; i < PrimaryBlocks.Count; i++)
            {
                int step = run.Firsts[first].Steps[i];
                steps[(from + k) * PrimaryBlocks.Count + i] = (byte)(step <= PrimaryBlocks.Sizes[i] ? step : 0);
            }
        }
    }

    /// <summary>A window's mean step confidence, and the share of its steps that are right, 0..1.</summary>
    public (double Confidence, double Right) Answer(int window, PrimaryScaling scaling)
    {
        Span<float> scaled = stackalloc float[PrimaryBlocks.Outputs], confidence = stackalloc float[PrimaryBlocks.Count];
        Span<short> read = stackalloc short[PrimaryBlocks.Count];
        Probabilities(window).CopyTo(scaled);
        scaling.ScaleSteps(scaled);
        float mean = PrimaryPosterior.Steps(scaled, read, confidence);
        int right = 0;
        for (int i = 0; i < PrimaryBlocks.Count; i++)
            right += read[i] == Step(window, i) ? 1 : 0;
        return (mean, (double)right / PrimaryBlocks.Count);
    }
}
