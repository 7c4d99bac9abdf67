using JpegQualityEstimation.Cuda.Handles;
using JpegQualityEstimation.Cuda.Native;

namespace JpegQualityEstimation.Cuda.Runtime;

// Staging: copies between a stream and memory that the collector may move, through a ring of page-locked slots: while the
// device copies one slot, the processor fills or empties the next. Uploads return when the last byte is in a slot, downloads
// when the last one is out. For one thread at a time.
sealed unsafe class Staging(StreamHandle stream) : IDisposable
{
    const int SlotBytes = 2 << 20;
    const int SlotCount = 4;

    readonly Slot?[] slots = new Slot?[SlotCount];
    int next;

    sealed class Slot(ContextHandle context) : IDisposable
    {
        public readonly PinnedHandle Memory = new(context, SlotBytes);
        public readonly EventHandle Done = new(context, timed: false);

        public void Dispose()
        {
            Memory.Dispose();
            Done.Dispose();
        }
    }

    public void Upload(ReadOnlySpan<byte> from, ulong to)
    {
        while (from.Length > 0)
        {
            int count = Math.Min(from.Length, SlotBytes);
            Slot slot = Take();
            from[..count].CopyTo(new Span<byte>((void*)slot.Memory.Pointer, count));
            Check.Ok(CudaDriver.cuMemcpyHtoDAsync_v2(to, (void*)slot.Memory.Pointer, (nuint)count, stream.Pointer));
            Check.Ok(CudaDriver.cuEventRecord(slot.Done.Pointer, stream.Pointer));
            from = from[count..];
            to += (ulong)count;
        }
    }

    public void Download(ulong from, Span<byte> to)
    {
        // Up to all but one slot on their way ahead of the one that is being emptied.
        var onTheWay = new Queue<Slot>();
        int asked = 0, done = 0;
        while (done < to.Length)
        {
            while (asked < to.Length && onTheWay.Count < SlotCount - 1)
            {
                int count = Math.Min(to.Length - asked, SlotBytes);
                Slot slot = Take();
                Check.Ok(CudaDriver.cuMemcpyDtoHAsync_v2((void*)slot.Memory.Pointer, from + (ulong)asked, (nuint)count, stream.Pointer));
                Check.Ok(CudaDriver.cuEventRecord(slot.Done.Pointer, stream.Pointer));
                onTheWay.Enqueue(slot);
                asked += count;
            }
            Slot first = onTheWay.Dequeue();
            Check.Ok(CudaDriver.cuEventSynchronize(first.Done.Pointer));
            int taken = Math.Min(to.Length - done, SlotBytes);
            new ReadOnlySpan<byte>((void*)first.Memory.Pointer, taken).CopyTo(to[done..]);
            done += taken;
        }
    }

    // The slot used longest ago, once the device is through with it.
    Slot Take()
    {
        Slot slot = slots[next] ??= new Slot(stream.Context);
        next = (next + 1) % SlotCount;
        Check.Ok(CudaDriver.cuEventSynchronize(slot.Done.Pointer));
        return slot;
    }

    public void Dispose()
    {
        foreach (Slot? slot in slots)
            slot?.Dispose();
    }
}
