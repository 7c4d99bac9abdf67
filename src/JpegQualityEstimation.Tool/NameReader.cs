using System.Text;

namespace JpegQualityEstimation.Tool;

// Names from standard input, one a line, or each ended by a zero byte as find -print0 writes them. More is read when all names
// that have come are answered; the wait for them ends where a stop is asked for, though their writer is silent.
sealed class NameReader(TextReader input, bool zeroEnded, CancellationToken stop)
{
    readonly char[] block = new char[1 << 13];
    readonly StringBuilder name = new();

    public IEnumerable<string> Names()
    {
        char end = zeroEnded ? '\0' : '\n';
        for (int length = Read(); length > 0; length = Read())
        {
            for (int from = 0; from < length;)
            {
                int at = Array.IndexOf(block, end, from, length - from);
                name.Append(block, from, (at < 0 ? length : at) - from);
                from = at < 0 ? length : at + 1;
                if (at >= 0 && Taken() is { Length: > 0 } whole)
                    yield return whole;
            }
        }
        if (Taken() is { Length: > 0 } last)
            yield return last;
    }

    // A thread of its own waits; it ends with the process.
    int Read()
    {
        Task<int> read = Task.Run(() => input.Read(block, 0, block.Length));
        Task.WaitAny([read], stop);
        return read.GetAwaiter().GetResult();
    }

    string Taken()
    {
        if (!zeroEnded && name.Length > 0 && name[^1] == '\r')
            name.Length--;
        string taken = name.ToString();
        name.Clear();
        return taken;
    }
}
