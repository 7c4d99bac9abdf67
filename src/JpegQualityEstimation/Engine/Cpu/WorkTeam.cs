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
sealed class WorkTeam
{
    readonly Helper[] helpers;
    ITeamWork? work;
    Exception? failure;
    int open;
    int left;
    int pending;

    public WorkTeam(int members)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(members, 1);
        helpers = new Helper[members - 1];
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
        var wait = new SpinWait();
        while (Volatile.Read(ref pending) > 0)
            wait.SpinOnce(sleep1Threshold: -1);
        work = null;
        if (failure is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    bool Take(int member)
    {
        bool any = false;
        while (Volatile.Read(ref left) > 0)
        {
            int item = Interlocked.Decrement(ref left);
            if (item < 0)
                break;
            any = true;
            try
            {
                work!.Do(item, member);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref failure, e, null);
            }
            Interlocked.Decrement(ref pending);
        }
        return any;
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
