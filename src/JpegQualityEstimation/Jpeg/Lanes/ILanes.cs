namespace JpegQualityEstimation.Jpeg.Lanes;

// ILanes: the 16-bit operations that the JPEG pixel kernels are written in, once for all vector widths.
// V is a vector of 16-bit lanes; where an operation is named 32 the same bits are half as many 32-bit lanes.
// "In parts" means: inside every 128-bit part by itself, as x86 does it. A part holds one row of one 8x8 block.
interface ILanes<V>
    where V : struct
{
    /// <summary>16-bit lanes of a vector; so many samples a step.</summary>
    static abstract int Count { get; }

    static abstract bool IsSupported { get; }

    static abstract V Create(short value);

    /// <summary>Even lanes hold the first value, odd lanes the second.</summary>
    static abstract V CreatePairs(short even, short odd);

    /// <summary>Every 32-bit lane holds the value.</summary>
    static abstract V Create32(int value);

    static abstract V Load(ref short source);

    static abstract void Store(V value, ref short target);

    /// <summary>The same 8 values in every part.</summary>
    static abstract V LoadRepeated(ref readonly short source);

    /// <summary>8 values a part, parts <paramref name="partStride"/> values apart in memory.</summary>
    static abstract V LoadParts(ref readonly short source, nint partStride);

    static abstract void StoreParts(V value, ref short target, nint partStride);

    /// <summary>Count bytes, each widened to a lane.</summary>
    static abstract V LoadBytes(ref readonly byte source);

    /// <summary>Lanes, as signed numbers, limited to 0..255, to Count bytes.</summary>
    static abstract void StoreBytes(V value, ref byte target);

    static abstract V Add(V a, V b);

    static abstract V AddSaturate(V a, V b);

    static abstract V Subtract(V a, V b);

    static abstract V MultiplyLow(V a, V b);

    /// <summary>Signed a * b >> 16.</summary>
    static abstract V MultiplyHigh(V a, V b);

    /// <summary>Unsigned a * b >> 16.</summary>
    static abstract V MultiplyHighUnsigned(V a, V b);

    static abstract V And(V a, V b);

    static abstract V Or(V a, V b);

    static abstract V Xor(V a, V b);

    static abstract V Abs(V a);

    static abstract V ShiftLeft(V a, int count);

    static abstract V ShiftRight(V a, int count);

    static abstract V ShiftRightUnsigned(V a, int count);

    /// <summary>a0 b0 a1 b1 a2 b2 a3 b3, in parts.</summary>
    static abstract V InterleaveLow(V a, V b);

    /// <summary>a4 b4 a5 b5 a6 b6 a7 b7, in parts.</summary>
    static abstract V InterleaveHigh(V a, V b);

    static abstract V InterleaveLow32(V a, V b);

    static abstract V InterleaveHigh32(V a, V b);

    static abstract V InterleaveLow64(V a, V b);

    static abstract V InterleaveHigh64(V a, V b);

    /// <summary>32-bit a0 b0 + a1 b1 of every pair of signed lanes.</summary>
    static abstract V MultiplyAddAdjacent(V a, V b);

    static abstract V Add32(V a, V b);

    static abstract V Subtract32(V a, V b);

    static abstract V ShiftRight32(V a, int count);

    /// <summary>Signed saturation of 32-bit lanes; low becomes the lower half of a part, high the upper.</summary>
    static abstract V Narrow32(V low, V high);
}
