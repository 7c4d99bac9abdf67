using System.Globalization;

namespace JpegQualityEstimation.Cuda.Runtime;

/// <summary>Storage of a bfloat16: the upper half of a single. Conversions round to nearest, ties to even.</summary>
readonly record struct BFloat16(ushort Bits)
{
    public static explicit operator BFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value))
            return new BFloat16((ushort)((bits >> 16) | 0x40));
        return new BFloat16((ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16));
    }

    public static explicit operator float(BFloat16 value) => BitConverter.UInt32BitsToSingle((uint)value.Bits << 16);

    public override string ToString() => ((float)this).ToString(CultureInfo.InvariantCulture);
}
