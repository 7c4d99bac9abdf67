using System.Runtime.ExceptionServices;

namespace JpegQualityEstimation.Tool;

// PictureWay: what the threads of a batch share. Inputs are taken one at a time, by whoever is free, and told in the order in which
// they were taken.
sealed class PictureWay
{
    // Above this many pixels a picture's planes are given back before the next picture is read.
    const int CollectAbove = 4_000_000;

    readonly PictureBatch batch;
    readonly IPictureAnalysis analysis;
    readonly OutputNames? names;
    readonly IEnumerator<InputPicture> pictures;
    readonly ThreadShare share;
    readonly Lock input = new(), output = new();
    readonly Queue<PictureTurn> untold = [];
    bool headingTold;
    int failed;

    public PictureWay(PictureBatch batch, IPictureAnalysis analysis, OutputNames? names, IEnumerator<InputPicture> pictures)
    {
        (this.batch, this.analysis, this.names, this.pictures) = (batch, analysis, names, pictures);
        share = new ThreadShare(analysis.Threads);
    }

    public int Skipped { get; private set; }

    public int Failed => failed;

    // What ended the run before the inputs did.
    ExceptionDispatchInfo? Stopped { get; set; }

    public void Run()
    {
        if (share.Threads == 1)
            Go();
        else
        {
            // Never disposed: who waits for a name ends when this has long returned.
            var ended = new ManualResetEventSlim();
            int left = share.Threads;
            for (int i = 0; i < share.Threads; i++)
            {
                new Thread(() =>
                {
                    Go();
                    if (Interlocked.Decrement(ref left) == 0 || Stopped is not null)
                        ended.Set();
                }) { IsBackground = true }.Start();
            }
            ended.Wait();
            // Who waits for a name on standard input is not waited for.
            if (Stopped is not null)
                share.WaitUntilIdle();
        }
        Stopped?.Throw();
    }

    void Go()
    {
        try
        {
            while (Take() is (var picture, var turn))
            {
                Work(picture, turn);
                lock (output)
                {
                    turn.IsDone = Stopped is null;
                    while (untold.TryPeek(out PictureTurn? told) && told.IsDone)
                    {
                        untold.Dequeue();
                        told.Tell(batch.Console, ref headingTold);
                    }
                }
            }
        }
        catch (Exception e)
        {
            lock (output)
                Stopped ??= ExceptionDispatchInfo.Capture(e);
        }
    }

    (InputPicture Picture, PictureTurn Turn)? Take()
    {
        lock (input)
        {
            while (Stopped is null && pictures.MoveNext())
            {
                batch.Console.Cancellation.ThrowIfCancellationRequested();
                InputPicture picture = pictures.Current;
                if (!batch.Shard.Holds(picture.Path))
                    continue;
                if (batch.Reported.Contains(picture.Path))
                {
                    Skipped++;
                    continue;
                }
                if (batch.HasResultFile)
                    batch.Reported.Add(picture.Path);
                var turn = new PictureTurn(share);
                lock (output)
                    untold.Enqueue(turn);
                return (picture, turn);
            }
            return null;
        }
    }

    void Work(InputPicture picture, PictureTurn turn)
    {
        share.Enter();
        try
        {
            if (Stopped is not null)
                return;
            batch.Console.Cancellation.ThrowIfCancellationRequested();
            if (picture.Refusal is { } refusal)
                throw new InputException(refusal.Code, refusal.Message);
            // With a file of results, maps without a line there are made again: no line is lost.
            if (batch.Resume && !batch.HasResultFile && analysis.IsDone(names!, picture))
            {
                turn.Message($"{picture.Path}: skipped, its maps are there");
                return;
            }
            // Before the work, whether its maps have a name.
            _ = names?.Of(picture, "");
            if (analysis.Analyse(picture, names, turn) > CollectAbove)
                GC.Collect();
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutputException))
        {
            var failure = Failure.Of(e);
            if (batch.Json)
                turn.Result(failure.ToJson(picture.Path));
            else
                turn.Message($"{picture.Path}: {failure}");
            Interlocked.Increment(ref failed);
        }
        finally
        {
            share.Leave(turn.HasAllThreads);
        }
    }
}
