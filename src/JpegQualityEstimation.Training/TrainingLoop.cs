using System.Diagnostics;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Training;

// TrainingLoop: batch, gradient, clip, optimiser, average; a log row now and then; a checkpoint now and then and at the
// end, whatever the end was. All that enters the numbers is in the state, so that a resumed run equals an unbroken one.
// With a device the steps are made there, in the same order, and the state is what the device gave back last. Where it queues
// steps, the values of one are looked at while the next is under way, but for those before a row of the log or a checkpoint.
// With one thread, all is done on it; otherwise batches are made beside the network.
// Values: what TrainingMeasures names; the loss of a step is finite where the sum of its values is.

abstract class TrainingLoop<TRecipe, TBatch>(TrainingState<TRecipe> state, int threads)
    where TRecipe : TrainingRecipe, ITrainingRecipe<TRecipe>
    where TBatch : class
{
    const int RowInterval = 50;
    const int BatchesAhead = 3;

    // Apart from every training seed, so that validation batches never depend on the run.
    protected const ulong ValidationSeed = 0x56414C4944415445;
    protected const ulong StatisticsSeed = 0x5354415449535449;

    readonly TRecipe recipe = state.Recipe;
    readonly List<TBatch> validation = [];
    readonly List<TBatch> statistics = [];
    long settledAt = -1;
    bool underWay;

    public TrainingLog Log { get; set; } = new(TRecipe.Measures);

    public TimeSpan TimeLimit { get; set; } = TimeSpan.MaxValue;

    public TimeSpan CheckpointInterval { get; set; } = TimeSpan.FromMinutes(5);

    public IProgress<TrainingProgress>? Progress { get; set; }

    /// <summary>Where the steps are made; null: on the processor. The caller's to dispose of.</summary>
    public IDeviceTraining? Device { get; set; }

    /// <summary>Where patches are made; null: on the processor. The caller's to dispose of.</summary>
    public IDevicePatches? Patches { get; set; }

    /// <summary>Told to write all files; the state is consistent then.</summary>
    public Action? Checkpoint { get; set; }

    protected TrainingState<TRecipe> State => state;

    /// <summary>The part of the vector that the optimiser moves; what follows are statistics of the network's own.</summary>
    protected abstract int Trainable { get; }

    protected abstract IReadOnlyList<ParameterMatrix> Matrices { get; }

    protected abstract TBatch CreateBatch();

    protected abstract void Fill(long step, TBatch batch);

    /// <summary>The values of a batch, and the gradient of the loss.</summary>
    protected abstract double[] Run(float[] parameters, TBatch batch, float[] gradient);

    /// <summary>The values of a held-out batch.</summary>
    protected abstract double[] Measure(float[] parameters, TBatch batch, float[] scratch);

    /// <summary>The batch as a device takes it.</summary>
    protected abstract DeviceBatch Pack(TBatch batch);

    /// <summary>Moves the statistics behind the trainable parameters towards those of a batch.</summary>
    protected virtual void MoveStatistics(float[] parameters, TBatch batch, double movement)
    {
    }

    protected void AddValidation(TBatch batch) => validation.Add(batch);

    /// <summary>A batch that the average's own statistics are taken from.</summary>
    protected void AddStatistics(TBatch batch) => statistics.Add(batch);

    /// <summary>Trains until the recipe's steps are done, the time is up or the token says so.</summary>
    public TrainingEnd Run(CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        double secondsBefore = state.Seconds;
        TimeSpan lastCheckpoint = TimeSpan.Zero, lastRow = TimeSpan.Zero;
        long firstStep = state.Step, rowStep = state.Step;
        double[] row = new double[TRecipe.Measures.Columns.Length], smooth = new double[row.Length];
        Array.Fill(smooth, double.NaN);
        float[] gradient = Device is null ? new float[state.Parameters.Length] : [];
        ParameterUpdate? update = Device is null ? new ParameterUpdate(recipe, Trainable, Matrices, threads) : null;
        Device?.Upload(state.Parameters, state.First, state.Second, state.Average);
        TrainingEnd end = TrainingEnd.Finished;

        using (var queue = new BatchQueue<TBatch>(CreateBatch, Fill, state.Step, threads == 1 ? 0 : BatchesAhead))
        {
            while (state.Step < recipe.Steps)
            {
                if (cancellation.IsCancellationRequested || clock.Elapsed >= TimeLimit)
                {
                    end = cancellation.IsCancellationRequested ? TrainingEnd.Cancelled : TrainingEnd.TimeUp;
                    break;
                }
                double rate = LearningRate.At(recipe, state.Step);
                TBatch batch = queue.Take();
                Take(update is null ? UpdateOnDevice(batch, rate) : Update(update, batch, gradient, rate));
                queue.Return(batch);
                if (double.IsNaN(smooth[0]))
                    Take(EndStep());
                state.Seconds = secondsBefore + clock.Elapsed.TotalSeconds;
                bool validate = validation.Count > 0 && (state.Step % recipe.ValidationInterval == 0 || state.Step == recipe.Steps);
                double perSecond = recipe.BatchSize * (state.Step - firstStep) / clock.Elapsed.TotalSeconds;
                if (validate || state.Step % RowInterval == 0 || state.Step == recipe.Steps)
                {
                    Take(EndStep());
                    long steps = state.Step - rowStep;
                    double rowRate = recipe.BatchSize * steps / (clock.Elapsed - lastRow).TotalSeconds;
                    Log.Add(new TrainingLogRow(
                        state.Step, state.Seconds, [.. row.Select(sum => sum / steps)], rate, rowRate, validate ? Validate(gradient) : null));
                    Array.Clear(row);
                    (rowStep, lastRow) = (state.Step, clock.Elapsed);
                }
                Progress?.Report(new TrainingProgress(state.Step, recipe.Steps, TRecipe.Measures.Name(smooth), rate,
                    perSecond, TRecipe.Measures.Unit, clock.Elapsed, Remaining(clock.Elapsed, firstStep)));
                if (clock.Elapsed - lastCheckpoint >= CheckpointInterval)
                {
                    Take(EndStep());
                    Save();
                    lastCheckpoint = clock.Elapsed;
                }
            }
        }
        Take(EndStep());
        state.Seconds = secondsBefore + clock.Elapsed.TotalSeconds;
        Save();
        return end;

        void Take(double[]? values)
        {
            for (int i = 0; i < values?.Length; i++)
            {
                row[i] += values[i];
                smooth[i] = double.IsNaN(smooth[i]) ? values[i] : double.Lerp(smooth[i], values[i], 0.02);
            }
        }
    }

    void Save()
    {
        SettleAverage();
        Device?.Download(state.Parameters, state.First, state.Second, state.Average);
        Checkpoint?.Invoke();
    }

    // The average is another network than those that the moving statistics were measured in: it has its own taken, as the mean over
    // the same batches each time. Once a step: each step gives it the moving ones again.
    void SettleAverage()
    {
        if (settledAt == state.Step)
            return;
        settledAt = state.Step;
        for (int k = 0; k < statistics.Count; k++)
        {
            double movement = 1.0 / (k + 1);
            if (Device is null)
                MoveStatistics(state.Average, statistics[k], movement);
            else
                Device.MoveStatistics(Pack(statistics[k]), movement);
        }
    }

    /// <summary>The values of this step, or, of a device that queues, of the one before; null: there was none.</summary>
    double[]? UpdateOnDevice(TBatch batch, double rate)
    {
        var step = new OptimizerStep(state.Step, rate, recipe.Optimizer == TrainingOptimizer.Muon, recipe.AdamRate, recipe.Momentum,
            recipe.Beta1, recipe.Beta2, recipe.Epsilon, recipe.WeightDecay, recipe.ClipNorm, AverageDecay);
        double[]? values;
        if (Device is IQueuedTraining queued)
        {
            queued.Begin(Pack(batch), step);
            values = EndStep();
            underWay = true;
        }
        else
        {
            values = new double[TRecipe.Measures.Columns.Length];
            Device!.Step(Pack(batch), step, values);
        }
        state.Step++;
        return values;
    }

    double[]? EndStep()
    {
        if (!underWay)
            return null;
        underWay = false;
        double[] values = new double[TRecipe.Measures.Columns.Length];
        ((IQueuedTraining)Device!).End(values);
        return values;
    }

    // The average of the first steps forgets faster.
    double AverageDecay => recipe.AverageDecay == 0 ? 0 : Math.Min(recipe.AverageDecay, (1.0 + state.Step) / (10.0 + state.Step));

    double[] Update(ParameterUpdate update, TBatch batch, float[] gradient, double rate)
    {
        double[] values = Run(state.Parameters, batch, gradient);
        double norm = AdamOptimizer.Clip(gradient.AsSpan(0, Trainable), recipe.ClipNorm);
        if (!double.IsFinite(norm) || !double.IsFinite(values.Sum()))
            throw new InvalidOperationException($"step {state.Step}: the loss or its gradient is not a finite number; lower the learning rate");
        update.Apply(state.Parameters, gradient, state.First, state.Second, state.Whitening, state.Step, rate);
        AdamOptimizer.Average(state.Average.AsSpan(0, Trainable), state.Parameters.AsSpan(0, Trainable), AverageDecay);
        state.Parameters.AsSpan(Trainable).CopyTo(state.Average.AsSpan(Trainable));
        state.Step++;
        return values;
    }

    double[] Validate(float[] scratch)
    {
        SettleAverage();
        double[] mean = new double[TRecipe.Measures.Columns.Length];
        foreach (TBatch batch in validation)
        {
            double[] values = new double[mean.Length];
            if (Device is null)
                values = Measure(state.Average, batch, scratch);
            else
                Device.Measure(Pack(batch), values);
            for (int i = 0; i < mean.Length; i++)
                mean[i] += values[i] / validation.Count;
        }
        return mean;
    }

    TimeSpan Remaining(TimeSpan elapsed, long firstStep)
    {
        double seconds = (recipe.Steps - state.Step) * (elapsed.TotalSeconds / (state.Step - firstStep));
        TimeSpan steps = seconds < 1e9 ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
        TimeSpan time = TimeLimit == TimeSpan.MaxValue ? TimeSpan.MaxValue : TimeLimit - elapsed;
        return steps < time ? steps : time < TimeSpan.Zero ? TimeSpan.Zero : time;
    }
}
