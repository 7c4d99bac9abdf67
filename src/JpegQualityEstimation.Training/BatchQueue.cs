using System.Collections.Concurrent;

namespace JpegQualityEstimation.Training;

// BatchQueue: makes the batches of the next steps on a background thread while the network works on this one.
// At most "depth" batches wait; their buffers go round. What is in a batch depends on its step alone.
// Without a background thread (depth 0) each batch is made when it is taken.

sealed class BatchQueue<TBatch> : IDisposable
    where TBatch : class
{
    readonly Func<TBatch> create;
    readonly Action<long, TBatch> fill;
    readonly BlockingCollection<TBatch>? ready;
    readonly ConcurrentQueue<TBatch> free = new();
    readonly CancellationTokenSource stop = new();
    readonly Thread? thread;
    long next;
    Exception? failure;

    public BatchQueue(Func<TBatch> create, Action<long, TBatch> fill, long firstStep, int depth = 3)
    {
        (this.create, this.fill, next) = (create, fill, firstStep);
        if (depth == 0)
            return;
        ready = new BlockingCollection<TBatch>(depth);
        thread = new Thread(Produce) { IsBackground = true, Name = "batches" };
        thread.Start();
    }

    /// <summary>The batch of the next step; give it back with <see cref="Return"/>.</summary>
    public TBatch Take()
    {
        if (ready is null)
            return Make();
        try
        {
            return ready.Take();
        }
        catch (InvalidOperationException) when (failure is not null)
        {
            throw new InvalidOperationException($"making training data failed: {failure.Message}", failure);
        }
    }

    public void Return(TBatch batch) => free.Enqueue(batch);

    public void Dispose()
    {
        stop.Cancel();
        thread?.Join();
        ready?.Dispose();
        stop.Dispose();
    }

    TBatch Make()
    {
        if (!free.TryDequeue(out TBatch? batch))
            batch = create();
        fill(next++, batch);
        return batch;
    }

    void Produce()
    {
        try
        {
            while (!stop.IsCancellationRequested)
                ready!.Add(Make(), stop.Token);
        }
        catch (OperationCanceledException)
        {
        }
        catch (Exception error)
        {
            failure = error;
        }
        ready!.CompleteAdding();
    }
}
