namespace JpegQualityEstimation.Engine;

// Tells a caller the share of the work done, 0..1, at most 200 times, never falling, one call at a time, from whatever
// threads do the work.
sealed class WorkProgress(IProgress<double>? progress, long total)
{
    const int Steps = 200;
    readonly Lock gate = new();
    long done;
    long reported;

    public void Add(int amount)
    {
        if (progress is null)
            return;
        lock (gate)
        {
            done += amount;
            long step = done * Steps / total;
            if (step == reported)
                return;
            reported = step;
            progress.Report((double)done / total);
        }
    }
}
