using System.Text;

namespace JpegQualityEstimation.Tool;

// Names from standard input, one a line, or each ended by a zero byte as find -print0 writes them. A name is asked for when
// the one before is answered; the wait for it ends where a stop is asked for, though its writer is silent.
sealed class NameReader(TextReader input, bool zeroEnded, CancellationToken stop)
{
    readonly StringBuilder name = new();

    public IEnumerable<string> Names()
    {
        while (Next() is { } next)
            if (next.Length > 0)
                yield return next;
    }

    string? Next()
    {
        Task<string?> read = Task.Run(() => zeroEnded ? UpToZero() : input.ReadLine());
        Task.WaitAny([read], stop);
        return read.GetAwaiter().GetResult();
    }

    string? UpToZero()
    {
        name.Clear();
        int next;
        while ((next = input.Read()) > 0)
            name.Append((char)next);
        return next < 0 && name.Length == 0 ? null : name.ToString();
    }
}
