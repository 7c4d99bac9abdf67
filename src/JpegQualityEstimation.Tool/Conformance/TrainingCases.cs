using JpegQualityEstimation.Cuda.Networks;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tool.Conformance.Ops;
using JpegQualityEstimation.Training;

namespace JpegQualityEstimation.Tool.Conformance;

// One training step of every network on a device against the processor's: loss, gradient (the first moment after a step from
// nothing), the parameters that Adam makes of it, the running average.
//   A layer rounds both factors of every product and its result, sqrt(3) u; floats round every addition, sqrt(n) u for n terms.
//   There and back that is a random walk e over twice the layers; four standard deviations bound loss and gradient. A gate of a
//   ReLU that opens on one side only takes a share e of the units in or out, and so sqrt(e) of the gradient's length.
// Adam's epsilon is the largest slope, so that an update is nearly in proportion to the slope and errors are not blown up.
static class TrainingCases
{
    const double Beta1 = 0.9, Beta2 = 0.99, Rate = 0.01, Decay = 0.5;

    public static ComputePrecision[] Precisions { get; } = [ComputePrecision.Float32, ComputePrecision.TensorFloat32, ComputePrecision.BFloat16];

    public static IEnumerable<ConformanceCase> All(IDeviceBackend backend, int device, TrialScale scale)
    {
        int patches = scale.Pick(1, 32, 32), windows = scale.Pick(2, 32, 32), primary = scale.Pick(2, 64, 64);
        foreach (ComputePrecision precision in Precisions)
        {
            yield return new($"training step, quality network, {precision}", $"[{patches},48,48,3]", run => Quality(run, backend, device, precision, patches))
            {
                Slow = precision != ComputePrecision.Float32,
            };
            yield return new($"training step, DenseNet-40, {precision}", $"[{windows},64,64,3]",
                run => Primary(run, backend, device, precision, PrimaryRecipeOf("tondi2021-90", windows), layers: 40, terms: 9 * 444)) { Slow = true };
            yield return new($"training step, DenseNet-40 with grid phases, {precision}", $"[{windows},64,64,3]",
                run => Primary(run, backend, device, precision, GridPhases(windows), layers: 40, terms: 9 * 444)) { Slow = true };
            yield return new($"training step, phase-histogram network, {precision}", $"[{primary},64,64,3]",
                run => Primary(run, backend, device, precision, PrimaryRecipeOf("primary", primary), layers: 8, terms: 4096));
        }
    }

    /// <summary>A recipe with batches of another size.</summary>
    public static QualityRecipe QualityRecipeOf(int batch)
    {
        QualityRecipe recipe = QualityRecipe.Load("quality");
        recipe.BatchSize = batch;
        return recipe;
    }

    /// <inheritdoc cref="QualityRecipeOf"/>
    public static PrimaryRecipe PrimaryRecipeOf(string name, int batch)
    {
        PrimaryRecipe recipe = PrimaryRecipe.Load(name);
        recipe.BatchSize = batch;
        return recipe;
    }

    // The paper's recipe and grid phases, of which some windows have none.
    static PrimaryRecipe GridPhases(int batch)
    {
        PrimaryRecipe recipe = PrimaryRecipe.Parse("""{ "phaseWeight": 1, "singleShare": 0.25 }""", "grid phases");
        recipe.BatchSize = batch;
        return recipe;
    }

    public static IDeviceTraining OpenQuality(IDeviceBackend backend, int device, QualityRecipe recipe, ComputePrecision precision) =>
        backend.OpenQualityTraining(device, new QualityTrainingShape(recipe.BatchSize, recipe.PatchSize, recipe.QualityLossWeight, recipe.FlagLossWeight,
            QualityTrainingLoop.MuonMatrices, precision));

    public static DeviceBatch BatchOf(QualityRecipe recipe)
    {
        var batch = new PatchBatch(recipe.BatchSize, recipe.PatchSize);
        new QualityPatchGenerator(recipe, JpegCases.Pictures(224), 5).Fill(0, batch.Patches, batch.Targets);
        return new DeviceBatch { Count = recipe.BatchSize, Pixels = batch.Patches, Targets = batch.Targets };
    }

    public static PrimaryBatch BatchOf(PrimaryRecipe recipe)
    {
        var batch = new PrimaryBatch(recipe.BatchSize);
        new DoubleJpegGenerator(recipe, JpegCases.Pictures(224), 5).Fill(0, batch, Environment.ProcessorCount);
        return batch;
    }

    public static DeviceBatch ToDevice(PrimaryBatch batch) => new()
    {
        Count = batch.Count, Step = batch.Step, Pixels = batch.Windows, Steps = batch.Steps, Second = batch.Second, Phases = batch.Phases,
    };

    static void Quality(ConformanceRun run, IDeviceBackend backend, int device, ComputePrecision precision, int count)
    {
        QualityRecipe recipe = QualityRecipeOf(count);
        float[] parameters = QualityNetwork.CreateInitialized(2, QualityInitialization.Glorot).Parameters;
        DeviceBatch batch = BatchOf(recipe);
        using IDeviceTraining training = OpenQuality(backend, device, recipe, precision);
        float[] gradient = new float[parameters.Length];
        PatchLoss loss = new QualityNetworkGradient(recipe, Environment.ProcessorCount).Run(parameters, batch.Pixels.Span, batch.Targets.Span, gradient);
        double error = Error(precision, QualityArchitecture.Layers, Math.Max(9 * QualityArchitecture.Width, (long)count * recipe.PatchSize * recipe.PatchSize));
        Compare(run, training, batch, parameters, parameters, gradient, parameters.Length, [loss.Quality, loss.Flag], new double[2], error);
    }

    static void Primary(ConformanceRun run, IDeviceBackend backend, int device, ComputePrecision precision, PrimaryRecipe recipe, int layers, long terms)
    {
        IPrimaryTrainee trainee = PrimaryTrainees.Create(recipe, 11, Environment.ProcessorCount);
        using IDeviceTraining training = trainee.OpenOnDevice(backend, device, precision);
        PrimaryBatch batch = BatchOf(recipe);
        float[] parameters = trainee.Initial(2);
        // The head of grid phases begins at 0, and would give nothing back.
        if (recipe.PhaseWeight > 0)
        {
            var random = new Random(3);
            foreach (ref float weight in parameters.AsSpan(PrimaryTrainees.DenseNet(recipe).PhaseWeight..trainee.TrainableCount))
                weight = random.NextSingle() / 8 - 1 / 16f;
        }
        // The processor moves the network's own statistics where it finds them.
        float[] moved = (float[])parameters.Clone(), gradient = new float[parameters.Length];
        PrimaryValues values = trainee.Run(moved, batch, gradient);
        double error = Error(precision, layers, Math.Max(terms, 64L * 64 * recipe.BatchSize));
        Compare(run, training, ToDevice(batch), parameters, moved, gradient, trainee.TrainableCount, [values.Loss, values.Phase], new double[5], error);
    }

    static void Compare(ConformanceRun run, IDeviceTraining training, DeviceBatch batch, float[] parameters, float[] moved, float[] gradient, int trainable,
        double[] expected, double[] values, double error)
    {
        int count = parameters.Length;
        double epsilon = gradient.Take(trainable).Max(Math.Abs);
        var update = new OptimizerStep(0, Rate, false, 1, 0.95, Beta1, Beta2, epsilon, 0, 0, Decay);
        training.Upload(parameters, new float[count], new float[count], parameters);
        training.Step(batch, update, values);
        float[] after = new float[count], first = new float[count], second = new float[count], average = new float[count];
        training.Download(after, first, second, average);
        run.Scene.See<float>(after);
        run.Scene.See<float>(first);
        run.Scene.See<double>(values);

        double bound = GradientBound(error);
        for (int i = 0; i < expected.Length; i++)
            run.Comparison.Near("loss", expected[i], values[i], 4 * error * Math.Max(1, Math.Abs(expected[i])));
        run.Comparison.NearInNorm("gradient", gradient.AsSpan(0, trainable), [.. first.Take(trainable).Select(value => (float)(value / (1 - Beta1)))], bound);
        float[] stepped = [.. moved.AsSpan(0, trainable)];
        AdamOptimizer.Update(stepped, gradient.AsSpan(0, trainable), new float[trainable], new float[trainable], 1, new(Rate, Beta1, Beta2, epsilon, 0));
        run.Comparison.NearInNorm("update", Less(stepped, parameters), Less(after.AsSpan(0, trainable), parameters), 2 * bound);
        AdamOptimizer.Average(parameters.AsSpan(0, trainable), after.AsSpan(0, trainable), Decay);
        run.Comparison.Near("running average", parameters.AsSpan(0, trainable), average.AsSpan(0, trainable), Math.ScaleB(1, -20));
        if (trainable < count)
            run.Comparison.NearInNorm("statistics", moved.AsSpan(trainable), after.AsSpan(trainable), bound);
    }

    static float[] Less(ReadOnlySpan<float> values, ReadOnlySpan<float> others)
    {
        float[] differences = new float[values.Length];
        for (int i = 0; i < values.Length; i++)
            differences[i] = values[i] - others[i];
        return differences;
    }

    /// <summary>Bound of the length of a gradient's difference, relative to the gradient's.</summary>
    public static double GradientBound(double error) => 4 * error + Math.Sqrt(error);

    /// <summary>Standard deviation of a pass there and back, relative to what comes out.</summary>
    public static double Error(ComputePrecision precision, int layers, long terms) =>
        Math.Sqrt(2.0 * layers * (precision == ComputePrecision.Float32 ? terms : 3)) * PrecisionBounds.UnitRoundoff(precision);
}
