using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using JpegQualityEstimation.Jpeg.Lanes;
using Xunit;
using V = System.Runtime.Intrinsics.Vector128<short>;

namespace JpegQualityEstimation.Tests.Jpeg;

// What runs where there is no SSE2 equals SSE2.
public sealed class PortableLanesTests
{
    public static TheoryData<string> Operations => [.. operations.Keys];

    static readonly Dictionary<string, (Func<V, V, V> Portable, Func<V, V, V> Sse)> operations = new()
    {
        ["MultiplyHigh"] = (PortableLanes.MultiplyHigh, Sse2.MultiplyHigh),
        ["MultiplyHighUnsigned"] = (PortableLanes.MultiplyHighUnsigned, (a, b) => Sse2.MultiplyHigh(a.AsUInt16(), b.AsUInt16()).AsInt16()),
        ["InterleaveLow"] = (PortableLanes.InterleaveLow, Sse2.UnpackLow),
        ["InterleaveHigh"] = (PortableLanes.InterleaveHigh, Sse2.UnpackHigh),
        ["InterleaveLow32"] = (PortableLanes.InterleaveLow32, (a, b) => Sse2.UnpackLow(a.AsInt32(), b.AsInt32()).AsInt16()),
        ["InterleaveHigh32"] = (PortableLanes.InterleaveHigh32, (a, b) => Sse2.UnpackHigh(a.AsInt32(), b.AsInt32()).AsInt16()),
        ["InterleaveLow64"] = (PortableLanes.InterleaveLow64, (a, b) => Sse2.UnpackLow(a.AsInt64(), b.AsInt64()).AsInt16()),
        ["InterleaveHigh64"] = (PortableLanes.InterleaveHigh64, (a, b) => Sse2.UnpackHigh(a.AsInt64(), b.AsInt64()).AsInt16()),
        ["MultiplyAddAdjacent"] = (PortableLanes.MultiplyAddAdjacent, (a, b) => Sse2.MultiplyAddAdjacent(a, b).AsInt16()),
        ["Narrow32"] = (PortableLanes.Narrow32, (a, b) => Sse2.PackSignedSaturate(a.AsInt32(), b.AsInt32())),
    };

    [SkippableTheory]
    [MemberData(nameof(Operations))]
    public void EqualsSse2(string name)
    {
        Skip.IfNot(Sse2.IsSupported, "no SSE2 to compare with");
        var (portable, sse) = operations[name];
        var random = new Random(5);
        short[] special = [0, 1, -1, short.MinValue, short.MaxValue, 255, 256];
        for (int trial = 0; trial < 2000; trial++)
        {
            V a = Next(), b = Next();
            Assert.Equal(sse(a, b), portable(a, b));
        }

        V Next()
        {
            Span<short> lanes = stackalloc short[8];
            foreach (ref short lane in lanes)
                lane = random.Next(4) == 0 ? special[random.Next(special.Length)] : (short)random.Next(-32768, 32768);
            return Vector128.Create<short>(lanes);
        }
    }
}
