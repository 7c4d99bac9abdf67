using System.Numerics;

namespace JpegQualityEstimation.Images.Bmp;

/// <summary>The bits of one colour in a pixel of 16 or 32 bits, spread over 0..255: round(v * 255 / largest).</summary>
readonly struct BmpMask(uint mask)
{
    readonly int _shift = mask == 0 ? 0 : BitOperations.TrailingZeroCount(mask);

    readonly ulong _largest = mask == 0 ? 1 : mask >> BitOperations.TrailingZeroCount(mask);

    public bool IsContiguous => (_largest & _largest + 1) == 0 || mask == 0;

    public byte Sample(uint pixel)
    {
        ulong value = (pixel & mask) >> _shift;
        return _largest == 255 ? (byte)value : (byte)((value * 255 + _largest / 2) / _largest);
    }
}
