using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using JpegQualityEstimation.Jpeg.Lanes;

namespace JpegQualityEstimation.Jpeg;

// ChromaUpsampling.Vector: sample i of the component makes output samples 2i and 2i + 1, which together are one
// 16-bit lane of the output. The kernels cover 1 .. width - 2; the first and the last sample have a neighbour
// missing and are done by Edge.
static partial class ChromaUpsampling
{
    public readonly ref struct H2V1Kernel(ReadOnlySpan<byte> near, Span<byte> output) : IRowKernel
    {
        readonly ref byte near = ref MemoryMarshal.GetReference(near);
        readonly ref byte output = ref MemoryMarshal.GetReference(output);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Step<L, V>(nint i)
            where L : ILanes<V>
            where V : struct
        {
            V triple = L.MultiplyLow(L.LoadBytes(ref Unsafe.Add(ref near, i)), L.Create(3));
            V even = L.Add(L.Add(triple, L.Create(1)), L.LoadBytes(ref Unsafe.Add(ref near, i - 1)));
            V odd = L.Add(L.Add(triple, L.Create(2)), L.LoadBytes(ref Unsafe.Add(ref near, i + 1)));
            StorePairs<L, V>(L.ShiftRight(even, 2), L.ShiftRight(odd, 2), ref Unsafe.Add(ref output, 2 * i));
        }

        public void Step(nint i) => Edge(i, i - 1, i + 1);

        public void Edge(nint i, nint left, nint right)
        {
            int triple = 3 * Unsafe.Add(ref near, i);
            Unsafe.Add(ref output, 2 * i) = (byte)((triple + Unsafe.Add(ref near, left) + 1) >> 2);
            Unsafe.Add(ref output, 2 * i + 1) = (byte)((triple + Unsafe.Add(ref near, right) + 2) >> 2);
        }
    }

    public readonly ref struct H2V2Kernel(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, Span<byte> output) : IRowKernel
    {
        readonly ref byte near = ref MemoryMarshal.GetReference(near);
        readonly ref byte far = ref MemoryMarshal.GetReference(far);
        readonly ref byte output = ref MemoryMarshal.GetReference(output);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Step<L, V>(nint i)
            where L : ILanes<V>
            where V : struct
        {
            V triple = L.MultiplyLow(Column<L, V>(i), L.Create(3));
            V even = L.Add(L.Add(triple, L.Create(8)), Column<L, V>(i - 1));
            V odd = L.Add(L.Add(triple, L.Create(7)), Column<L, V>(i + 1));
            StorePairs<L, V>(L.ShiftRight(even, 4), L.ShiftRight(odd, 4), ref Unsafe.Add(ref output, 2 * i));
        }

        public void Step(nint i) => Edge(i, i - 1, i + 1);

        public void Edge(nint i, nint left, nint right)
        {
            int triple = 3 * Column(i);
            Unsafe.Add(ref output, 2 * i) = (byte)((triple + Column(left) + 8) >> 4);
            Unsafe.Add(ref output, 2 * i + 1) = (byte)((triple + Column(right) + 7) >> 4);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        V Column<L, V>(nint i)
            where L : ILanes<V>
            where V : struct =>
            L.Add(L.MultiplyLow(L.LoadBytes(ref Unsafe.Add(ref near, i)), L.Create(3)), L.LoadBytes(ref Unsafe.Add(ref far, i)));

        int Column(nint i) => 3 * Unsafe.Add(ref near, i) + Unsafe.Add(ref far, i);
    }

    public readonly ref struct H1V2Kernel(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, int bias, Span<byte> output) : IRowKernel
    {
        readonly ref byte near = ref MemoryMarshal.GetReference(near);
        readonly ref byte far = ref MemoryMarshal.GetReference(far);
        readonly ref byte output = ref MemoryMarshal.GetReference(output);
        readonly short bias = (short)bias;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Step<L, V>(nint i)
            where L : ILanes<V>
            where V : struct
        {
            V triple = L.MultiplyLow(L.LoadBytes(ref Unsafe.Add(ref near, i)), L.Create(3));
            V sum = L.Add(L.Add(triple, L.Create(bias)), L.LoadBytes(ref Unsafe.Add(ref far, i)));
            L.StoreBytes(L.ShiftRight(sum, 2), ref Unsafe.Add(ref output, i));
        }

        public void Step(nint i) =>
            Unsafe.Add(ref output, i) = (byte)((3 * Unsafe.Add(ref near, i) + Unsafe.Add(ref far, i) + bias) >> 2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void StorePairs<L, V>(V even, V odd, ref byte output)
        where L : ILanes<V>
        where V : struct => L.Store(L.Or(even, L.ShiftLeft(odd, 8)), ref Unsafe.As<byte, short>(ref output));
}
