using System.IO.Compression;

namespace JpegQualityEstimation.Images.Tiff;

// Deflate in TIFF: a zlib stream for each block. Its checksum is looked at only where a byte more is asked for,
// which it is; surplus bytes are ignored. Source: Adobe TIFF technical note "Photoshop" (2002), compression 8.

static class TiffInflate
{
    public static unsafe void Unpack(EncodedImage file, int offset, int length, Span<byte> target)
    {
        fixed (byte* bytes = file.Bytes)
        {
            using PinnedBytesStream compressed = new(bytes, [(offset, length)]);
            using ZLibStream inflated = new(compressed, CompressionMode.Decompress);
            try
            {
                int done = inflated.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
                if (done < target.Length)
                    throw file.Truncated(offset, $"the compressed data ends after {done} of {target.Length} bytes");
                inflated.ReadByte();
            }
            // IOException: a stream that asks for a preset dictionary; the bytes themselves lie in memory.
            catch (Exception e) when (e is InvalidDataException or IOException)
            {
                throw file.Corrupt(offset, $"the compressed data is damaged ({e.Message.TrimEnd('.')})");
            }
        }
    }
}
