using JpegQualityEstimation.Cuda.Jpeg;
using JpegQualityEstimation.Cuda.Runtime;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Jpeg;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tool.Conformance;
using JpegQualityEstimation.Tool.Conformance.Ops;
using JpegQualityEstimation.Training;

namespace JpegQualityEstimation.Tool.Benchmarks;

// What a user waits for, by the host's clock, copies to and from the device included: maps of pictures, windows, training
// steps, training patches; and whether memory stays where it is over a thousand estimates.
// Arithmetic: that of the network's convolutions; a step counts three times the forward pass. DenseNet-40 is 1.130 G
// multiply-adds a window, 0.507 in a map at stride 8, where windows share what they have in common.
sealed class EndToEndCases(ToolDevice device, bool quick)
{
    const double DenseNetWindow = 2 * 1.130e9, DenseNetShared = 2 * 0.507e9;

    static readonly double QualityPixel = 2 * Enumerable.Range(0, QualityArchitecture.Layers).Sum(QualityArchitecture.WeightCount);
    static readonly QuantTable Second = QuantTable.StandardLuminance(85);

    bool OnProcessor => device.Runtime is null;

    int Index => device.Runtime?.Index ?? 0;

    ComputeDevice Device => OnProcessor ? ComputeDevice.Cpu : ComputeDevice.Cuda(Index);

    ComputePrecision[] Precisions => OnProcessor ? [ComputePrecision.Float32] : Enum.GetValues<ComputePrecision>();

    public IEnumerable<BenchmarkCase> All() => [.. QualityMaps(), .. Windows(), .. PrimaryMaps(), .. TrainingSteps(), .. Patches(), .. Memory()];

    IEnumerable<BenchmarkCase> QualityMaps()
    {
        foreach ((int width, int height) in quick ? [(64, 48)] : ((int, int)[])[(1000, 1000), (4000, 3000), (6000, 4000)])
            foreach (ComputePrecision precision in Precisions)
                yield return new($"quality map, {precision}", $"{width}x{height}", () =>
                {
                    ImageBuffer picture = TrialNetworks.Picture(width, height);
                    IQualityEngine engine = OpenQuality(precision);
                    float[] degradation = new float[width * height], flag = new float[width * height];
                    double pixels = (double)width * height;
                    return new(() => engine.Run(picture.View, degradation, flag, null, default), new HostTimer())
                    {
                        Operations = QualityPixel * pixels, Bytes = 11 * pixels, Precision = precision, TensorCores = precision != ComputePrecision.Float32,
                        Items = pixels / 1e6, Unit = "megapixels", Owned = [engine],
                    };
                });
    }

    IEnumerable<BenchmarkCase> Windows()
    {
        int count = quick ? 1 : OnProcessor ? 256 : 4096;
        foreach (ComputePrecision precision in Precisions)
            yield return new($"DenseNet-40 windows, {precision}", $"[{count},64,64,3]", () => OfEngine(TrialNetworks.AsPrimary(DenseNet), precision, count, DenseNetWindow));
        int many = quick ? 4 : 4096;
        yield return new("phase-histogram windows", $"[{many},64,64,3]", () => OfEngine(TrialNetworks.AsPrimary(TrialNetworks.PhaseHistogram), ComputePrecision.Float32, many, 0));
    }

    BenchmarkWork OfEngine(PrimaryNetwork network, ComputePrecision precision, int count, double operations)
    {
        IPrimaryEngine engine = OnProcessor ? network.OpenEngine() : device.Backend.OpenPrimary(Index, network, precision);
        byte[] windows = TrialNetworks.Windows(count);
        float[] logits = new float[count * PrimaryBlocks.Outputs], phase = engine.GivesPhase ? new float[64 * count] : [];
        ushort[] second = Second.ZigZagOrder();
        return new(() => engine.RunWindows(windows, count, second, logits, phase), new HostTimer())
        {
            Operations = operations * count, Bytes = windows.Length, Precision = precision, TensorCores = precision != ComputePrecision.Float32,
            Items = count, Unit = "windows", Owned = [engine],
        };
    }

    IEnumerable<BenchmarkCase> PrimaryMaps()
    {
        (int width, int height) = quick ? (76, 72) : OnProcessor ? (1000, 1000) : (4000, 3000);
        foreach (ComputePrecision precision in Precisions)
            yield return new($"primary map, stride 8, DenseNet-40, {precision}", $"{width}x{height}",
                () => OfMap(TrialNetworks.AsPrimary(DenseNet), precision, width, height, DenseNetShared));
        yield return new("primary map, stride 8, phase-histogram network", $"{width}x{height}",
            () => OfMap(TrialNetworks.AsPrimary(TrialNetworks.PhaseHistogram), ComputePrecision.Float32, width, height, 0));
    }

    BenchmarkWork OfMap(PrimaryNetwork network, ComputePrecision precision, int width, int height, double operations)
    {
        IPrimaryQuantEstimator estimator = PrimaryQuantEstimator.Create(new() { Network = network, Device = Device, Precision = precision });
        ImageBuffer picture = TrialNetworks.Picture(width, height);
        WindowGrid grid = WindowGrid.Over(width, height, 8, 0, 0);
        double windows = (double)grid.Rows * grid.Columns;
        return new(() => estimator.EstimateMap(picture.View, Second), new HostTimer())
        {
            Operations = operations * windows, Bytes = 3.0 * width * height, Precision = precision, TensorCores = precision != ComputePrecision.Float32,
            Items = windows, Unit = "windows", Owned = [estimator],
        };
    }

    IEnumerable<BenchmarkCase> TrainingSteps()
    {
        int patches = quick ? 1 : 128, windows = quick ? 2 : 32, primary = quick ? 2 : 64;
        foreach (ComputePrecision precision in OnProcessor ? [ComputePrecision.Float32] : TrainingCases.Precisions)
        {
            yield return new($"training step, quality network, {precision}", $"[{patches},48,48,3]", () =>
            {
                QualityRecipe recipe = TrainingCases.QualityRecipeOf(patches);
                DeviceBatch batch = TrainingCases.BatchOf(recipe);
                float[] parameters = QualityNetwork.CreateInitialized(2, QualityInitialization.Glorot).Parameters;
                double operations = 3 * QualityPixel * patches * recipe.PatchSize * recipe.PatchSize;
                var step = OnProcessor ? new QualityNetworkGradient(recipe, Environment.ProcessorCount) : null;
                return step is null
                    ? OfTraining(TrainingCases.OpenQuality(device.Backend, Index, recipe, precision), batch, parameters, 2, operations, precision, patches, "patches")
                    : OnHost(() => step.Run(parameters, batch.Pixels.Span, batch.Targets.Span, new float[parameters.Length]), operations, patches, "patches");
            });
            yield return new($"training step, DenseNet-40, {precision}", $"[{windows},64,64,3]", () => OfPrimary("tondi2021-90", windows, precision, 3 * DenseNetWindow * windows));
            yield return new($"training step, phase-histogram network, {precision}", $"[{primary},64,64,3]", () => OfPrimary("primary", primary, precision, 0));
        }
    }

    BenchmarkWork OfPrimary(string name, int count, ComputePrecision precision, double operations)
    {
        PrimaryRecipe recipe = TrainingCases.PrimaryRecipeOf(name, count);
        IPrimaryTrainee trainee = PrimaryTrainees.Create(recipe, 11, Environment.ProcessorCount);
        PrimaryBatch batch = TrainingCases.BatchOf(recipe);
        float[] parameters = trainee.Initial(2);
        return OnProcessor
            ? OnHost(() => trainee.Run(parameters, batch, new float[parameters.Length]), operations, count, "windows")
            : OfTraining(trainee.OpenOnDevice(device.Backend, Index, precision), TrainingCases.ToDevice(batch), parameters, 5, operations, precision, count, "windows");
    }

    static BenchmarkWork OfTraining(IDeviceTraining training, DeviceBatch batch, float[] parameters, int values, double operations, ComputePrecision precision, int items, string unit)
    {
        training.Upload(parameters, new float[parameters.Length], new float[parameters.Length], parameters);
        double[] measured = new double[values];
        // No rate: the numbers stay where they are however often it is done.
        var update = new OptimizerStep(0, 0, false, 1, 0.95, 0.9, 0.999, 1e-8, 0, 1, 0.999);
        return new(() => training.Step(batch, update, measured), new HostTimer())
        {
            Operations = operations, Bytes = batch.Pixels.Length, Precision = precision, TensorCores = precision != ComputePrecision.Float32,
            Items = items, Unit = unit, Owned = [training],
        };
    }

    static BenchmarkWork OnHost(Action run, double operations, double items, string unit) =>
        new(run, new HostTimer()) { Operations = operations, Items = items, Unit = unit };

    IEnumerable<BenchmarkCase> Patches()
    {
        int count = quick ? 8 : 8192;
        foreach (string name in (string[])["primary", "tondi2021-90"])
            yield return new($"double-JPEG windows drawn and made, recipe {name}", $"[{count},64,64,3]", () => OfPatches(name, count));
    }

    BenchmarkWork OfPatches(string name, int count)
    {
        TrainingPictures pictures = JpegCases.Pictures(quick ? 224 : 768);
        var generator = new DoubleJpegGenerator(PrimaryRecipe.Load(name), pictures, 7);
        long step = 0;
        if (device.Runtime is not { } runtime)
        {
            var batch = new PrimaryBatch(count);
            return OnHost(() => generator.Fill(step++, batch, Environment.ProcessorCount), 0, count, "windows");
        }
        var scene = new DeviceScene(runtime);
        var maker = scene.Own(new CudaPatchMaker(scene.Stream, [.. pictures.Pictures.Select(picture => picture.Pixels)]));
        DeviceSpan<byte> made = scene.Room<byte>(3L * 64 * 64 * count);
        var plans = new PatchPlan[count];
        return new(() =>
        {
            long own = step++;
            Parallel.For(0, count, k => plans[k] = generator.Draw(own, k));
            maker.Make(plans, 64, made);
            scene.Stream.Synchronize();
        }, new HostTimer())
        { Bytes = 4.0 * made.Length, Items = count, Unit = "windows", Owned = [scene] };
    }

    // A run is a hundred estimates of two sizes, ten runs a thousand; what the device has free and what this process holds are
    // taken after the first and at the end.
    IEnumerable<BenchmarkCase> Memory()
    {
        if (device.Runtime is not { } runtime)
            yield break;
        int each = quick ? 4 : 100, side = quick ? 24 : 300;
        yield return new("memory over estimates", $"{each} a run, up to {side}x{side}", () =>
        {
            IQualityEngine engine = OpenQuality(ComputePrecision.Float32);
            float[] degradation = new float[side * side], flag = new float[side * side];
            ImageBuffer[] pictures = [TrialNetworks.Picture(side, side), TrialNetworks.Picture(side, side - 9)];
            MemoryReading? early = null;
            int done = 0;
            return new(() =>
            {
                for (int i = 0; i < each; i++)
                {
                    ImageBuffer picture = pictures[i % 2];
                    int pixels = picture.Width * picture.Height;
                    engine.Run(picture.View, degradation.AsSpan(0, pixels), flag.AsSpan(0, pixels), null, default);
                }
                early ??= MemoryReading.Of(runtime);
                done += each;
            }, new HostTimer())
            {
                Items = each, Unit = "estimates", Owned = [engine], Complaint = () =>
                {
                    for (; done < 10 * each; done++)
                        engine.Run(pictures[0].View, degradation, flag, null, default);
                    return early!.Value.Grown(MemoryReading.Of(runtime));
                },
            };
        });
    }

    static DenseNet40Network DenseNet => TrialNetworks.DenseNet(PrimaryInput.Rgb, PrimaryBlocks.Outputs);

    IQualityEngine OpenQuality(ComputePrecision precision) =>
        OnProcessor ? new QualityInference(TrialNetworks.Quality, Environment.ProcessorCount) : device.Backend.OpenQuality(Index, TrialNetworks.Quality, precision);
}
