namespace JpegQualityEstimation.Engine.Cpu.DenseNet;

/// <summary>Work in stages: the parts of a stage are independent, and a stage begins when the one before is done.</summary>
abstract class StagedWork
{
    /// <summary>Stages.</summary>
    public abstract int Stages { get; }

    public abstract int Parts(int stage);

    /// <summary>Does one part.</summary>
    /// <param name="stage">Stage.</param>
    /// <param name="part">Part.</param>
    /// <param name="member">Who does it, below the team's size: owns scratch of that number meanwhile.</param>
    public abstract void Run(int stage, int part, int member);
}

// SpinTeam: the calling thread and threads of the pool go through staged work together. Members take the next part that
// nobody has, so whoever comes late or never costs time and nothing else: the caller from the front, the others from the
// back, so that in every stage most of a part's values are in the cache of who made them. Between stages they spin, for
// parts last microseconds. Which member does a part never matters to a result. Nothing is allocated by a run.

/// <summary>Runs staged work on some threads; one run at a time.</summary>
sealed class SpinTeam(int size) : IThreadPoolWorkItem
{
    const int SpinsBeforeYield = 4096;

    readonly int size = size;
    StagedWork? work;
    long[] taken = [];
    int[] done = [];
    int members;
    int inside;
    int queued;
    volatile bool open;

    public void Run(StagedWork staged)
    {
        int stages = staged.Stages;
        if (taken.Length < stages)
            (taken, done) = (new long[stages], new int[stages]);
        taken.AsSpan().Clear();
        done.AsSpan().Clear();
        work = staged;
        members = 1;
        open = true;
        for (int i = Volatile.Read(ref queued); i < size - 1; i++)
        {
            Interlocked.Increment(ref queued);
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
        Join(staged, 0);
        open = false;
        Interlocked.MemoryBarrier();
        // Who is still inside has nothing left to do.
        while (Volatile.Read(ref inside) > 0)
            Thread.SpinWait(1);
        work = null;
    }

    void IThreadPoolWorkItem.Execute()
    {
        Interlocked.Decrement(ref queued);
        Interlocked.Increment(ref inside);
        if (open && work is { } staged && Interlocked.Increment(ref members) is int member && member <= size)
            Join(staged, member - 1);
        Interlocked.Decrement(ref inside);
    }

    void Join(StagedWork staged, int member)
    {
        for (int s = 0; s < staged.Stages; s++)
        {
            int parts = staged.Parts(s);
            for (int part = Take(s, parts, member); part >= 0; part = Take(s, parts, member))
            {
                staged.Run(s, part, member);
                Interlocked.Increment(ref done[s]);
            }
            for (int spins = 0; Volatile.Read(ref done[s]) < parts; spins++)
                if (spins < SpinsBeforeYield)
                    Thread.SpinWait(1);
                else
                    Thread.Yield();
        }
    }

    // Parts taken from the front in the low half, from the back in the high half; their sum numbers the takers.
    int Take(int stage, int parts, int member)
    {
        long counts = Interlocked.Add(ref taken[stage], member == 0 ? 1 : 1L << 32);
        int front = (int)counts, back = (int)(counts >> 32);
        return front + back > parts ? -1 : member == 0 ? front - 1 : parts - back;
    }
}
