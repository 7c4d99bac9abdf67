using System.Globalization;
using System.Text.RegularExpressions;
using JpegQualityEstimation.Cuda.Runtime;
using Xunit;
using Xunit.Abstractions;

namespace JpegQualityEstimation.Cuda.Tests.Native;

// The committed PTX: what the sources give, accepted by the vendor's assembler, and free of what would change results.
public sealed partial class PtxTests(ITestOutputHelper output)
{
    static string Folder => Path.Combine(RepositoryFolder.Root, "kernels", "ptx");

    [Fact]
    public void EverySourceHasItsPtxAndThePackageCarriesIt()
    {
        string[] sources = Names(Path.Combine(RepositoryFolder.Root, "kernels"), "*.cu"), committed = Names(Folder, "*.ptx");
        Assert.Equal(sources, committed);
        Assert.Equal(committed, CudaModule.EmbeddedNames);
    }

    [SkippableFact]
    public void CommittedPtxIsWhatTheSourcesGive()
    {
        string rebuilt = Directory.CreateTempSubdirectory("jqe-ptx-").FullName;
        try
        {
            var (status, _, error) = BuildScript.Run("ptx", rebuilt);
            Skip.If(status == BuildScript.ToolMissing, error);
            Assert.True(status == 0, error);
            foreach (string name in Names(Folder, "*.ptx"))
            {
                string file = $"{name}.ptx";
                Assert.True(File.ReadAllBytes(Path.Combine(Folder, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(rebuilt, file))),
                    $"kernels/ptx/{file} is not what the source gives: native/build.sh ptx");
            }
        }
        finally
        {
            Directory.Delete(rebuilt, recursive: true);
        }
    }

    [SkippableFact]
    public void TheAssemblerTakesEveryKernelWithoutSpills()
    {
        var (status, table, error) = BuildScript.Run("ptxas");
        Skip.If(status == BuildScript.ToolMissing, error);
        output.WriteLine(table);
        Assert.True(status == 0, error + string.Join('\n', table.Split('\n').Where(line => line.Contains("SPILLS", StringComparison.Ordinal))));
    }

    // ptxas may fuse a product and a sum that do not say .rn; a device would then give other bits than the emulation.
    // Approximations, flushes to zero and atomics on floats have no place either.
    [Fact]
    public void NothingInItDependsOnTheAssembler()
    {
        foreach (string name in Names(Folder, "*.ptx"))
        {
            string text = File.ReadAllText(Path.Combine(Folder, $"{name}.ptx"));
            Assert.False(Loose().Match(text) is { Success: true } match, $"{name}: {Loose().Match(text).Value.Trim()}");
        }
    }

    // Where a kernel takes sixteen bytes of shared memory at once, a device faults on what lies less even than that; on the host
    // large arrays happen to lie evenly whatever the source says.
    [Fact]
    public void SharedMemoryThatIsReadInSixteensLiesOnSixteens()
    {
        foreach (string name in Names(Folder, "*.ptx"))
        {
            string text = File.ReadAllText(Path.Combine(Folder, $"{name}.ptx"));
            string[] uneven = [.. Shared().Matches(text).Where(match => int.Parse(match.Groups["bytes"].ValueSpan, CultureInfo.InvariantCulture) < 16).Select(match => match.Groups["name"].Value)];
            foreach (Match entry in Entry().Matches(text))
            {
                string body = entry.Groups["body"].Value;
                if (SixteenBytes().IsMatch(body))
                    Assert.All(uneven, variable => Assert.False(body.Contains(variable, StringComparison.Ordinal), $"{name}, {entry.Groups["name"].Value}: {variable}"));
            }
        }
    }

    [Fact]
    public void ItIsForTheOldestDevicesItCanBeFor()
    {
        foreach (string name in Names(Folder, "*.ptx"))
        {
            string target = name.EndsWith("_sm80", StringComparison.Ordinal) ? "sm_80" : "sm_70";
            Assert.StartsWith($".version 7.0\n.target {target}\n", File.ReadAllText(Path.Combine(Folder, $"{name}.ptx")), StringComparison.Ordinal);
        }
    }

    static string[] Names(string folder, string pattern) =>
        [.. Directory.GetFiles(folder, pattern).Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)];

    [GeneratedRegex(@"\s(add|sub|mul|fma|mad)\.(f32|f64|f16x?2?|bf16x?2?|ftz)\b.*|\s\w+\.approx\S*.*|\s\S*\.ftz\S*.*|\s(atom|red)\.\S*\.(f32|f64|f16|bf16)\S*.*")]
    private static partial Regex Loose();

    [GeneratedRegex(@"\.shared \.align (?<bytes>\d+) \.b8 (?<name>[\w$.]+)\[")]
    private static partial Regex Shared();

    [GeneratedRegex(@"\.entry (?<name>[\w$]+)\((?<body>.*?)^\}", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Entry();

    [GeneratedRegex(@"\b(ld|st)\.shared\.(v4\.[a-z]32|v2\.[a-z]64)")]
    private static partial Regex SixteenBytes();
}
