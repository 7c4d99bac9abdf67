using JpegQualityEstimation.Cuda.Ops;
using JpegQualityEstimation.Cuda.Runtime;

namespace JpegQualityEstimation.Cuda.Networks;

// QueuedResults: what queued steps of a training measured and how they ended, on their way to the host: two slots of page-locked
// memory that take turns. For one thread at a time.
sealed class QueuedResults : IDisposable
{
    const int Slots = 2;

    readonly CudaStream stream;
    readonly int valueCount;
    readonly PinnedBuffer<double> values;
    readonly PinnedBuffer<StepVerdict> verdicts;
    readonly CudaEvent[] done = new CudaEvent[Slots];
    readonly long[] steps = new long[Slots];
    long added;
    long taken;

    public QueuedResults(CudaStream stream, int valueCount)
    {
        (this.stream, this.valueCount) = (stream, valueCount);
        values = stream.Runtime.Pin<double>(Slots * valueCount);
        verdicts = stream.Runtime.Pin<StepVerdict>(Slots);
        for (int i = 0; i < Slots; i++)
            done[i] = stream.Record();
    }

    /// <exception cref="InvalidOperationException">As many steps are under way as there are slots.</exception>
    public void RequireRoom()
    {
        if (added - taken == Slots)
            throw new InvalidOperationException($"{Slots} steps are under way: end one first");
    }

    /// <summary>Queues the copies of a step's results.</summary>
    public void Add(long step, DeviceSpan<double> from, DeviceSpan<StepVerdict> verdict)
    {
        RequireRoom();
        int slot = (int)(added++ % Slots);
        steps[slot] = step;
        stream.DownloadAsync(from.Slice(0, valueCount), values, slot * valueCount);
        stream.DownloadAsync(verdict, verdicts, slot);
        stream.Record(done[slot]);
    }

    /// <summary>Waits for the earliest step's results.</summary>
    /// <exception cref="InvalidOperationException">They are not finite, or no step is under way.</exception>
    public void Take(Span<double> to)
    {
        if (added == taken)
            throw new InvalidOperationException("no step is under way");
        int slot = (int)(taken++ % Slots);
        done[slot].Synchronize();
        values.Span.Slice(slot * valueCount, valueCount).CopyTo(to);
        if (verdicts.Span[slot].Finite == 0)
            throw new InvalidOperationException($"step {steps[slot]}: the loss or its gradient is not a finite number; lower the learning rate");
    }

    public void Dispose()
    {
        foreach (CudaEvent e in done)
            e.Dispose();
        values.Dispose();
        verdicts.Dispose();
    }
}
