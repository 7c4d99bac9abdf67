using System.Collections.Concurrent;
using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Training;

// WorkersByShape: what holds the memory that a step needs for a matrix, lent to one thread at a time, so that matrices of one shape take turns in memory
// that stays in its caches. Safe for concurrent use.
sealed class WorkersByShape<TWorker>(Func<ParameterMatrix, TWorker> create)
{
    readonly ConcurrentDictionary<ParameterMatrix, ConcurrentBag<TWorker>> idle = [];

    /// <summary>One for matrices of this shape that nobody holds, made where there is none; goes back with <see cref="Return"/>.</summary>
    public TWorker Take(ParameterMatrix matrix) => Idle(matrix).TryTake(out TWorker? worker) ? worker : create(matrix);

    public void Return(ParameterMatrix matrix, TWorker worker) => Idle(matrix).Add(worker);

    ConcurrentBag<TWorker> Idle(ParameterMatrix matrix) => idle.GetOrAdd(matrix with { Offset = 0 }, static _ => []);
}
