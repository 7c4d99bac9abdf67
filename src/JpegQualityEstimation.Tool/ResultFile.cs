using System.Text;

namespace JpegQualityEstimation.Tool;

// --results FILE: JSON lines appended to a file that belongs to one run at a time, so that a run that was killed goes on
// where it was: a last line without its end is cut off, and what stands there is known.
sealed class ResultFile : IDisposable
{
    static ReadOnlySpan<byte> Beginning => "{\"file\":"u8;

    readonly FileStream stream;

    public ResultFile(string path, ReportedNames reported)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            // FileShare.None: a lock on the file, on Unix too.
            stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"--results {path}: {Failure.Of(e)}");
        }
        catch (IOException e)
        {
            // Another run holds it, or the disk is not there: not the command's fault.
            throw new OutputException($"--results {path}: {e.Message}", ExitStatus.OutputFailed);
        }
        RequireResults(path);
        stream.SetLength(WholeLines());
        stream.Position = 0;
        reported.Read(stream);
        stream.Position = stream.Length;
        Writer = new StreamWriter(stream, new UTF8Encoding(false), bufferSize: 1 << 16);
    }

    public TextWriter Writer { get; }

    public void Dispose() => Writer.Dispose();

    // What was named by mistake is not cut.
    void RequireResults(string path)
    {
        Span<byte> start = stackalloc byte[Beginning.Length];
        int length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (start[..length].SequenceEqual(Beginning[..length]))
            return;
        stream.Dispose();
        throw new UsageException($"--results {path}: holds something else than this tool's JSON lines");
    }

    // Bytes up to the last end of a line.
    long WholeLines()
    {
        byte[] block = new byte[1 << 16];
        for (long end = stream.Length; end > 0;)
        {
            long begin = Math.Max(0, end - block.Length);
            stream.Position = begin;
            Span<byte> bytes = block.AsSpan(0, (int)(end - begin));
            stream.ReadExactly(bytes);
            int last = bytes.LastIndexOf((byte)'\n');
            if (last >= 0)
                return begin + last + 1;
            end = begin;
        }
        return 0;
    }
}
