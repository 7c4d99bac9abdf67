using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace JpegQualityEstimation.Training;

// ScaledRow: one row of RGB values through the taps of an axis, sixteen output values at a time where AVX-512 is there.
//   to[3i + c] = sum over k of weight[i,k] * from[3 (first[i] - origin + k) + c]
// Sixteen values, which belong to five or six pixels, are picked from 32 neighbours by one table for all k; a pixel with fewer
// taps than its neighbours adds zeros. Multiplied, then added, in the order of k: the same bits as pixel by pixel.
sealed class ScaledRow
{
    const int Lanes = 16;

    /// <summary>Floats behind a row that are read, and multiplied by zero.</summary>
    public const int Slack = 2 * Lanes + 16;

    readonly List<Part> parts = [];
    int[] places = [];
    float[] weights = [];

    /// <summary>Takes in an axis of "count" outputs; false: not here, or pixels lie too far apart.</summary>
    public bool Set(ResampleTaps taps, int count, int origin)
    {
        int values = 3 * count;
        if (!Avx512F.IsSupported || values < Lanes)
            return false;
        parts.Clear();
        int vectors = (values + Lanes - 1) / Lanes;
        if (places.Length < vectors * Lanes)
            places = new int[vectors * Lanes];
        int used = 0;
        for (int v = 0; v < vectors; v++)
        {
            int at = Math.Min(v * Lanes, values - Lanes), most = 0;
            int start = Place(at);
            for (int l = 0; l < Lanes; l++)
            {
                int place = Place(at + l) - start;
                if (place is < 0 or >= 2 * Lanes)
                    return false;
                places[v * Lanes + l] = place;
                most = Math.Max(most, taps.Weights((at + l) / 3).Length);
            }
            if (weights.Length < used + most * Lanes)
                Array.Resize(ref weights, 2 * (used + most * Lanes));
            for (int l = 0; l < Lanes; l++)
            {
                ReadOnlySpan<float> own = taps.Weights((at + l) / 3);
                for (int k = 0; k < most; k++)
                    weights[used + k * Lanes + l] = k < own.Length ? own[k] : 0;
            }
            parts.Add(new Part(at, start, used, most));
            used += most * Lanes;
        }
        return true;

        int Place(int value) => 3 * (taps.First(value / 3) - origin) + value % 3;
    }

    /// <param name="from">The row from the origin on, and <see cref="Slack"/> floats that are numbers.</param>
    /// <param name="to">As many values as outputs.</param>
    public void Apply(ReadOnlySpan<float> from, Span<float> to)
    {
        ref float source = ref MemoryMarshal.GetReference(from), weight = ref MemoryMarshal.GetArrayDataReference(weights);
        ReadOnlySpan<int> table = places;
        foreach (ref readonly Part part in CollectionsMarshal.AsSpan(parts))
        {
            Vector512<int> place = Vector512.Create(table.Slice(0, Lanes));
            table = table[Lanes..];
            Vector512<float> sum = Vector512<float>.Zero;
            // The last tap of the part reads up to here.
            _ = from[part.Start + 3 * (part.Taps - 1) + 2 * Lanes - 1];
            for (int k = 0; k < part.Taps; k++)
            {
                nuint at = (nuint)(part.Start + 3 * k);
                Vector512<float> values = Avx512F.PermuteVar16x32x2(Vector512.LoadUnsafe(ref source, at), place, Vector512.LoadUnsafe(ref source, at + Lanes));
                sum += Vector512.LoadUnsafe(ref weight, (nuint)(part.Weights + k * Lanes)) * values;
            }
            sum.CopyTo(to[part.At..]);
        }
    }

    readonly record struct Part(int At, int Start, int Weights, int Taps);
}
