using System.Runtime.InteropServices;

namespace JpegQualityEstimation.Cuda;

// One search. The place that the variable names is an explicit wish: nothing else stands in for it. Without it every name is
// tried by the loader's own rules, then below the usual folders.
static class NativeLibrarySearch
{
    public static NativeLibraryReport Find(
        string library, string[] names, string? variable, IReadOnlyList<string> folders, Func<nint, string?> version)
    {
        var tried = new List<string>();
        foreach (string candidate in Candidates(names, variable, folders, tried))
        {
            LibrarySiblings.Load(candidate);
            if (TryLoad(candidate, out nint handle, out string reason))
                return new NativeLibraryReport(library, candidate, version(handle), tried) { Handle = handle };
            tried.Add($"{candidate}: {reason}");
        }
        return new NativeLibraryReport(library, null, null, tried);
    }

    static IEnumerable<string> Candidates(string[] names, string? variable, IReadOnlyList<string> folders, List<string> tried)
    {
        if (variable is not null && Environment.GetEnvironmentVariable(variable) is { Length: > 0 } place)
        {
            if (!Directory.Exists(place))
                yield return place;
            else
                foreach (string name in names)
                    yield return Path.Combine(place, name);
            tried.Add($"{variable}: names this place, so no other was tried");
            yield break;
        }
        foreach (string name in names)
            yield return name;
        if (variable is not null)
            tried.Add($"{variable}: not set");
        foreach (string folder in folders)
            foreach (string path in names.Select(name => Path.Combine(folder, name)).Where(File.Exists))
                yield return path;
        if (folders.Count > 0)
            tried.Add($"usual folders: not in {string.Join(", ", folders)}");
    }

    public static bool TryLoad(string candidate, out nint handle, out string reason)
    {
        reason = "";
        if (NativeLibrary.TryLoad(candidate, out handle))
            return true;
        try
        {
            // Only Load tells why.
            handle = NativeLibrary.Load(candidate);
            return true;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            reason = Reason(candidate, e.Message);
            return false;
        }
    }

    // The loader's own sentence about this very name, out of a message that lists every spelling it tried.
    static string Reason(string candidate, string message)
    {
        string[] lines = message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string prefix = candidate + ": ";
        string line = lines.FirstOrDefault(l => l.StartsWith(prefix, StringComparison.Ordinal)) ?? lines[0];
        return line.StartsWith(prefix, StringComparison.Ordinal) ? line[prefix.Length..] : line;
    }
}
