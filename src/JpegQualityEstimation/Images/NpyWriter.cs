using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace JpegQualityEstimation.Images;

// NpyWriter: arrays as NumPy files, version 1.0: magic, header dictionary padded to 64 bytes, then the values
// row-major and little-endian. Source: numpy/lib/format.py (NEP 1).

/// <summary>Writes arrays as NumPy .npy files (version 1.0, row-major, little-endian).</summary>
public static class NpyWriter
{
    /// <summary>Writes float32 values.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="values">The values, last index fastest.</param>
    /// <param name="shape">Extents; their product is the number of values.</param>
    /// <exception cref="ArgumentException">The shape does not fit the values.</exception>
    public static void Write(Stream stream, ReadOnlySpan<float> values, ReadOnlySpan<int> shape) => Write(stream, values, shape, "<f4");

    /// <summary>Writes int16 values.</summary>
    /// <inheritdoc cref="Write(Stream, ReadOnlySpan{float}, ReadOnlySpan{int})"/>
    public static void Write(Stream stream, ReadOnlySpan<short> values, ReadOnlySpan<int> shape) => Write(stream, values, shape, "<i2");

    /// <summary>Writes uint8 values.</summary>
    /// <inheritdoc cref="Write(Stream, ReadOnlySpan{float}, ReadOnlySpan{int})"/>
    public static void Write(Stream stream, ReadOnlySpan<byte> values, ReadOnlySpan<int> shape) => Write(stream, values, shape, "|u1");

    /// <summary>The header of float32 values that the caller writes behind it, a part at a time.</summary>
    internal static void WriteFloatHeader(Stream stream, ReadOnlySpan<int> shape) => WriteHeader(stream, shape, "<f4");

    static void Write<T>(Stream stream, ReadOnlySpan<T> values, ReadOnlySpan<int> shape, string type)
        where T : unmanaged
    {
        long count = 1;
        foreach (int extent in shape)
            count = checked(count * extent);
        if (count != values.Length)
            throw new ArgumentException($"shape ({string.Join(", ", shape.ToArray())}) needs {count} values, got {values.Length}", nameof(shape));
        WriteHeader(stream, shape, type);
        stream.Write(MemoryMarshal.AsBytes(values));
    }

    static void WriteHeader(Stream stream, ReadOnlySpan<int> shape, string type)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException(".npy files are written on little-endian machines only");
        StringBuilder extents = new();
        foreach (int extent in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(extent, nameof(shape));
            extents.Append(CultureInfo.InvariantCulture, $"{extent}, ");
        }
        string tuple = shape.Length == 1 ? $"({shape[0]},)" : $"({extents.ToString().TrimEnd(',', ' ')})";
        string header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': {tuple}, }}";
        int padded = (10 + header.Length + 1 + 63) / 64 * 64;
        byte[] head = new byte[padded];
        ReadOnlySpan<byte> magic = [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0];
        magic.CopyTo(head);
        head[8] = (byte)((padded - 10) & 255);
        head[9] = (byte)((padded - 10) >> 8);
        head.AsSpan(10).Fill((byte)' ');
        Encoding.ASCII.GetBytes(header, head.AsSpan(10));
        head[^1] = (byte)'\n';
        stream.Write(head);
    }
}
