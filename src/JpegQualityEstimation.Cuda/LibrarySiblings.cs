using System.Runtime.InteropServices;

namespace JpegQualityEstimation.Cuda;

// LibrarySiblings: cuDNN and cuBLAS are split into libraries that load each other by bare name when first needed. In a
// folder that the loader does not search (a Python wheel's) they find each other by their run path where they have one, and
// not at all where somebody copied them. What is loaded already is found by its name, so those that lie beside a library
// that was found by path, or in the wheels next to it, are loaded before it. What cannot be loaded is left to the library.
static class LibrarySiblings
{
    // In the order of who needs whom.
    static readonly string[] Cublas = ["cublasLt"];
    static readonly string[] Cudnn =
        ["cublasLt", "cublas", "cudnn_graph", "cudnn_ops", "cudnn_heuristic", "cudnn_engines_runtime_compiled", "cudnn_engines_precompiled", "cudnn_cnn"];

    /// <summary>Loads what a library at this path will look for; nothing where it was found by bare name.</summary>
    public static void Load(string path)
    {
        if (!Path.IsPathRooted(path) || Path.GetDirectoryName(path) is not { } folder)
            return;
        string file = Path.GetFileName(path);
        if (file.Contains("cudnn", StringComparison.OrdinalIgnoreCase))
            Load(folder, Cudnn);
        else if (file.Contains("cublas", StringComparison.OrdinalIgnoreCase))
            Load(folder, Cublas);
    }

    static void Load(string folder, string[] names)
    {
        // The compiler of run-time kernels has a wheel of its own.
        foreach (string name in (string[])["nvrtc", .. names])
            foreach (string place in Places(folder))
                if (Directory.Exists(place) && First(place, name) is { } found)
                {
                    NativeLibrary.TryLoad(found, out _);
                    break;
                }
    }

    // The folder itself, then nvidia/*/lib beside nvidia/cudnn/lib.
    static IEnumerable<string> Places(string folder)
    {
        yield return folder;
        string? wheel = Path.GetDirectoryName(folder), wheels = Path.GetDirectoryName(wheel);
        if (wheels is null || Path.GetFileName(wheels) != "nvidia")
            yield break;
        foreach (string other in Directory.EnumerateDirectories(wheels).Order(StringComparer.Ordinal))
            yield return Path.Combine(other, Path.GetFileName(folder));
    }

    static string? First(string folder, string name) => OperatingSystem.IsWindows()
        ? Directory.EnumerateFiles(folder, $"{name}64_*.dll").Order(StringComparer.Ordinal).FirstOrDefault()
        : Directory.EnumerateFiles(folder, $"lib{name}.so.*").Order(StringComparer.Ordinal).FirstOrDefault(IsVersioned);

    // libcudnn_ops.so.9, not libcudnn_ops.so.9.10.2, which is the same under a name that nobody asks for.
    static bool IsVersioned(string path)
    {
        string version = path[(path.LastIndexOf(".so.", StringComparison.Ordinal) + 4)..];
        return version.Length is 1 or 2 or 4 && version.All(c => char.IsAsciiDigit(c) || c == '.');
    }
}
