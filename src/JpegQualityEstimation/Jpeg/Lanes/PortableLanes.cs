using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector128<short>;

namespace JpegQualityEstimation.Jpeg.Lanes;

// PortableLanes: the operations of Lanes128 that .NET has no cross-platform name for, in terms of those that it has.
// Used where there is no SSE2 (ARM64, WebAssembly); the tests hold it against SSE2 where there is.
static class PortableLanes
{
    public static V MultiplyHigh(V a, V b)
    {
        var (aLow, aHigh) = Vector128.Widen(a);
        var (bLow, bHigh) = Vector128.Widen(b);
        return Vector128.Narrow(aLow * bLow >> 16, aHigh * bHigh >> 16);
    }

    public static V MultiplyHighUnsigned(V a, V b)
    {
        var (aLow, aHigh) = Vector128.Widen(a.AsUInt16());
        var (bLow, bHigh) = Vector128.Widen(b.AsUInt16());
        return Vector128.Narrow(aLow * bLow >>> 16, aHigh * bHigh >>> 16).AsInt16();
    }

    public static V InterleaveLow(V a, V b)
    {
        Vector128<int> evens = Vector128.WidenLower(a.AsUInt16()).AsInt32();
        return (evens | Vector128.WidenLower(b.AsUInt16()).AsInt32() << 16).AsInt16();
    }

    public static V InterleaveHigh(V a, V b)
    {
        Vector128<int> evens = Vector128.WidenUpper(a.AsUInt16()).AsInt32();
        return (evens | Vector128.WidenUpper(b.AsUInt16()).AsInt32() << 16).AsInt16();
    }

    public static V InterleaveLow32(V a, V b)
    {
        Vector128<long> evens = Vector128.WidenLower(a.AsUInt32()).AsInt64();
        return (evens | Vector128.WidenLower(b.AsUInt32()).AsInt64() << 32).AsInt16();
    }

    public static V InterleaveHigh32(V a, V b)
    {
        Vector128<long> evens = Vector128.WidenUpper(a.AsUInt32()).AsInt64();
        return (evens | Vector128.WidenUpper(b.AsUInt32()).AsInt64() << 32).AsInt16();
    }

    public static V InterleaveLow64(V a, V b) => Vector128.Create(a.GetLower(), b.GetLower());

    public static V InterleaveHigh64(V a, V b) => Vector128.Create(a.GetUpper(), b.GetUpper());

    public static V MultiplyAddAdjacent(V a, V b)
    {
        // Sign-extend the odd lanes by a shift, the even ones by two, inside 32 bits.
        Vector128<int> x = a.AsInt32(), y = b.AsInt32();
        return ((x << 16 >> 16) * (y << 16 >> 16) + (x >> 16) * (y >> 16)).AsInt16();
    }

    public static V Narrow32(V low, V high) => Vector128.NarrowWithSaturation(low.AsInt32(), high.AsInt32());
}
