using System.Text;

namespace JpegQualityEstimation.Tool;

// UTF-8 text of a stream, each read one read of the stream: what has come is there, where a StreamReader may wait for more.
// What is not UTF-8 becomes U+FFFD; a byte order mark is dropped.
// The stream is opened when something is read: few runs do.
sealed class StandardInput(Func<Stream> open) : TextReader
{
    const char Mark = '\uFEFF';

    readonly Decoder decoder = Encoding.UTF8.GetDecoder();
    readonly byte[] bytes = new byte[1 << 13];
    Stream? stream;
    bool begun;

    public StandardInput(Stream stream)
        : this(() => stream)
    {
    }

    public override int Read(char[] buffer, int index, int count)
    {
        // What is left of a letter that was cut adds less than the bytes of a letter.
        int room = Math.Min(bytes.Length, count - 4);
        ArgumentOutOfRangeException.ThrowIfLessThan(room, 1, nameof(count));
        stream ??= open();
        while (true)
        {
            int length = stream.Read(bytes, 0, room);
            int chars = decoder.GetChars(bytes, 0, length, buffer, index, flush: length == 0);
            if (chars > 0 && !begun)
            {
                begun = true;
                if (buffer[index] == Mark)
                    Array.Copy(buffer, index + 1, buffer, index, --chars);
            }
            if (chars > 0 || length == 0)
                return chars;
        }
    }

    protected override void Dispose(bool disposing)
    {
        stream?.Dispose();
        base.Dispose(disposing);
    }
}
