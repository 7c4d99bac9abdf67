using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using JpegQualityEstimation.Jpeg.Lanes;

namespace JpegQualityEstimation.Jpeg;

// ChromaDownsampling.Vector: two neighbouring bytes are one 16-bit lane; its halves are added without a shuffle.
static partial class ChromaDownsampling
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V PairSums<L, V>(ref byte row, nint pair)
        where L : ILanes<V>
        where V : struct
    {
        V pairs = L.Load(ref Unsafe.As<byte, short>(ref Unsafe.Add(ref row, 2 * pair)));
        return L.Add(L.And(pairs, L.Create(255)), L.ShiftRightUnsigned(pairs, 8));
    }

    public readonly ref struct H2V1Kernel(ReadOnlySpan<byte> row, Span<byte> output) : IRowKernel
    {
        readonly ref byte row = ref MemoryMarshal.GetReference(row);
        readonly ref byte output = ref MemoryMarshal.GetReference(output);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Step<L, V>(nint i)
            where L : ILanes<V>
            where V : struct
        {
            // i may be odd in the last, overlapping vector: then the biases change places.
            V bias = L.CreatePairs((short)(i & 1), (short)(~i & 1));
            L.StoreBytes(L.ShiftRight(L.Add(PairSums<L, V>(ref row, i), bias), 1), ref Unsafe.Add(ref output, i));
        }

        public void Step(nint i) =>
            Unsafe.Add(ref output, i) = (byte)((Unsafe.Add(ref row, 2 * i) + Unsafe.Add(ref row, 2 * i + 1) + (int)(i & 1)) >> 1);
    }

    public readonly ref struct H2V2Kernel(ReadOnlySpan<byte> upper, ReadOnlySpan<byte> lower, Span<byte> output) : IRowKernel
    {
        readonly ref byte upper = ref MemoryMarshal.GetReference(upper);
        readonly ref byte lower = ref MemoryMarshal.GetReference(lower);
        readonly ref byte output = ref MemoryMarshal.GetReference(output);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Step<L, V>(nint i)
            where L : ILanes<V>
            where V : struct
        {
            V bias = L.CreatePairs((short)(1 + (i & 1)), (short)(2 - (i & 1)));
            V sum = L.Add(PairSums<L, V>(ref upper, i), PairSums<L, V>(ref lower, i));
            L.StoreBytes(L.ShiftRight(L.Add(sum, bias), 2), ref Unsafe.Add(ref output, i));
        }

        public void Step(nint i)
        {
            int sum = Unsafe.Add(ref upper, 2 * i) + Unsafe.Add(ref upper, 2 * i + 1) + Unsafe.Add(ref lower, 2 * i) + Unsafe.Add(ref lower, 2 * i + 1);
            Unsafe.Add(ref output, i) = (byte)((sum + 1 + (int)(i & 1)) >> 2);
        }
    }

    public readonly ref struct H1V2Kernel(ReadOnlySpan<byte> upper, ReadOnlySpan<byte> lower, Span<byte> output) : IRowKernel
    {
        readonly ref byte upper = ref MemoryMarshal.GetReference(upper);
        readonly ref byte lower = ref MemoryMarshal.GetReference(lower);
        readonly ref byte output = ref MemoryMarshal.GetReference(output);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Step<L, V>(nint i)
            where L : ILanes<V>
            where V : struct
        {
            V sum = L.Add(L.LoadBytes(ref Unsafe.Add(ref upper, i)), L.LoadBytes(ref Unsafe.Add(ref lower, i)));
            L.StoreBytes(L.ShiftRight(L.Add(sum, L.Create(1)), 1), ref Unsafe.Add(ref output, i));
        }

        public void Step(nint i) =>
            Unsafe.Add(ref output, i) = (byte)((Unsafe.Add(ref upper, i) + Unsafe.Add(ref lower, i) + 1) >> 1);
    }
}
