using System.Text.Json;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Tests.Maps;
using JpegQualityEstimation.Training.Evaluation;
using Xunit;

namespace JpegQualityEstimation.Tests.Training.Evaluation;

public sealed class PrimaryEvaluationTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Threads_do_not_change_the_report()
    {
        PrimaryEvaluationOptions options = Options(["mixed-90", "single-80", "half-nonaligned-80"], Hash("h"));
        string one = PrimaryEvaluationFiles.ToJson(PrimaryEvaluation.Run(options with { Threads = 1 }));
        Assert.Equal(one, PrimaryEvaluationFiles.ToJson(PrimaryEvaluation.Run(options with { Threads = 5 })));
        Assert.NotEqual(one, PrimaryEvaluationFiles.ToJson(PrimaryEvaluation.Run(options with { Seed = 2 })));
    }

    [Fact]
    public void Windows_do_not_depend_on_the_other_scenarios_or_models()
    {
        PrimaryEvaluationReport both = PrimaryEvaluation.Run(Options(["aligned-90", "mixed-90"], Constant("c", 3), Hash("h")));
        PrimaryEvaluationReport one = PrimaryEvaluation.Run(Options(["mixed-90"], Hash("h")));
        Assert.Equal(Flat(one.Models[0].Scenarios[0].Total), Flat(both.Models[1].Scenarios[1].Total));
    }

    [Fact]
    public void A_constant_answer_has_the_figures_of_the_tables()
    {
        int[] answer = [.. QuantTable.StandardLuminance(80).ZigZagOrder().Take(15).Select(step => (int)step)];
        PrimaryEvaluationReport report = PrimaryEvaluation.Run(Options(["nonaligned-90"], Fixed("eighty", answer, 0)));
        PrimaryScenarioEvaluation scenario = report.Models[0].Scenarios[0];
        foreach (PrimaryPoint point in scenario.Points)
        {
            int[] truth = [.. QuantTable.StandardLuminance(point.First).ZigZagOrder().Take(15).Select(step => (int)step)];
            Assert.Equal(truth, point.Steps);
            Assert.Equal(truth.Zip(answer, (t, a) => t == a ? 1.0 : 0).Average(), point.Figures.Accuracy, 12);
            Assert.Equal(truth.Zip(answer, (t, a) => (double)(t - a) * (t - a)).Average(), point.Figures.Mse, 12);
            Assert.Equal(point.First == 80 ? 1 : 0, point.Figures.Exact, 12);
            Assert.Equal(0, point.Figures.PhaseFound!.Value);
        }
        Assert.Equal(scenario.Points.Average(p => p.Figures.Accuracy), scenario.Total.Accuracy, 12);
        Assert.Equal(scenario.Points.Where(p => p.First < 90).Average(p => p.Figures.Mse), scenario.Below!.Mse, 12);
        Assert.Equal(scenario.Points.Where(p => p.First >= 90).Average(p => p.Figures.Accuracy), scenario.AtLeast!.Accuracy, 12);
        Assert.Equal([(60, 69), (70, 79), (80, 85), (86, 89), (90, 93), (94, 98)], scenario.Bands.Select(band => (band.From, band.To)));
        Assert.Equal(scenario.Points.Where(p => p.First is >= 80 and < 86).Average(p => p.Figures.Mse), scenario.Bands[2].Figures.Mse, 12);
        Assert.Equal(scenario.Total.Accuracy, scenario.Total.StepAccuracy.Average(), 12);
        Assert.Equal(scenario.Total.Mse, scenario.Total.StepMse.Average(), 12);
    }

    [Fact]
    public void A_phase_that_is_right_is_counted_and_a_single_compression_has_none()
    {
        PrimaryModelEvaluation model = PrimaryEvaluation.Run(Options(["aligned-90", "nonaligned-90", "single-90"], Fixed("zero", new int[15], 0))).Models[0];
        Assert.Equal([1, 0, null], model.Scenarios.Select(scenario => scenario.Total.PhaseFound));
        Assert.Null(PrimaryEvaluation.Run(Options(["aligned-90"], Constant("c", 1))).Models[0].Scenarios[0].Total.PhaseFound);
    }

    [Fact]
    public void A_single_compression_should_read_as_1()
    {
        PrimaryEvaluationReport report = PrimaryEvaluation.Run(Options(["single-90"], Constant("one", 1), Constant("three", 3)));
        PrimaryFigures one = report.Models[0].Scenarios[0].Total, three = report.Models[1].Scenarios[0].Total;
        Assert.Equal((1, 0, 1), (one.Accuracy, one.Mse, one.Ones));
        Assert.Equal((0, 4, 0), (three.Accuracy, three.Mse, three.Ones));
        Assert.Empty(report.Models[0].Scenarios[0].Bands);
        Assert.Null(report.Models[0].Scenarios[0].Below);
    }

    [Fact]
    public void The_network_is_told_the_right_table_or_the_wrong_one()
    {
        PrimaryModelEvaluation model = PrimaryEvaluation.Run(
            Options(["aligned-92", "aligned-92-told-90"], new EvaluatedPrimaryModel("echo", "", () => new EchoReader()))).Models[0];
        Assert.Equal([92], model.Scenarios[0].Points.Where(p => p.Figures.Exact == 1).Select(p => p.First));
        Assert.Equal([90], model.Scenarios[1].Points.Where(p => p.Figures.Exact == 1).Select(p => p.First));
    }

    [Fact]
    public void Counts_are_those_asked_for()
    {
        PrimaryEvaluationOptions options = Options(["mixed-90"], Constant("c", 1));
        // 39 first qualities; 100 windows are 3 each, hence 2 pictures of 2.
        PrimaryScenarioEvaluation some = PrimaryEvaluation.Run(options with { WindowsPerScenario = 100 }).Models[0].Scenarios[0];
        Assert.All(some.Points, point => Assert.Equal(4, point.Figures.Windows));
        PrimaryScenarioEvaluation all = PrimaryEvaluation.Run(options with { WindowsPerScenario = 0, WindowsPerPicture = 3 }).Models[0].Scenarios[0];
        Assert.All(all.Points, point => Assert.Equal(3 * 3, point.Figures.Windows));
        Assert.Equal(39 * 9, all.Total.Windows);
    }

    [Fact]
    public void A_picture_too_small_for_half_its_size_is_left_out_there()
    {
        PrimaryEvaluationOptions options = Options(["half-aligned-90"], Constant("c", 1)) with { WindowsPerScenario = 0 };
        Assert.Equal(39 * 2, PrimaryEvaluation.Run(options).Models[0].Scenarios[0].Total.Windows);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => PrimaryEvaluation.Run(options with { MaxPictures = 1 }));
        Assert.Contains("142 pixels", error.Message);
    }

    [Fact]
    public void The_files_hold_every_model_and_scenario()
    {
        var shares = new List<double>();
        PrimaryEvaluationReport report = PrimaryEvaluation.Run(
            Options(["mixed-90", "aligned-92-told-90", "single-90"], Constant("one", 1), Hash("hash")), new Collect(shares));
        Assert.Equal(1, shares.Max(), 9);
        PrimaryEvaluationFiles.Write(report, folder.File("out"));
        Assert.Equal(
            [
                "accuracy-aligned-92-told-90.png", "accuracy-mixed-90.png", "evaluation.json", "evaluation.md",
                "mse-aligned-92-told-90.png", "mse-mixed-90.png",
                "step-accuracy-aligned-92-told-90.png", "step-accuracy-mixed-90.png", "step-accuracy-single-90.png",
                "step-mse-aligned-92-told-90.png", "step-mse-mixed-90.png", "step-mse-single-90.png",
            ],
            Directory.GetFiles(folder.File("out")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        JsonElement json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.File("out"), "evaluation.json"))).RootElement;
        Assert.Equal(report.DataManifest, json.GetProperty("dataManifest").GetString());
        JsonElement model = json.GetProperty("models")[1];
        Assert.Equal(("hash", "abc"), (model.GetProperty("name").GetString(), model.GetProperty("sha256").GetString()));
        JsonElement scenario = model.GetProperty("scenarios")[0];
        Assert.Equal("mixed-90", scenario.GetProperty("name").GetString());
        Assert.Equal("Mixed", scenario.GetProperty("scenario").GetProperty("alignment").GetString());
        Assert.Equal(Enumerable.Range(60, 39), scenario.GetProperty("points").EnumerateArray().Select(p => p.GetProperty("first").GetInt32()));
        Assert.Equal(15, scenario.GetProperty("total").GetProperty("stepMse").GetArrayLength());
        Assert.DoesNotContain('\n', PrimaryEvaluationFiles.ToJsonLine(report));

        string text = File.ReadAllText(Path.Combine(folder.File("out"), "evaluation.md"));
        Assert.Contains("| mixed-90 | one | 78 |", text);
        Assert.Contains("- hash: sha256 `abc`", text);
        Assert.Contains("| mixed-90 | paper, Dresden photographs: DenseNet-40 |  | 0.644 |  | 0.538 |", text);
        Assert.Contains("| aligned-92-told-90 | paper: Galvan 2014 |  | 0.331 |  | 15.800 |", text);
        Assert.Contains("| single-90 | one | 2 | 1.000 | 0.000 | 1.000 |", text);
        Assert.Contains("| scenario | model | 60-69 | 70-79 | 80-85 | 86-89 | 90-93 | 94-98 |", text);
        Assert.DoesNotContain("NaN", text);
        // Every row of a table has as many cells as its head.
        foreach (string table in text.Split("\n\n").Where(part => part.StartsWith('|')))
            Assert.Single(table.TrimEnd('\n').Split('\n').Select(row => row.Count(c => c == '|')).Distinct());
    }

    [Fact]
    public void A_jpeg_file_is_skipped_with_the_reason()
    {
        PrimaryEvaluationOptions options = Options(["single-90"], Constant("c", 1));
        File.WriteAllBytes(Path.Combine(options.DataFolders[0], "photo.jpg"), [0xFF, 0xD8, 0xFF]);
        var skipped = new List<string>();
        Assert.Equal(3, PrimaryEvaluation.Run(options with { Skipped = (file, reason) => skipped.Add($"{file} {reason}") }).Pictures);
        Assert.Equal("pictures/photo.jpg is a JPEG file", Assert.Single(skipped));
    }

    [Fact]
    public void A_network_reads_the_largest_of_each_block()
    {
        byte[] windows = new byte[3 * PrimaryWindows.WindowBytes];
        new Random(1).NextBytes(windows);
        ushort[] second = QuantTable.StandardLuminance(90).ZigZagOrder();
        var engine = new FakePrimaryEngine();
        int[] steps = new int[45];
        float[] phase = new float[3 * 64];
        EvaluatedPrimaryModel model = EvaluatedPrimaryModel.Of("fake", "", engine.Network);
        using (IPrimaryWindowReader reader = model.Create())
        {
            Assert.True(reader.GivesPhase);
            reader.Read(windows, 3, second, steps, phase);
        }
        Assert.Equal(1, engine.Disposed);
        for (int i = 0; i < 3; i++)
        {
            byte[] window = windows[(i * PrimaryWindows.WindowBytes)..][..PrimaryWindows.WindowBytes];
            Assert.Equal(engine.Steps(window, second), steps[(15 * i)..][..15]);
            Assert.Equal(FakePrimaryEngine.Phase(window), phase.AsSpan(64 * i, 64).IndexOf(phase.AsSpan(64 * i, 64).ToArray().Max()));
        }
    }

    [Fact]
    public void A_regression_is_rounded_to_whole_steps_from_1()
    {
        float[] outputs = [1.49f, 1.5f, 2.5f, 0.4f, -3, float.NegativeInfinity, 12.51f, 7, 8.2f, 1, 1, 1, 1, 1, 99.6f];
        EvaluatedPrimaryModel model = EvaluatedPrimaryModel.OfRegression("niu", "", (_, n, to) =>
        {
            for (int i = 0; i < n; i++)
                outputs.CopyTo(to[(15 * i)..]);
        });
        int[] steps = new int[30];
        using IPrimaryWindowReader reader = model.Create();
        Assert.False(reader.GivesPhase);
        reader.Read(new byte[2 * PrimaryWindows.WindowBytes], 2, QuantTable.StandardLuminance(90).ZigZagOrder(), steps, default);
        int[] expected = [1, 2, 3, 1, 1, 1, 13, 7, 8, 1, 1, 1, 1, 1, 100];
        Assert.Equal([.. expected, .. expected], steps);
    }

    [Fact]
    public void Readers_are_disposed_and_a_stop_is_obeyed()
    {
        int open = 0;
        EvaluatedPrimaryModel model = new("counted", "", () => new Counted(() => Interlocked.Decrement(ref open), Interlocked.Increment(ref open)));
        PrimaryEvaluation.Run(Options(["mixed-90"], model));
        Assert.Equal(0, open);
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => PrimaryEvaluation.Run(Options(["mixed-90"], model), null, stop.Token));
        Assert.Equal(0, open);
    }

    PrimaryEvaluationOptions Options(string[] scenarios, params EvaluatedPrimaryModel[] models)
    {
        string data = folder.File("pictures");
        if (!Directory.Exists(data))
            TrainingScene.Folder(folder, (80, 72), (142, 150), (145, 175));
        return new PrimaryEvaluationOptions
        {
            DataFolders = [data],
            Models = models,
            Scenarios = [.. scenarios.Select(PrimaryScenario.Parse)],
            WindowsPerScenario = 1,
            WindowsPerPicture = scenarios is ["half-aligned-90"] ? 1 : 2,
            Threads = 2,
        };
    }

    static EvaluatedPrimaryModel Hash(string name) => new(name, "abc", () => new HashReader());

    static EvaluatedPrimaryModel Constant(string name, int step) => new(name, "", () => new ConstantReader([.. Enumerable.Repeat(step, 15)]));

    static EvaluatedPrimaryModel Fixed(string name, int[] answer, int phase) => new(name, "", () => new ConstantReader(answer, phase));

    static double[] Flat(PrimaryFigures f) => [f.Windows, f.Accuracy, f.Mse, f.Exact, f.Ones, f.PhaseFound ?? -1, .. f.StepAccuracy, .. f.StepMse];

    sealed class Counted(Action close, int number) : IPrimaryWindowReader
    {
        public bool GivesPhase => number < 0;

        public void Read(ReadOnlySpan<byte> windows, int n, ReadOnlySpan<ushort> secondZigZag, Span<int> steps, Span<float> phase) => steps.Fill(1);

        public void Dispose() => close();
    }

    sealed class Collect(List<double> shares) : IProgress<double>
    {
        public void Report(double value)
        {
            lock (shares)
                shares.Add(value);
        }
    }
}
