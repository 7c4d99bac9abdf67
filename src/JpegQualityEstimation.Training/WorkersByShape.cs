using System.Collections.Concurrent;

namespace JpegQualityEstimation.Training;

// WorkersByShape: what holds the memory that a step needs for a matrix of one shape, lent to one thread at a time, so that matrices of that shape take turns in memory
// that stays in its caches. Safe for concurrent use.
sealed class WorkersByShape<TShape, TWorker>(Func<TShape, TWorker> create)
    where TShape : notnull
{
    readonly ConcurrentDictionary<TShape, ConcurrentBag<TWorker>> idle = [];

    /// <summary>One that nobody holds, made where there is none; goes back with <see cref="Return"/>.</summary>
    public TWorker Take(TShape shape) => Idle(shape).TryTake(out TWorker? worker) ? worker : create(shape);

    public void Return(TShape shape, TWorker worker) => Idle(shape).Add(worker);

    ConcurrentBag<TWorker> Idle(TShape shape) => idle.GetOrAdd(shape, static _ => []);
}
