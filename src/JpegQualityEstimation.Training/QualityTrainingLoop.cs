using System.Diagnostics;

namespace JpegQualityEstimation.Training;

// The loop: batch, gradient, clip, Adam, average; a log row now and then; a checkpoint now and then and at the end,
// whatever the end was. All that enters the numbers is in the state, so that a resumed run equals an unbroken one.

sealed class QualityTrainingLoop
{
    const int RowInterval = 50;

    // Apart from every training seed, so that validation patches never depend on the run.
    const ulong ValidationSeed = 0x56414C4944415445;

    readonly QualityRecipe recipe;
    readonly IQualityGradient network;
    readonly TrainingState state;
    readonly QualityPatchGenerator generator;
    readonly List<PatchBatch> validation = [];
    readonly QualityUpdate update;

    public QualityTrainingLoop(TrainingState state, TrainingPictures training, TrainingPictures heldOut, IQualityGradient network)
    {
        recipe = state.Recipe;
        this.state = state;
        this.network = network;
        update = new QualityUpdate(recipe);
        generator = new QualityPatchGenerator(recipe, training, state.Seed);
        if (recipe.ValidationInterval > 0 && heldOut.Pictures.Count > 0)
        {
            var held = new QualityPatchGenerator(recipe, heldOut, ValidationSeed);
            for (int i = 0; i < recipe.ValidationBatches; i++)
            {
                var batch = new PatchBatch(recipe.BatchSize, recipe.PatchSize);
                held.Fill(i, batch.Patches, batch.Targets);
                validation.Add(batch);
            }
        }
    }

    public TrainingLog Log { get; init; } = new();

    public TimeSpan TimeLimit { get; init; } = TimeSpan.MaxValue;

    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(5);

    public IProgress<QualityTrainingProgress>? Progress { get; init; }

    /// <summary>Told to write all files; the state is consistent then.</summary>
    public Action? Checkpoint { get; init; }

    /// <summary>Trains until the recipe's steps are done, the time is up or the token says so.</summary>
    public QualityTrainingEnd Run(CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        double secondsBefore = state.Seconds;
        TimeSpan lastCheckpoint = TimeSpan.Zero, lastRow = TimeSpan.Zero;
        long firstStep = state.Step, rowStep = state.Step;
        double rowQuality = 0, rowFlag = 0, smoothQuality = double.NaN, smoothFlag = double.NaN;
        float[] gradient = new float[state.Parameters.Length];
        QualityTrainingEnd end = QualityTrainingEnd.Finished;

        using (var queue = new PatchQueue(generator, recipe, state.Step))
        {
            while (state.Step < recipe.Steps)
            {
                if (cancellation.IsCancellationRequested || clock.Elapsed >= TimeLimit)
                {
                    end = cancellation.IsCancellationRequested ? QualityTrainingEnd.Cancelled : QualityTrainingEnd.TimeUp;
                    break;
                }
                double rate = LearningRate.At(recipe, state.Step);
                PatchBatch batch = queue.Take(CancellationToken.None);
                PatchLoss loss = Update(batch, gradient, rate);
                queue.Return(batch);
                state.Seconds = secondsBefore + clock.Elapsed.TotalSeconds;

                rowQuality += loss.Quality;
                rowFlag += loss.Flag;
                smoothQuality = double.IsNaN(smoothQuality) ? loss.Quality : double.Lerp(smoothQuality, loss.Quality, 0.02);
                smoothFlag = double.IsNaN(smoothFlag) ? loss.Flag : double.Lerp(smoothFlag, loss.Flag, 0.02);

                bool validate = validation.Count > 0 && (state.Step % recipe.ValidationInterval == 0 || state.Step == recipe.Steps);
                double perSecond = recipe.BatchSize * (state.Step - firstStep) / clock.Elapsed.TotalSeconds;
                if (validate || state.Step % RowInterval == 0 || state.Step == recipe.Steps)
                {
                    long steps = state.Step - rowStep;
                    double rowRate = recipe.BatchSize * steps / (clock.Elapsed - lastRow).TotalSeconds;
                    PatchLoss? held = validate ? Validate(gradient) : null;
                    Log.Add(new TrainingLogRow(state.Step, state.Seconds, rowQuality / steps, rowFlag / steps, rate, rowRate, held?.Quality, held?.Flag));
                    (rowQuality, rowFlag, rowStep, lastRow) = (0, 0, state.Step, clock.Elapsed);
                }
                Progress?.Report(new QualityTrainingProgress(
                    state.Step, recipe.Steps, smoothQuality, smoothFlag, rate, perSecond, clock.Elapsed, Remaining(clock.Elapsed, firstStep)));
                if (clock.Elapsed - lastCheckpoint >= CheckpointInterval)
                {
                    Checkpoint?.Invoke();
                    lastCheckpoint = clock.Elapsed;
                }
            }
        }
        state.Seconds = secondsBefore + clock.Elapsed.TotalSeconds;
        Checkpoint?.Invoke();
        return end;
    }

    PatchLoss Update(PatchBatch batch, float[] gradient, double rate)
    {
        PatchLoss loss = network.Run(state.Parameters, batch.Patches, batch.Targets, gradient);
        double norm = AdamOptimizer.Clip(gradient, recipe.ClipNorm);
        if (!double.IsFinite(norm) || !double.IsFinite(loss.Quality + loss.Flag))
            throw new InvalidOperationException($"step {state.Step}: the loss or its gradient is not a finite number; lower the learning rate");
        update.Apply(state, gradient, rate);
        double decay = Math.Min(recipe.AverageDecay, (1.0 + state.Step) / (10.0 + state.Step));
        AdamOptimizer.Average(state.Average, state.Parameters, recipe.AverageDecay == 0 ? 0 : decay);
        state.Step++;
        return loss;
    }

    PatchLoss Validate(float[] gradient)
    {
        double quality = 0, flag = 0;
        foreach (PatchBatch batch in validation)
        {
            PatchLoss loss = network.Run(state.Average, batch.Patches, batch.Targets, gradient);
            quality += loss.Quality / validation.Count;
            flag += loss.Flag / validation.Count;
        }
        return new PatchLoss(quality, flag);
    }

    TimeSpan Remaining(TimeSpan elapsed, long firstStep)
    {
        double seconds = (recipe.Steps - state.Step) * (elapsed.TotalSeconds / (state.Step - firstStep));
        TimeSpan steps = seconds < 1e9 ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
        TimeSpan time = TimeLimit == TimeSpan.MaxValue ? TimeSpan.MaxValue : TimeLimit - elapsed;
        return steps < time ? steps : time < TimeSpan.Zero ? TimeSpan.Zero : time;
    }
}
