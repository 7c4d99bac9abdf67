using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using JpegQualityEstimation.Images;

namespace JpegQualityEstimation.Jpeg;

// PixelInterleave.Vector: bytes move by index tables, one set a format, made once.
//   128 bits: 16 pixels a step; an output vector is the union of shuffles of all inputs (an index of 0x80 gives 0)
//   512 bits (AVX-512 VBMI): 32 pixels a step; an index picks from 128 bytes at once
// The last step overlaps the one before it. Rows shorter than a step go pixel by pixel.
static partial class PixelInterleave
{
    static readonly Shuffles[] shuffles =
    [
        .. new[] { PixelFormat.Rgb24, PixelFormat.Bgr24, PixelFormat.Rgba32, PixelFormat.Bgra32 }.Select(format => new Shuffles(format)),
    ];

    public static void Split(
        ReadOnlySpan<byte> pixels, PixelFormat format, Span<byte> red, Span<byte> green, Span<byte> blue, bool wide)
    {
        int count = red.Length;
        int step = wide && Avx512Vbmi.IsSupported ? 32 : 16;
        if (count < step)
        {
            if (step == 32 && count >= 16)
                Split(pixels, format, red, green, blue, wide: false);
            else
                Split(pixels, format, red, green, blue);
            return;
        }
        Shuffles tables = shuffles[(int)format - 1];
        ref byte source = ref MemoryMarshal.GetReference(pixels[..(count * tables.Bytes)]);
        ref byte r = ref MemoryMarshal.GetReference(red);
        ref byte g = ref MemoryMarshal.GetReference(green[..count]);
        ref byte b = ref MemoryMarshal.GetReference(blue[..count]);
        for (int done = 0; done < count; done += step)
        {
            int i = Math.Min(done, count - step);
            ref byte from = ref Unsafe.Add(ref source, i * tables.Bytes);
            if (step == 32)
                tables.Split32(ref from, ref Unsafe.Add(ref r, i), ref Unsafe.Add(ref g, i), ref Unsafe.Add(ref b, i));
            else
                tables.Split16(ref from, ref Unsafe.Add(ref r, i), ref Unsafe.Add(ref g, i), ref Unsafe.Add(ref b, i));
        }
    }

    public static void Join(
        ReadOnlySpan<byte> red, ReadOnlySpan<byte> green, ReadOnlySpan<byte> blue, Span<byte> pixels, PixelFormat format, bool wide)
    {
        int count = red.Length;
        int step = wide && Avx512Vbmi.IsSupported ? 32 : 16;
        if (count < step)
        {
            if (step == 32 && count >= 16)
                Join(red, green, blue, pixels, format, wide: false);
            else
                Join(red, green, blue, pixels, format);
            return;
        }
        Shuffles tables = shuffles[(int)format - 1];
        ref byte target = ref MemoryMarshal.GetReference(pixels[..(count * tables.Bytes)]);
        ref byte r = ref MemoryMarshal.GetReference(red);
        ref byte g = ref MemoryMarshal.GetReference(green[..count]);
        ref byte b = ref MemoryMarshal.GetReference(blue[..count]);
        for (int done = 0; done < count; done += step)
        {
            int i = Math.Min(done, count - step);
            ref byte to = ref Unsafe.Add(ref target, i * tables.Bytes);
            if (step == 32)
                tables.Join32(ref Unsafe.Add(ref r, i), ref Unsafe.Add(ref g, i), ref Unsafe.Add(ref b, i), ref to);
            else
                tables.Join16(ref Unsafe.Add(ref r, i), ref Unsafe.Add(ref g, i), ref Unsafe.Add(ref b, i), ref to);
        }
    }

    sealed class Shuffles
    {
        readonly Vector128<byte>[] split;  // [channel, input vector]
        readonly Vector128<byte>[] join;   // [output vector, channel], channel 3 holds the alpha bytes themselves
        readonly Vector512<byte> splitRedGreen, splitBlue, joinFirst, joinSecond;

        public Shuffles(PixelFormat format)
        {
            var (red, green, blue, bytes) = Layout(format);
            Bytes = bytes;
            int[] offsets = [red, green, blue];
            split = new Vector128<byte>[3 * bytes];
            join = new Vector128<byte>[4 * bytes];
            for (int vector = 0; vector < bytes; vector++)
            {
                for (int channel = 0; channel < 3; channel++)
                {
                    split[channel * bytes + vector] = Table16(i => Inside(i * bytes + offsets[channel] - vector * 16));
                    join[vector * 4 + channel] = Table16(i =>
                        (vector * 16 + i) % bytes == offsets[channel] ? (vector * 16 + i) / bytes : 0x80);
                }
                join[vector * 4 + 3] = Table16(i => (vector * 16 + i) % bytes == 3 ? 255 : 0);
            }
            splitRedGreen = Table64(i => i % 32 * bytes + (i < 32 ? red : green));
            splitBlue = Table64(i => i % 32 * bytes + blue);
            joinFirst = Table64(JoinIndex);
            joinSecond = Table64(i => JoinIndex(64 + i));

            // Red at 0, green at 32, blue at 64, alpha at 96 of the 128 bytes.
            int JoinIndex(int i) => (i / bytes % 32) + 32 * (i % bytes == red ? 0 : i % bytes == green ? 1 : i % bytes == blue ? 2 : 3);

            static int Inside(int index) => index is >= 0 and < 16 ? index : 0x80;
        }

        public int Bytes { get; }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Split16(ref byte pixels, ref byte red, ref byte green, ref byte blue)
        {
            Vector128<byte> a = Vector128.LoadUnsafe(ref pixels);
            Vector128<byte> b = Vector128.LoadUnsafe(ref pixels, 16);
            Vector128<byte> c = Vector128.LoadUnsafe(ref pixels, 32);
            Vector128<byte> d = Bytes == 4 ? Vector128.LoadUnsafe(ref pixels, 48) : default;
            Gather(0).StoreUnsafe(ref red);
            Gather(1).StoreUnsafe(ref green);
            Gather(2).StoreUnsafe(ref blue);

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            Vector128<byte> Gather(int channel)
            {
                int first = channel * Bytes;
                Vector128<byte> three = Vector128.ShuffleNative(a, split[first])
                    | Vector128.ShuffleNative(b, split[first + 1])
                    | Vector128.ShuffleNative(c, split[first + 2]);
                return Bytes == 4 ? three | Vector128.ShuffleNative(d, split[first + 3]) : three;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Join16(ref byte red, ref byte green, ref byte blue, ref byte pixels)
        {
            Vector128<byte> r = Vector128.LoadUnsafe(ref red), g = Vector128.LoadUnsafe(ref green), b = Vector128.LoadUnsafe(ref blue);
            for (int vector = 0; vector < Bytes; vector++)
            {
                Vector128<byte> joined = Vector128.ShuffleNative(r, join[vector * 4])
                    | Vector128.ShuffleNative(g, join[vector * 4 + 1])
                    | Vector128.ShuffleNative(b, join[vector * 4 + 2]);
                (joined | join[vector * 4 + 3]).StoreUnsafe(ref pixels, (nuint)vector * 16);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Split32(ref byte pixels, ref byte red, ref byte green, ref byte blue)
        {
            Vector512<byte> low = Vector512.LoadUnsafe(ref pixels);
            Vector512<byte> high = Bytes == 4
                ? Vector512.LoadUnsafe(ref pixels, 64)
                : Vector256.LoadUnsafe(ref pixels, 64).ToVector512Unsafe();
            Vector512<byte> redGreen = Avx512Vbmi.PermuteVar64x8x2(low, splitRedGreen, high);
            redGreen.GetLower().StoreUnsafe(ref red);
            redGreen.GetUpper().StoreUnsafe(ref green);
            Avx512Vbmi.PermuteVar64x8x2(low, splitBlue, high).GetLower().StoreUnsafe(ref blue);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Join32(ref byte red, ref byte green, ref byte blue, ref byte pixels)
        {
            Vector512<byte> redGreen = Vector512.Create(Vector256.LoadUnsafe(ref red), Vector256.LoadUnsafe(ref green));
            Vector512<byte> blueAlpha = Vector512.Create(Vector256.LoadUnsafe(ref blue), Vector256<byte>.AllBitsSet);
            Avx512Vbmi.PermuteVar64x8x2(redGreen, joinFirst, blueAlpha).StoreUnsafe(ref pixels);
            Vector512<byte> rest = Avx512Vbmi.PermuteVar64x8x2(redGreen, joinSecond, blueAlpha);
            if (Bytes == 4)
                rest.StoreUnsafe(ref pixels, 64);
            else
                rest.GetLower().StoreUnsafe(ref pixels, 64);
        }

        static Vector128<byte> Table16(Func<int, int> index)
        {
            Span<byte> bytes = stackalloc byte[16];
            for (int i = 0; i < 16; i++)
                bytes[i] = (byte)index(i);
            return Vector128.Create<byte>(bytes);
        }

        static Vector512<byte> Table64(Func<int, int> index)
        {
            Span<byte> bytes = stackalloc byte[64];
            for (int i = 0; i < 64; i++)
                bytes[i] = (byte)index(i);
            return Vector512.Create<byte>(bytes);
        }
    }
}
