using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using JpegQualityEstimation.Jpeg.Lanes;

namespace JpegQualityEstimation.Jpeg;

// YccConversion.Vector: the same sums in lanes, on planar rows (PixelInterleave makes them).
//   Forward: 16-bit multiply-adds of pairs (R,G) and (G,B). Two coefficients do not fit 16 bits: 38470 = 2 * 19235 is
//   spread over both pairs; +32768 becomes -32768 of a difference.
//   Backward: 91881 = 65536 + 26345, 116130 = 131072 - 14942, 46802 = 65536 - 18734. What is left fits 16 bits, and
//   (c x + 2^15) >> 16 = ((2 x c >> 16) + 1) >> 1, because floors nest.
static partial class YccConversion
{
    const int HalfUnit = 1 << 15;
    const int ChromaOffset = (128 << 16) + HalfUnit - 1;

    public readonly ref struct LuminanceKernel(ReadOnlySpan<byte> red, ReadOnlySpan<byte> green, ReadOnlySpan<byte> blue, Span<byte> y) : IRowKernel
    {
        readonly ref byte red = ref MemoryMarshal.GetReference(red);
        readonly ref byte green = ref MemoryMarshal.GetReference(green);
        readonly ref byte blue = ref MemoryMarshal.GetReference(blue);
        readonly ref byte y = ref MemoryMarshal.GetReference(y);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Step<L, V>(nint i)
            where L : ILanes<V>
            where V : struct
        {
            V r = L.LoadBytes(ref Unsafe.Add(ref red, i)), g = L.LoadBytes(ref Unsafe.Add(ref green, i)), b = L.LoadBytes(ref Unsafe.Add(ref blue, i));
            V luma = L.Narrow32(
                Luminance<L, V>(L.InterleaveLow(r, g), L.InterleaveLow(g, b)),
                Luminance<L, V>(L.InterleaveHigh(r, g), L.InterleaveHigh(g, b)));
            L.StoreBytes(luma, ref Unsafe.Add(ref y, i));
        }

        public void Step(nint i) => Unsafe.Add(ref y, i) = Luminance(Unsafe.Add(ref red, i), Unsafe.Add(ref green, i), Unsafe.Add(ref blue, i));
    }

    public readonly ref struct ForwardKernel(
        ReadOnlySpan<byte> red, ReadOnlySpan<byte> green, ReadOnlySpan<byte> blue, Span<byte> y, Span<byte> cb, Span<byte> cr) : IRowKernel
    {
        readonly ref byte red = ref MemoryMarshal.GetReference(red);
        readonly ref byte green = ref MemoryMarshal.GetReference(green);
        readonly ref byte blue = ref MemoryMarshal.GetReference(blue);
        readonly ref byte y = ref MemoryMarshal.GetReference(y);
        readonly ref byte cb = ref MemoryMarshal.GetReference(cb);
        readonly ref byte cr = ref MemoryMarshal.GetReference(cr);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Step<L, V>(nint i)
            where L : ILanes<V>
            where V : struct
        {
            V r = L.LoadBytes(ref Unsafe.Add(ref red, i)), g = L.LoadBytes(ref Unsafe.Add(ref green, i)), b = L.LoadBytes(ref Unsafe.Add(ref blue, i));
            V rgLow = L.InterleaveLow(r, g), rgHigh = L.InterleaveHigh(r, g);
            V gbLow = L.InterleaveLow(g, b), gbHigh = L.InterleaveHigh(g, b);
            L.StoreBytes(L.Narrow32(Luminance<L, V>(rgLow, gbLow), Luminance<L, V>(rgHigh, gbHigh)), ref Unsafe.Add(ref y, i));
            V blueDifference = L.Narrow32(
                Chrominance<L, V>(rgLow, gbLow, 11059, 21709, 0, -32768), Chrominance<L, V>(rgHigh, gbHigh, 11059, 21709, 0, -32768));
            L.StoreBytes(blueDifference, ref Unsafe.Add(ref cb, i));
            V redDifference = L.Narrow32(
                Chrominance<L, V>(rgLow, gbLow, -32768, 27439, 0, 5329), Chrominance<L, V>(rgHigh, gbHigh, -32768, 27439, 0, 5329));
            L.StoreBytes(redDifference, ref Unsafe.Add(ref cr, i));
        }

        public void Step(nint i)
        {
            int r = Unsafe.Add(ref red, i), g = Unsafe.Add(ref green, i), b = Unsafe.Add(ref blue, i);
            Unsafe.Add(ref y, i) = Luminance(r, g, b);
            Unsafe.Add(ref cb, i) = BlueDifference(r, g, b);
            Unsafe.Add(ref cr, i) = RedDifference(r, g, b);
        }
    }

    public readonly ref struct BackwardKernel(
        ReadOnlySpan<byte> y, ReadOnlySpan<byte> cb, ReadOnlySpan<byte> cr, Span<byte> red, Span<byte> green, Span<byte> blue) : IRowKernel
    {
        readonly ref byte y = ref MemoryMarshal.GetReference(y);
        readonly ref byte cb = ref MemoryMarshal.GetReference(cb);
        readonly ref byte cr = ref MemoryMarshal.GetReference(cr);
        readonly ref byte red = ref MemoryMarshal.GetReference(red);
        readonly ref byte green = ref MemoryMarshal.GetReference(green);
        readonly ref byte blue = ref MemoryMarshal.GetReference(blue);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Step<L, V>(nint i)
            where L : ILanes<V>
            where V : struct
        {
            V middle = L.Create(128), one = L.Create(1);
            V luma = L.LoadBytes(ref Unsafe.Add(ref y, i));
            V b = L.Subtract(L.LoadBytes(ref Unsafe.Add(ref cb, i)), middle), r = L.Subtract(L.LoadBytes(ref Unsafe.Add(ref cr, i)), middle);
            V twiceB = L.Add(b, b), twiceR = L.Add(r, r);

            V redPart = L.ShiftRight(L.Add(L.MultiplyHigh(twiceR, L.Create(26345)), one), 1);
            L.StoreBytes(L.Add(L.Add(luma, r), redPart), ref Unsafe.Add(ref red, i));
            V bluePart = L.ShiftRight(L.Add(L.MultiplyHigh(twiceB, L.Create(-14942)), one), 1);
            L.StoreBytes(L.Add(L.Add(luma, twiceB), bluePart), ref Unsafe.Add(ref blue, i));

            V coefficients = L.CreatePairs(-22554, 18734), rounding = L.Create32(HalfUnit);
            V low = L.ShiftRight32(L.Add32(L.MultiplyAddAdjacent(L.InterleaveLow(b, r), coefficients), rounding), 16);
            V high = L.ShiftRight32(L.Add32(L.MultiplyAddAdjacent(L.InterleaveHigh(b, r), coefficients), rounding), 16);
            L.StoreBytes(L.Add(L.Subtract(luma, r), L.Narrow32(low, high)), ref Unsafe.Add(ref green, i));
        }

        public void Step(nint i)
        {
            int luma = Unsafe.Add(ref y, i), b = Unsafe.Add(ref cb, i) - 128, r = Unsafe.Add(ref cr, i) - 128;
            Unsafe.Add(ref red, i) = Red(luma, r);
            Unsafe.Add(ref green, i) = Green(luma, b, r);
            Unsafe.Add(ref blue, i) = Blue(luma, b);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V Luminance<L, V>(V rg, V gb)
        where L : ILanes<V>
        where V : struct
    {
        V sum = L.Add32(L.MultiplyAddAdjacent(rg, L.CreatePairs(19595, 19235)), L.MultiplyAddAdjacent(gb, L.CreatePairs(19235, 7471)));
        return L.ShiftRight32(L.Add32(sum, L.Create32(HalfUnit)), 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V Chrominance<L, V>(V rg, V gb, short r, short g, short nothing, short b)
        where L : ILanes<V>
        where V : struct
    {
        V less = L.Add32(L.MultiplyAddAdjacent(rg, L.CreatePairs(r, g)), L.MultiplyAddAdjacent(gb, L.CreatePairs(nothing, b)));
        return L.ShiftRight32(L.Subtract32(L.Create32(ChromaOffset), less), 16);
    }
}
