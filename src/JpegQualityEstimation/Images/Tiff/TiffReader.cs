using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace JpegQualityEstimation.Images.Tiff;

// TiffReader: gray, RGB and palette pictures, strips and tiles, chunky and planar, uncompressed, LZW, Deflate and
// PackBits. The first page only. All blocks are checked against the file and against the largest ratio of their
// compression before the picture is allocated; one block at a time is unpacked.

static class TiffReader
{
    public static ImageBuffer Read(EncodedImage file)
    {
        TiffDirectory directory = new(file);
        TiffLayout layout = TiffLayout.Read(file, directory);
        TiffField offsets = directory.Find(layout.Tiled ? TiffTag.TileOffsets : TiffTag.StripOffsets);
        TiffField lengths = directory.Find(layout.Tiled ? TiffTag.TileByteCounts : TiffTag.StripByteCounts);
        long planes = layout.Planar ? layout.ColourSamples : 1;
        long perPlane = (long)layout.BlocksAcross * layout.BlocksDown;
        for (long i = 0; i < planes * perPlane; i++)
            Block(file, directory, layout, offsets, lengths, i, perPlane);
        byte[] palette = layout.Photometric == TiffPhotometric.Palette ? TiffPixels.ReadPalette(directory, layout.Bits) : [];
        ImageBuffer image = file.Allocate(layout.Width, layout.Height, layout.Format);
        byte[] unpacked = layout.Compression == TiffCompression.None
            ? []
            : file.AllocateBytes(layout.BlockRowBytes * layout.StoredRows(0), "a block");
        TiffPixels pixels = new(layout, palette, image);
        for (long i = 0; i < planes * perPlane; i++)
        {
            (int offset, int length, int size) = Block(file, directory, layout, offsets, lengths, i, perPlane);
            long inPlane = i % perPlane;
            int down = (int)(inPlane / layout.BlocksAcross);
            int across = (int)(inPlane % layout.BlocksAcross);
            ReadOnlySpan<byte> block = layout.Compression == TiffCompression.None
                ? file.Bytes.Slice(offset, size)
                : Unpack(file, layout, offset, length, unpacked.AsSpan(0, size));
            pixels.Place(block, across, down, plane: (int)(i / perPlane));
        }
        return image;
    }

    /// <summary>Place and length in the file, and bytes once unpacked, of block number <paramref name="index"/>.</summary>
    static (int Offset, int Length, int Size) Block(
        EncodedImage file, TiffDirectory directory, TiffLayout layout, TiffField offsets, TiffField lengths, long index, long perPlane)
    {
        long offset = directory.Value(offsets, index);
        int down = (int)(index % perPlane / layout.BlocksAcross);
        long size = layout.BlockRowBytes * layout.StoredRows(down);
        if (layout.Compression == TiffCompression.None)
        {
            // Old writers leave the counts out; they say nothing that the size does not.
            file.Slice(offset, size, $"block {index}, which needs {size} bytes");
            return ((int)offset, (int)size, (int)size);
        }
        long length = directory.Value(lengths, index);
        file.Slice(offset, length, $"block {index} of {length} bytes");
        // The most that one byte can become: 128 from 2; 258 from 2 bits; a table of 4096 strings from 12 bits each.
        long ratio = layout.Compression switch
        {
            TiffCompression.PackBits => 64,
            TiffCompression.Lzw => 2736,
            _ => 1032,
        };
        if (size / ratio > length)
            throw file.Truncated(offset, $"block {index} of {length} bytes cannot hold {size}");
        // No sane encoder doubles its input: what lies beyond is never looked at, so overlapping blocks cost nothing.
        return ((int)offset, (int)Math.Min(length, 2 * size + 1024), (int)size);
    }

    static ReadOnlySpan<byte> Unpack(EncodedImage file, TiffLayout layout, int offset, int length, Span<byte> target)
    {
        switch (layout.Compression)
        {
            case TiffCompression.Lzw:
                TiffLzw.Unpack(file, offset, length, target);
                break;
            case TiffCompression.PackBits:
                TiffPackBits.Unpack(file, offset, length, target);
                break;
            default:
                TiffInflate.Unpack(file, offset, length, target);
                break;
        }
        if (layout.Differences)
        {
            int row = (int)layout.BlockRowBytes;
            for (int start = 0; start < target.Length; start += row)
                Integrate(target.Slice(start, row), layout);
        }
        return target;
    }

    static void Integrate(Span<byte> row, TiffLayout layout)
    {
        int step = layout.SamplesInBlock;
        if (layout.Bits == 8)
        {
            for (int i = step; i < row.Length; i++)
                row[i] += row[i - step];
            return;
        }
        Span<ushort> samples = MemoryMarshal.Cast<byte, ushort>(row);
        bool swap = layout.IsBigEndian == BitConverter.IsLittleEndian;
        if (swap)
            BinaryPrimitives.ReverseEndianness(samples, samples);
        for (int i = step; i < samples.Length; i++)
            samples[i] += samples[i - step];
        if (swap)
            BinaryPrimitives.ReverseEndianness(samples, samples);
    }
}
