using System.Buffers.Binary;

namespace JpegQualityEstimation.Images.Png;

// PngDataStream: what is written to it comes out as IDAT chunks of 64 KiB, the last one shorter.

sealed class PngDataStream(Stream target) : Stream
{
    readonly byte[] _chunk = new byte[1 << 16];
    int _used;

    public static void WriteChunk(Stream target, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        target.Write(number);
        target.Write(type);
        target.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, PngCrc.Of(type, data));
        target.Write(number);
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int count = Math.Min(buffer.Length, _chunk.Length - _used);
            buffer[..count].CopyTo(_chunk.AsSpan(_used));
            buffer = buffer[count..];
            _used += count;
            if (_used == _chunk.Length)
                Emit();
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && _used > 0)
            Emit();
        base.Dispose(disposing);
    }

    void Emit()
    {
        WriteChunk(target, "IDAT"u8, _chunk.AsSpan(0, _used));
        _used = 0;
    }
}
