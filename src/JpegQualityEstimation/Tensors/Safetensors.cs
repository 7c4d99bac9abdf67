using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace JpegQualityEstimation.Tensors;

// Safetensors: a weight file that holds no code.
//
//   u64 little-endian   n, the length of the header (at most 100,000,000)
//   n bytes             JSON: { "__metadata__": {text: text}, NAME: {"dtype", "shape", "data_offsets": [begin, end]} ... }
//   the rest            the values, little-endian, row-major, without holes; offsets count from here
//
// Source: the format's own description in the README of huggingface/safetensors. Every number in the header is
// hostile until it has been compared with the length of the file; nothing is allocated that the file does not fill.

/// <summary>Reads and writes weight files in the safetensors format.</summary>
public static partial class Safetensors
{
    internal const int MaxHeaderBytes = 100_000_000;
    internal const int MaxRank = 8;

    /// <summary>Largest file that <see cref="Read(string)"/> and the stream reader accept, in bytes (1 GiB).</summary>
    public const long MaxFileBytes = 1L << 30;

    /// <summary>Reads a file of F32, F16 or BF16 tensors; the halves are widened, which is exact.</summary>
    /// <exception cref="WeightsFormatException">The bytes are not a safetensors file that this library reads.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static SafetensorsContent Read(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Read(stream, path);
    }

    /// <summary>Reads from the stream's position to its end.</summary>
    /// <param name="stream">What to read; it need not know its length.</param>
    /// <param name="name">What error messages and <see cref="SafetensorsContent.Name"/> call it.</param>
    /// <exception cref="WeightsFormatException">The bytes are not a safetensors file that this library reads.</exception>
    public static SafetensorsContent Read(Stream stream, string name)
    {
        using var bytes = new MemoryStream();
        byte[] chunk = new byte[1 << 16];
        for (int got; (got = stream.Read(chunk)) > 0;)
        {
            if (bytes.Length + got > MaxFileBytes)
                throw new WeightsFormatException(name, MaxFileBytes, $"the file is larger than {MaxFileBytes} bytes");
            bytes.Write(chunk, 0, got);
        }
        return Read(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), name);
    }

    /// <summary>Reads a file that is already in memory.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What error messages and <see cref="SafetensorsContent.Name"/> call it.</param>
    /// <exception cref="WeightsFormatException">The bytes are not a safetensors file that this library reads.</exception>
    public static SafetensorsContent Read(ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes.Length < 8)
            throw new WeightsFormatException(name, bytes.Length, "the file ends before the length of its header");
        ulong headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        if (headerBytes > MaxHeaderBytes)
            throw new WeightsFormatException(name, 0, $"a header of {headerBytes} bytes is not believable");
        if (headerBytes > (ulong)(bytes.Length - 8))
            throw new WeightsFormatException(name, 0, $"the header of {headerBytes} bytes is longer than the file");

        ReadOnlySpan<byte> header = bytes.Slice(8, (int)headerBytes);
        ReadOnlySpan<byte> values = bytes[(8 + (int)headerBytes)..];
        SafetensorsHeader parsed = SafetensorsHeader.Parse(header, name);
        long next = 0;
        var tensors = new List<Tensor>(parsed.Entries.Count);
        parsed.Entries.Sort(static (a, b) => a.Begin != b.Begin ? a.Begin.CompareTo(b.Begin) : a.End.CompareTo(b.End));
        foreach (SafetensorsEntry entry in parsed.Entries)
        {
            if (entry.Begin != next)
            {
                string what = entry.Begin < next ? "overlaps the one before it" : "leaves a hole before it";
                throw new WeightsFormatException(name, 8 + header.Length + next, $"tensor '{entry.Name}' {what}");
            }
            if (entry.End < entry.Begin || entry.End > values.Length)
                throw new WeightsFormatException(name, 8 + header.Length + entry.Begin,
                    $"tensor '{entry.Name}' [{entry.Begin}, {entry.End}) does not lie in the {values.Length} bytes of values");
            tensors.Add(Widen(entry, values[(int)entry.Begin..(int)entry.End], name));
            next = entry.End;
        }
        if (next != values.Length)
            throw new WeightsFormatException(name, 8 + header.Length + next, $"{values.Length - next} bytes belong to no tensor");
        return new SafetensorsContent(name, tensors, parsed.Metadata);
    }

    static Tensor Widen(SafetensorsEntry entry, ReadOnlySpan<byte> bytes, string name)
    {
        int size = entry.Type switch
        {
            "F32" => 4,
            "F16" or "BF16" => 2,
            _ => throw new WeightsFormatException(name, -1, $"tensor '{entry.Name}' is of type {entry.Type}; F32, F16 and BF16 are read"),
        };
        long count = 1;
        foreach (int extent in entry.Shape)
        {
            count *= extent;
            if (count > int.MaxValue)
                throw new WeightsFormatException(name, -1, $"tensor '{entry.Name}' [{string.Join(',', entry.Shape)}] is too large");
        }
        if (count * size != bytes.Length)
            throw new WeightsFormatException(name, -1,
                $"tensor '{entry.Name}' [{string.Join(',', entry.Shape)}] {entry.Type} needs {count * size} bytes, its offsets give {bytes.Length}");

        var values = new float[count];
        if (entry.Type == "F32" && BitConverter.IsLittleEndian)
            bytes.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        else
        {
            for (int i = 0; i < values.Length; i++)
                values[i] = entry.Type switch
                {
                    "F32" => BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]),
                    "F16" => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..]),
                    _ => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]) << 16),
                };
        }
        return new Tensor(entry.Name, entry.Shape, values);
    }
}
