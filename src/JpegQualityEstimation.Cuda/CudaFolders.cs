namespace JpegQualityEstimation.Cuda;

// Where CUDA toolkits, system packages and Python wheels put their libraries; only folders that exist.
static class CudaFolders
{
    public static IReadOnlyList<string> Of(string wheel)
    {
        var folders = new List<string>();
        bool windows = OperatingSystem.IsWindows();
        foreach (string variable in (string[])["CUDA_PATH", "CUDA_HOME"])
            if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } toolkit)
                folders.AddRange(windows ? [Path.Combine(toolkit, "bin"), Path.Combine(toolkit, "bin", "x64")] : [Path.Combine(toolkit, "lib64")]);
        if (!windows)
            folders.AddRange(["/usr/local/cuda/lib64", "/usr/local/cuda-13/lib64", "/usr/local/cuda-12/lib64"]);
        if (!windows && Environment.GetEnvironmentVariable("CONDA_PREFIX") is { Length: > 0 } conda)
            folders.Add(Path.Combine(conda, "lib"));
        foreach (string site in SitePackages(windows))
            folders.AddRange([
                Path.Combine(site, "nvidia", wheel, windows ? "bin" : "lib"),
                Path.Combine(site, "nvidia", "cu13", windows ? "bin" : "lib"),
            ]);
        return folders.Where(Directory.Exists).Distinct().ToArray();
    }

    static IEnumerable<string> SitePackages(bool windows)
    {
        // A user's own packages.
        if (!windows && Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home)
            foreach (string site in PythonsBelow(Path.Combine(home, ".local", "lib"), "site-packages"))
                yield return site;
        foreach (string root in PythonRoots(windows))
        {
            if (windows)
                yield return Path.Combine(root, "Lib", "site-packages");
            else
                foreach (string site in PythonsBelow(Path.Combine(root, "lib"), "site-packages"))
                    yield return site;
        }
        if (!windows)
        {
            foreach (string site in PythonsBelow("/usr/local/lib", "dist-packages"))
                yield return site;
            foreach (string site in PythonsBelow("/usr/local/lib", "site-packages"))
                yield return site;
        }
    }

    // The environment that is active, and those of the Pythons on the path, active or not.
    static IEnumerable<string> PythonRoots(bool windows)
    {
        foreach (string variable in (string[])["VIRTUAL_ENV", "CONDA_PREFIX"])
            if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } root)
                yield return root;
        foreach (string place in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            if (Path.IsPathRooted(place) && File.Exists(Path.Combine(place, windows ? "python.exe" : "python3")) && Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(place)) is { } above)
                yield return above;
    }

    static IEnumerable<string> PythonsBelow(string folder, string packages) =>
        Directory.Exists(folder)
            ? Directory.GetDirectories(folder, "python3*").Order(StringComparer.Ordinal).Select(p => Path.Combine(p, packages))
            : [];
}
