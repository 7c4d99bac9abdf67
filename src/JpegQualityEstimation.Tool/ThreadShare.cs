namespace JpegQualityEstimation.Tool;

// ThreadShare: the threads of a run among the pictures in work, never more at work than there are. A small picture takes one
// thread beside others, or all where it is alone; a large one waits until nothing else is in work and takes all, so that memory
// holds one large picture at a time. Large ones are not overtaken by pictures that come later.
sealed class ThreadShare
{
    readonly object gate = new();
    int free;
    int inWork;
    int waitingForAll;

    public ThreadShare(int threads) => Threads = free = threads;

    public int Threads { get; }

    /// <summary>One thread for one more picture.</summary>
    public void Enter()
    {
        lock (gate)
        {
            inWork++;
            while (free == 0 || waitingForAll > 0)
                Monitor.Wait(gate);
            free--;
        }
    }

    /// <summary>All threads where no other picture is in work; otherwise it stays at one.</summary>
    public bool TakeAllIfAlone()
    {
        lock (gate)
        {
            if (inWork > 1)
                return false;
            free = 0;
            return true;
        }
    }

    /// <summary>All threads, as soon as nobody else has one.</summary>
    public void WaitForAll()
    {
        lock (gate)
        {
            free++;
            waitingForAll++;
            Monitor.PulseAll(gate);
            while (free < Threads)
                Monitor.Wait(gate);
            waitingForAll--;
            free = 0;
        }
    }

    /// <summary>Waits until no picture is in work.</summary>
    public void WaitUntilIdle()
    {
        lock (gate)
            while (inWork > 0)
                Monitor.Wait(gate);
    }

    /// <summary>The picture is done.</summary>
    public void Leave(bool hadAll)
    {
        lock (gate)
        {
            inWork--;
            free += hadAll ? Threads : 1;
            Monitor.PulseAll(gate);
        }
    }
}
