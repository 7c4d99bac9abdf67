namespace JpegQualityEstimation.Engine;

// AlignedFloats: zeroed float storage that the collector does not move, first element on a 64-byte boundary.
sealed unsafe class AlignedFloats
{
    readonly float[] storage;
    readonly int start;

    public AlignedFloats(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        storage = GC.AllocateArray<float>(checked((int)(length + 16)), pinned: true);
        float* first = (float*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(storage, 0);
        Pointer = (float*)(((nuint)first + 63) & ~(nuint)63);
        start = (int)(Pointer - first);
        Length = (int)length;
    }

    /// <summary>First element; valid while this object is reachable.</summary>
    public float* Pointer { get; }

    public int Length { get; }

    /// <summary>All elements; keeps them reachable.</summary>
    public Span<float> Span => storage.AsSpan(start, Length);
}
