using System.Collections.Concurrent;

namespace JpegQualityEstimation.Training;

// PatchQueue: makes the batches of the next steps on a background thread while the network works on this one.
// At most "depth" batches wait; their buffers go round. What is in a batch depends on its step alone.

sealed class PatchQueue : IDisposable
{
    readonly BlockingCollection<PatchBatch> ready;
    readonly ConcurrentQueue<PatchBatch> free = new();
    readonly CancellationTokenSource stop = new();
    readonly Thread thread;
    Exception? failure;

    public PatchQueue(QualityPatchGenerator generator, QualityRecipe recipe, long firstStep, int depth = 3)
    {
        ready = new BlockingCollection<PatchBatch>(depth);
        thread = new Thread(() => Produce(generator, recipe, firstStep)) { IsBackground = true, Name = "patches" };
        thread.Start();
    }

    /// <summary>The batch of the next step; give it back with <see cref="Return"/>.</summary>
    public PatchBatch Take(CancellationToken cancellation)
    {
        try
        {
            return ready.Take(cancellation);
        }
        catch (InvalidOperationException) when (failure is not null)
        {
            throw new InvalidOperationException($"making training patches failed: {failure.Message}", failure);
        }
    }

    public void Return(PatchBatch batch) => free.Enqueue(batch);

    public void Dispose()
    {
        stop.Cancel();
        thread.Join();
        ready.Dispose();
        stop.Dispose();
    }

    void Produce(QualityPatchGenerator generator, QualityRecipe recipe, long step)
    {
        try
        {
            for (; !stop.IsCancellationRequested; step++)
            {
                if (!free.TryDequeue(out PatchBatch? batch))
                    batch = new PatchBatch(recipe.BatchSize, recipe.PatchSize);
                batch.Step = step;
                generator.Fill(step, batch.Patches, batch.Targets);
                ready.Add(batch, stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
        }
        catch (Exception error)
        {
            failure = error;
        }
        ready.CompleteAdding();
    }
}

/// <summary>The patches [n,h,w,3] and targets [n,h,w,2] of one step.</summary>
sealed class PatchBatch(int batchSize, int patchSize)
{
    public long Step { get; set; }

    public byte[] Patches { get; } = new byte[3 * batchSize * patchSize * patchSize];

    public float[] Targets { get; } = new float[2 * batchSize * patchSize * patchSize];
}
