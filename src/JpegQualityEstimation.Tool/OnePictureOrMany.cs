using JpegQualityEstimation.Engine;

namespace JpegQualityEstimation.Tool;

// OnePictureOrMany: the estimator of a run twice: with all threads for a picture that is alone in work, with one for pictures beside
// each other. Both give the same bits. On a GPU one picture is in work at a time.
sealed class OnePictureOrMany<T> : IDisposable
    where T : class, IDisposable
{
    readonly Lazy<T> withOneThread;

    // threads: 0, as many as there are processors.
    public OnePictureOrMany(int threads, Func<T, ComputeDevice> deviceOf, Func<int, T> open)
    {
        WithAllThreads = open(threads);
        Threads = deviceOf(WithAllThreads).Kind != ComputeDeviceKind.Cpu ? 1 : threads > 0 ? threads : Environment.ProcessorCount;
        withOneThread = new Lazy<T>(() => open(1));
    }

    public int Threads { get; }

    public T WithAllThreads { get; }

    public T For(PictureTurn turn) => turn.HasAllThreads ? WithAllThreads : withOneThread.Value;

    public void Dispose()
    {
        WithAllThreads.Dispose();
        if (withOneThread.IsValueCreated)
            withOneThread.Value.Dispose();
    }
}
