using System.ComponentModel;
using System.Diagnostics;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Native;

// Libraries made for the test stand for cuDNN and its parts: the first opens the second by bare name, as cuDNN does.
public sealed class LibrarySearchTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("jqe-siblings-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void PartsBesideALibraryAreFoundInAFolderThatNobodySearches(bool partIsThere)
    {
        string version = partIsThere ? "9" : "8";
        // Names of their own: what is loaded stays loaded for the next test.
        string part = $"libcudnn_graph.so.{version}";
        string place = Path.Combine(folder, "nvidia", "cudnn", "lib");
        Directory.CreateDirectory(place);
        if (partIsThere)
            Compile(Path.Combine(place, part), "int part(void) { return 7; }", $"-Wl,-soname,{part}");
        Compile(Path.Combine(place, "libcudnn.so.9"), $$"""
            #include <dlfcn.h>
            unsigned long cudnnGetVersion(void) { return dlopen("{{part}}", RTLD_NOW) != 0 ? 90123 : 80000; }
            """, "-ldl");
        NativeLibraryReport report = NativeLibrarySearch.Find("cuDNN 9", ["libcudnn.so.9"], null, [place], CudaVersions.Cudnn);
        Assert.Equal(Path.Combine(place, "libcudnn.so.9"), report.FoundAs);
        Assert.Equal(partIsThere ? "9.1.23" : "8.0.0", report.Version);
        Assert.NotEqual(0, report.Handle);
    }

    [Fact]
    public void ThePlaceThatAVariableNamesIsTheOnlyOneTried()
    {
        const string variable = "JQE_TEST_ONLY_PLACE";
        Environment.SetEnvironmentVariable(variable, Path.Combine(folder, "absent.so"));
        NativeLibraryReport report = NativeLibrarySearch.Find("C library", ["libc.so.6"], variable, [folder], _ => "1");
        Assert.Null(report.FoundAs);
        Assert.Equal(2, report.Tried.Count);
        Assert.StartsWith(Path.Combine(folder, "absent.so") + ": ", report.Tried[0], StringComparison.Ordinal);
        Environment.SetEnvironmentVariable(variable, null);
        report = NativeLibrarySearch.Find("C library", ["libc.so.6"], variable, [folder], _ => "1");
        if (OperatingSystem.IsLinux())
            Assert.Equal("libc.so.6", report.FoundAs);
    }

    [SkippableFact]
    public void WheelsOfThePythonOnThePathAreSearched()
    {
        Skip.If(OperatingSystem.IsWindows(), "folders are laid out otherwise there");
        string wheel = Path.Combine(folder, "lib", "python3.12", "site-packages", "nvidia", "cudnn", "lib"), programs = Path.Combine(folder, "bin");
        Directory.CreateDirectory(wheel);
        Directory.CreateDirectory(programs);
        string? path = Environment.GetEnvironmentVariable("PATH");
        try
        {
            Environment.SetEnvironmentVariable("PATH", $"{path}{Path.PathSeparator}{programs}");
            Assert.DoesNotContain(wheel, CudaFolders.Of("cudnn"));
            File.WriteAllText(Path.Combine(programs, "python3"), "");
            Assert.Contains(wheel, CudaFolders.Of("cudnn"));
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
        }
    }

    static void Compile(string output, string source, params string[] flags)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "shared libraries are made on Linux only");
        foreach (string compiler in (string[])["cc", "gcc", "clang", "clang-19"])
        {
            try
            {
                using Process run = Process.Start(new ProcessStartInfo(compiler, ["-shared", "-fPIC", "-x", "c", "-o", output, "-", .. flags])
                {
                    RedirectStandardInput = true,
                })!;
                run.StandardInput.Write(source);
                run.StandardInput.Close();
                run.WaitForExit();
                Assert.Equal(0, run.ExitCode);
                return;
            }
            catch (Win32Exception)
            {
            }
        }
        Skip.If(true, "no C compiler (cc, gcc, clang)");
    }
}
