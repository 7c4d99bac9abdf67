using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace JpegQualityEstimation.Images.Png;

// Undoing Sub, Average and Paeth a pixel at a time: the bytes of a pixel in the 16-bit lanes of one vector, the left
// and the above-left pixel kept in registers, so that the chain from pixel to pixel is a few instructions without
// branches. Eight bytes are loaded ahead (never what was stored before), just the pixel's bytes are stored.

static partial class PngFilter
{
    /// <summary>Undoes the filter from the left; returns the first byte that is left to do.</summary>
    static int UndoPixels(int type, Span<byte> row, ReadOnlySpan<byte> above, int step) => !BitConverter.IsLittleEndian ? 0 : step switch
    {
        3 => UndoPixels<Bytes3>(type, row, above),
        4 => UndoPixels<Bytes4>(type, row, above),
        6 => UndoPixels<Bytes6>(type, row, above),
        8 => UndoPixels<Bytes8>(type, row, above),
        _ => 0,
    };

    static int UndoPixels<TPixel>(int type, Span<byte> row, ReadOnlySpan<byte> above)
        where TPixel : struct, IPixelBytes => type switch
        {
            1 => UndoPixels<TPixel, Left>(row, above),
            3 => UndoPixels<TPixel, Average>(row, above),
            _ => UndoPixels<TPixel, Nearest>(row, above),
        };

    static int UndoPixels<TPixel, TPrediction>(Span<byte> row, ReadOnlySpan<byte> above)
        where TPixel : struct, IPixelBytes
        where TPrediction : struct, IPrediction
    {
        ref byte target = ref MemoryMarshal.GetReference(row);
        ref byte upper = ref MemoryMarshal.GetReference(above[..row.Length]);
        Vector128<short> a = Vector128<short>.Zero;
        Vector128<short> c = Vector128<short>.Zero;
        int i = 0;
        for (; i + sizeof(ulong) <= row.Length; i += TPixel.Count)
        {
            Vector128<short> b = Load(ref Unsafe.Add(ref upper, i));
            Vector128<short> raw = Load(ref Unsafe.Add(ref target, i));
            a = raw + TPrediction.Of(a, b, c) & Vector128.Create((short)0xFF);
            c = b;
            TPixel.Store(ref Unsafe.Add(ref target, i), Vector128.Narrow(a, a).AsUInt64().ToScalar());
        }
        return i;
    }

    static Vector128<short> Load(ref byte from) =>
        Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(ref from)).AsByte()).AsInt16();

    /// <summary>Prediction from left a, above b, above-left c; lanes of 0..255.</summary>
    interface IPrediction
    {
        static abstract Vector128<short> Of(Vector128<short> a, Vector128<short> b, Vector128<short> c);
    }

    readonly struct Left : IPrediction
    {
        public static Vector128<short> Of(Vector128<short> a, Vector128<short> b, Vector128<short> c) => a;
    }

    readonly struct Average : IPrediction
    {
        public static Vector128<short> Of(Vector128<short> a, Vector128<short> b, Vector128<short> c) => a + b >>> 1;
    }

    readonly struct Nearest : IPrediction
    {
        public static Vector128<short> Of(Vector128<short> a, Vector128<short> b, Vector128<short> c)
        {
            Vector128<short> toA = b - c;
            Vector128<short> toB = a - c;
            Vector128<short> toC = Vector128.Abs(toA + toB);
            (toA, toB) = (Vector128.Abs(toA), Vector128.Abs(toB));
            Vector128<short> least = Vector128.Min(toC, Vector128.Min(toA, toB));
            return Vector128.ConditionalSelect(
                Vector128.Equals(least, toA), a, Vector128.ConditionalSelect(Vector128.Equals(least, toB), b, c));
        }
    }

    interface IPixelBytes
    {
        static abstract int Count { get; }

        static abstract void Store(ref byte target, ulong pixel);
    }

    readonly struct Bytes3 : IPixelBytes
    {
        public static int Count => 3;

        public static void Store(ref byte target, ulong pixel)
        {
            Unsafe.WriteUnaligned(ref target, (ushort)pixel);
            Unsafe.Add(ref target, 2) = (byte)(pixel >> 16);
        }
    }

    readonly struct Bytes4 : IPixelBytes
    {
        public static int Count => 4;

        public static void Store(ref byte target, ulong pixel) => Unsafe.WriteUnaligned(ref target, (uint)pixel);
    }

    readonly struct Bytes6 : IPixelBytes
    {
        public static int Count => 6;

        public static void Store(ref byte target, ulong pixel)
        {
            Unsafe.WriteUnaligned(ref target, (uint)pixel);
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, 4), (ushort)(pixel >> 32));
        }
    }

    readonly struct Bytes8 : IPixelBytes
    {
        public static int Count => 8;

        public static void Store(ref byte target, ulong pixel) => Unsafe.WriteUnaligned(ref target, pixel);
    }
}
