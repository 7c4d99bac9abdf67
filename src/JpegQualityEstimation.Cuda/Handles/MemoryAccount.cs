namespace JpegQualityEstimation.Cuda.Handles;

// How much device memory buffers hold, how much they ever held, and how much they may. Thread-safe.
sealed class MemoryAccount(long cap)
{
    readonly Lock gate = new();
    long used;
    long peak;

    public long Used
    {
        get
        {
            lock (gate)
                return used;
        }
    }

    public long Peak
    {
        get
        {
            lock (gate)
                return peak;
        }
    }

    public long Cap
    {
        get
        {
            lock (gate)
                return cap;
        }
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            lock (gate)
                cap = value;
        }
    }

    /// <summary>Writes bytes down as held; false where the cap would be passed.</summary>
    public bool TryTake(long bytes)
    {
        lock (gate)
        {
            if (bytes > cap - used)
                return false;
            used += bytes;
            peak = Math.Max(peak, used);
            return true;
        }
    }

    public void Return(long bytes)
    {
        lock (gate)
            used -= bytes;
    }

    /// <summary>The peak starts anew from what is held now.</summary>
    public void ForgetPeak()
    {
        lock (gate)
            peak = used;
    }
}
