using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Training;

namespace JpegQualityEstimation.Benchmarks;

// A whole training step as the trainer makes it, on one thread: data, loss and gradient, clip, update, running average. A line of
// JSON: the median by the clock and by the process's own time, two steps before not counted, and the share of the peak loop, measured
// before and after in the same process, that the multiply-adds really done (TrainingWork) come to in both, and those that the step would
// do without tiles. Data: what making the batches alone takes.
//   time training-step quality|phase-histogram|densenet|densenet-luma BATCH [RUNS] [SIDE of quality's patches] [FOLDER of pictures]
// densenet: the paper's (RGB, dropout, Adam); densenet-luma: our own recipe (luma, no dropout, Muon). Without a folder pictures are synthetic scenes. To be run under DOTNET_TieredCompilation=0: else the first steps run half compiled.
static class TrainingTiming
{
    const int Pictures = 8;
    const int NotCounted = 2;

    public static int Run(ReadOnlySpan<string> args)
    {
        if (args.Length < 2)
            throw new ArgumentException("time training-step quality|phase-histogram|densenet|densenet-luma BATCH, then RUNS, SIDE of quality's patches, FOLDER");
        string what = args[0];
        int batch = int.Parse(args[1]);
        int runs = args.Length > 2 ? int.Parse(args[2]) : 9;
        int side = args.Length > 3 ? int.Parse(args[3]) : 48;
        TrainingPictures pictures = args.Length > 4 ? TrainingPictures.Load([args[4]], DoubleJpegGenerator.LeastPictureSide) : Scenes();
        double peak = PeakLoop.Measure(1);
        var clock = new StepClock();
        long done, direct, update = 0;
        Action<long> data;
        if (what == "quality")
        {
            JsonNode settings = JsonNode.Parse(QualityRecipe.Load("quality").WithSteps(runs + NotCounted).ToJson())!;
            (settings["patchSize"], settings["batchSize"], settings["validationInterval"]) = (side, batch, 0);
            QualityRecipe recipe = QualityRecipe.Parse(settings.ToJsonString(), "training-step");
            float[] parameters = QualityNetwork.CreateInitialized(1, recipe.Initialization).Parameters;
            new QualityTrainingLoop(new TrainingState<QualityRecipe>(parameters, recipe, 1, ""), pictures, pictures,
                new QualityNetworkGradient(recipe, 1), 1) { Progress = clock }.Run(default);
            (done, direct) = TrainingWork.Quality(batch, side);
            update = TrainingWork.Muon(QualityTrainingLoop.MuonMatrices);
            var generator = new QualityPatchGenerator(recipe, pictures, 1);
            var made = new PatchBatch(batch, side);
            data = step => generator.Fill(step, made.Patches, made.Targets);
        }
        else
        {
            PrimaryRecipe recipe = PrimaryRecipe.Load(what switch
            {
                "phase-histogram" => "primary",
                "densenet" => "tondi2021-90",
                "densenet-luma" => "densenet40-90",
                _ => throw new ArgumentException($"'{what}': quality, phase-histogram, densenet or densenet-luma"),
            }).WithSteps(runs + NotCounted);
            (recipe.BatchSize, recipe.ValidationInterval) = (batch, 0);
            IPrimaryTrainee network = PrimaryTrainees.Create(recipe, 1, 1);
            new PrimaryTrainingLoop(new TrainingState<PrimaryRecipe>(network.Initial(1), recipe, 1, ""), pictures, pictures, network, 1) { Progress = clock }.Run(default);
            if (recipe.Network == PrimaryNetworkKind.DenseNet40)
                (done, direct) = TrainingWork.DenseNet(batch, new DenseNet40Architecture(recipe.Input, PrimaryTrainees.Outputs(recipe)), recipe.Dropout > 0);
            else
                done = direct = TrainingWork.PhaseHistogram(batch, recipe.Histogram);
            if (recipe.Optimizer == TrainingOptimizer.Muon)
                update = TrainingWork.Muon(network.Matrices);
            var generator = new DoubleJpegGenerator(recipe, pictures, 1);
            var made = new PrimaryBatch(batch);
            data = step => generator.Fill(step, made);
        }
        (double byClock, double byProcess) = clock.Medians();
        var dataClock = new StepClock();
        for (int step = 0; step < runs + NotCounted; step++)
        {
            data(step);
            dataClock.Lap();
        }
        peak = Math.Max(peak, PeakLoop.Measure(1));
        double Share(long multiplyAdds, double milliseconds) => Math.Round(2 * (multiplyAdds + update) / milliseconds / 1e6 / peak, 3);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            program = "ours",
            what = "training-step",
            network = what,
            batch,
            side = what == "quality" ? side : DenseNet40Architecture.WindowSize,
            threads = 1,
            kernels = CpuKernelSets.Chosen.ToString(),
            medianMilliseconds = Math.Round(byClock, 2),
            processMilliseconds = Math.Round(byProcess, 2),
            dataMilliseconds = Math.Round(dataClock.Medians().Process, 2),
            megaMultiplyAdds = Math.Round((done + update) / 1e6, 1),
            directMegaMultiplyAdds = Math.Round((direct + update) / 1e6, 1),
            peakGigaFlops = Math.Round(peak, 1),
            shareOfPeak = Share(done, byProcess),
            shareByClock = Share(done, byClock),
            directShareOfPeak = Share(direct, byProcess),
        }));
        return 0;
    }

    static TrainingPictures Scenes() => new([.. Enumerable.Range(1, Pictures).Select(seed =>
        new TrainingPicture($"scene{seed}", SyntheticPicture.Create(768, 512, (ulong)seed), ""))]);

    // The time between two reports.
    sealed class StepClock : IProgress<TrainingProgress>
    {
        readonly Process self = Process.GetCurrentProcess();
        readonly List<(double Clock, double Process)> laps = [];
        long clockBefore;
        double processBefore;

        public StepClock() => Start();

        public void Report(TrainingProgress value) => Lap();

        public void Lap()
        {
            self.Refresh();
            laps.Add((Stopwatch.GetElapsedTime(clockBefore).TotalMilliseconds, self.TotalProcessorTime.TotalMilliseconds - processBefore));
            Start();
        }

        /// <summary>Of all laps but the first two.</summary>
        public (double Clock, double Process) Medians()
        {
            List<(double Clock, double Process)> counted = laps[NotCounted..];
            return (Median(counted.Select(lap => lap.Clock)), Median(counted.Select(lap => lap.Process)));
        }

        void Start() => (clockBefore, processBefore) = (Stopwatch.GetTimestamp(), self.TotalProcessorTime.TotalMilliseconds);

        static double Median(IEnumerable<double> values)
        {
            double[] sorted = [.. values.Order()];
            return sorted[sorted.Length / 2];
        }
    }
}
