using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training.Evaluation;

namespace JpegQualityEstimation.Training.Calibration;

// WindowReadings: what a network says of the windows of one scenario, uncalibrated, beside the truth: windows of
// PrimaryScenarioRun, the same for any number of threads.
//   logits [n,226], phase [n,64] or empty, steps [n,15] (0: a step that no output stands for), phases [n] (-1: none is true)
sealed class WindowReadings
{
    const int BatchChains = 8;

    readonly float[] logits, phase;
    readonly byte[] steps;
    readonly int[] phases;

    WindowReadings(PrimaryScenario scenario, int count, bool givesPhase)
    {
        Scenario = scenario;
        Count = count;
        logits = new float[count * PrimaryBlocks.Outputs];
        phase = new float[givesPhase ? 64 * count : 0];
        steps = new byte[count * PrimaryBlocks.Count];
        phases = new int[count];
        Determined = new bool[count];
        Pictures = new int[count];
    }

    public PrimaryScenario Scenario { get; }

    public int Count { get; }

    /// <summary>Whether a window is answered for.</summary>
    public bool[] Determined { get; }

    /// <summary>Number of the picture that a window is of.</summary>
    public int[] Pictures { get; }

    public bool GivesPhase => phase.Length > 0;

    public ReadOnlySpan<float> Logits(int window, int block) => logits.AsSpan(window * PrimaryBlocks.Outputs + PrimaryBlocks.Offsets[block], PrimaryBlocks.Sizes[block]);

    public ReadOnlySpan<float> Phase(int window) => phase.AsSpan(64 * window, 64);

    public int Step(int window, int block) => steps[window * PrimaryBlocks.Count + block];

    public int TruePhase(int window) => phases[window];

    public static WindowReadings Collect(
        IPrimaryEngine engine, PrimaryEvaluationOptions options, PrimaryScenario scenario, IReadOnlyList<TrainingPicture> pictures, Action done, CancellationToken cancellation)
    {
        var run = new PrimaryScenarioRun(options, scenario, pictures);
        (int start, int count)[] all = [.. run.Batches()];
        int chains = all[^1].start + all[^1].count, each = options.WindowsPerPicture;
        var numbers = pictures.Select((picture, i) => (picture.Pixels, i)).ToDictionary(pair => pair.Pixels, pair => pair.i);
        var readings = new WindowReadings(scenario, chains * each, engine.GivesPhase);
        Parallel.For(0, (chains + BatchChains - 1) / BatchChains, new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellation },
            () => new PrimaryWindows(), (batch, _, maker) =>
            {
                for (int chain = batch * BatchChains; chain < Math.Min(chains, (batch + 1) * BatchChains); chain++)
                    readings.Read(engine, options, run, chain, numbers, maker);
                return maker;
            }, _ => { });
        done();
        return readings;
    }

    void Read(IPrimaryEngine engine, PrimaryEvaluationOptions options, PrimaryScenarioRun run, int chain, Dictionary<ImageBuffer, int> numbers, PrimaryWindows maker)
    {
        int each = options.WindowsPerPicture, from = chain * each;
        (int first, ImageBuffer picture, int number) = run.Chain(chain);
        byte[] windows = new byte[each * PrimaryWindows.WindowBytes];
        int at = maker.Fill(picture, run.Scenario, run.Firsts[first], run.Second, options.Seed, number, each, windows);
        engine.RunWindows(
            windows, each, run.Told, logits.AsSpan(from * PrimaryBlocks.Outputs, each * PrimaryBlocks.Outputs), GivesPhase ? phase.AsSpan(64 * from, 64 * each) : default);
        for (int k = 0; k < each; k++)
        {
            var view = new PixelView(windows.AsSpan(k * PrimaryWindows.WindowBytes, PrimaryWindows.WindowBytes), PrimaryWindows.Side, PrimaryWindows.Side, PixelFormat.Rgb24);
            Determined[from + k] = WindowEvidence.DeterminesPatch(view, run.Told);
            Pictures[from + k] = numbers[picture];
            phases[from + k] = run.Firsts[first].Compression is null ? -1 : at;
            for (int i = 0; i < PrimaryBlocks.Count; i++)
            {
                int step = run.Firsts[first].Steps[i];
                steps[(from + k) * PrimaryBlocks.Count + i] = (byte)(step <= PrimaryBlocks.Sizes[i] ? step : 0);
            }
        }
    }

    /// <summary>Share of a window's steps that are right, 0..1.</summary>
    public double Accuracy(int window)
    {
        int right = 0;
        for (int i = 0; i < PrimaryBlocks.Count; i++)
            right += PrimaryBlocks.ArgMax(Logits(window, i)) + 1 == Step(window, i) ? 1 : 0;
        return (double)right / PrimaryBlocks.Count;
    }
}
