namespace JpegQualityEstimation.Engine.Cpu;

/// <summary>Work cut into items that do not depend on each other.</summary>
interface ITeamWork
{
    /// <summary>Does one item; no two calls at a time have the same member.</summary>
    void Do(int item, int member);
}

// WorkTeam: a leader and helpers from the thread pool that go through a few hundred short steps together, each cut into
// items. Items are taken, not dealt: a helper that comes late or never takes none, so a full pool costs time and cannot
// stop the leader. Between Begin and End helpers wait awake, since the next step comes within microseconds. Nothing is
// allocated once the team is made.
// Items may also lie in parts, one for each member, who goes through his own from the front; who is done, or comes late to a
// part that is gone, takes from the ends of the others'. What one member writes and reads again stays in his caches.
sealed class WorkTeam
{
    const int LineLongs = 16;

    readonly Helper[] helpers;
    readonly long[] parts;
    ITeamWork? work;
    Exception? failure;
    int open;
    int left;
    int pending;

    public WorkTeam(int members)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(members, 1);
        helpers = new Helper[members - 1];
        parts = new long[(members + 1) * LineLongs];
        for (int i = 0; i < helpers.Length; i++)
            helpers[i] = new Helper(this, i + 1);
    }

    public int Members => helpers.Length + 1;

    /// <summary>Calls the helpers; from now to <see cref="End"/> only the caller may lead.</summary>
    public void Begin()
    {
        Interlocked.Exchange(ref open, 1);
        foreach (Helper helper in helpers)
            helper.Call();
    }

    public void End() => Volatile.Write(ref open, 0);

    /// <summary>Items 0 .. count - 1, all done on return. The caller is member 0.</summary>
    /// <exception cref="Exception">Whatever an item threw, the first of them.</exception>
    public void Run(ITeamWork items, int count)
    {
        if (helpers.Length == 0 || count == 1)
        {
            for (int item = 0; item < count; item++)
                items.Do(item, 0);
            return;
        }
        work = items;
        failure = null;
        Volatile.Write(ref pending, count);
        Volatile.Write(ref left, count);
        Take(0);
        Finish();
    }

    void Finish()
    {
        var wait = new SpinWait();
        while (Volatile.Read(ref pending) > 0)
            wait.SpinOnce(sleep1Threshold: -1);
        work = null;
        if (failure is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Items 0 .. ends[^1] - 1, those from ends[m - 1] to ends[m] for member m before others, all done on return.</summary>
    /// <exception cref="Exception">Whatever an item threw, the first of them.</exception>
    public void RunParts(ITeamWork items, ReadOnlySpan<int> ends)
    {
        if (helpers.Length == 0 || ends[^1] == 1)
        {
            Run(items, ends[^1]);
            return;
        }
        work = items;
        failure = null;
        Volatile.Write(ref pending, ends[^1]);
        for (int part = 0; part < ends.Length; part++)
            Volatile.Write(ref Part(part), (long)(part == 0 ? 0 : ends[part - 1]) << 32 | (uint)ends[part]);
        Take(0);
        Finish();
    }

    // First and end of what is left of a part, in a cache line of its own.
    ref long Part(int part) => ref parts[(part + 1) * LineLongs];

    bool TakeOf(int part, bool front, out int item)
    {
        ref long range = ref Part(part);
        for (; ; )
        {
            long seen = Volatile.Read(ref range);
            int from = (int)(seen >> 32), end = (int)seen;
            item = front ? from : end - 1;
            if (from >= end)
                return false;
            if (Interlocked.CompareExchange(ref range, front ? seen + (1L << 32) : seen - 1, seen) == seen)
                return true;
        }
    }

    bool Take(int member)
    {
        bool any = false;
        int done = 0;
        for (int i = 0; i < Members; i++)
            for (; TakeOf((member + i) % Members, i == 0, out int item); done++)
                Do(item, member);
        if (done > 0)
            Interlocked.Add(ref pending, -done);
        while (Volatile.Read(ref left) > 0)
        {
            int item = Interlocked.Decrement(ref left);
            if (item < 0)
                break;
            any = true;
            Do(item, member);
            Interlocked.Decrement(ref pending);
        }
        return any || done > 0;
    }

    void Do(int item, int member)
    {
        try
        {
            work!.Do(item, member);
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref failure, e, null);
        }
    }

    sealed class Helper(WorkTeam team, int member) : IThreadPoolWorkItem
    {
        int called;

        public void Call()
        {
            if (Interlocked.CompareExchange(ref called, 1, 0) == 0)
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        // Who leaves while the next Begin already counts on him comes back.
        void IThreadPoolWorkItem.Execute()
        {
            do
            {
                var wait = new SpinWait();
                while (Volatile.Read(ref team.open) == 1)
                {
                    if (team.Take(member))
                        wait.Reset();
                    else
                        wait.SpinOnce(sleep1Threshold: -1);
                }
                Interlocked.Exchange(ref called, 0);
            }
            while (Volatile.Read(ref team.open) == 1 && Interlocked.CompareExchange(ref called, 1, 0) == 0);
        }
    }
}
