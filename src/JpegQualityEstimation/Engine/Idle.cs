namespace JpegQualityEstimation.Engine;

// Idle: objects that wait to be used again, taken and given back by any thread. There are as many as were ever in use at a time;
// those that are not given back (after an exception) are the collector's.
sealed class Idle<T>
    where T : class, new()
{
    readonly Lock gate = new();
    readonly Stack<T> waiting = new();

    public T Take()
    {
        lock (gate)
        {
            if (waiting.TryPop(out T? idle))
                return idle;
        }
        return new T();
    }

    public void Return(T used)
    {
        lock (gate)
            waiting.Push(used);
    }

    public void Clear()
    {
        lock (gate)
            waiting.Clear();
    }
}
