using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text.Json;
using JpegQualityEstimation.Engine;
using JpegQualityEstimation.Engine.Cpu;
using JpegQualityEstimation.Engine.Ops;
using JpegQualityEstimation.Images;
using JpegQualityEstimation.Maps;
using JpegQualityEstimation.Networks;
using JpegQualityEstimation.Tests.Images;
using JpegQualityEstimation.Tests.Maps;
using JpegQualityEstimation.Tests.Tool;
using JpegQualityEstimation.Tool;
using Xunit;

namespace JpegQualityEstimation.Tests.Engine;

// Processors with less than this one: jqe in a process of its own under a switch of the runtime that takes instruction sets away.
// It has to take the kernel set that is left, and give the bits that this process gives when that set is forced.
public sealed class InstructionSetTests : IDisposable
{
    const int Side = 20;

    readonly ToolFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string, string> Switches => new()
    {
        { "EnableAVX512", nameof(CpuKernelSet.Vector256) },
        { "EnableAVX2", nameof(CpuKernelSet.Scalar) },
        { "EnableHWIntrinsic", nameof(CpuKernelSet.Scalar) },
    };

    [SkippableTheory]
    [MemberData(nameof(Switches))]
    public void ProcessTakesTheSetThatIsLeftAndGivesItsBits(string without, string left)
    {
        SkipUnlessThere(without);
        CpuKernelSet set = Enum.Parse<CpuKernelSet>(left);
        using JsonDocument doctor = JsonDocument.Parse(Jqe(without, "doctor", "--json"));
        Assert.Equal(left.ToLowerInvariant(), doctor.RootElement.GetProperty("kernels").GetString());

        string picture = folder.AddPicture("p.png", Side, Side);
        Jqe(without, "quality", picture, "--model", folder.Model, "--maps", folder["maps"], "--device", "cpu", "--threads", "1");
        using var estimator = new EngineQualityMapEstimator("untrained", new ChosenEngine<IQualityEngine>(
            new QualityInference(QualityNetwork.Load(folder.Model, FlagPolarity.FromMetadata), 1, kernels: set), ComputeDevice.Cpu, ""), 1);
        QualityMap expected = estimator.Estimate(ImageFile.Read(picture).View);
        Assert.Equal(expected.Quality.ToArray(), Floats("maps/p.png.quality.npy"));
        Assert.Equal(expected.Compressed.ToArray(), Floats("maps/p.png.compressed.npy"));
    }

    // The phase-histogram network gives the same bits in every set.
    [SkippableTheory]
    [MemberData(nameof(Switches))]
    public void PrimaryEstimateIsThatOfThisProcess(string without, string left)
    {
        SkipUnlessThere(without);
        Assert.NotEmpty(left);
        string[] arguments = ["primary", folder.AddPicture("patch.png", 64, 64), "--patch", "--second", "90", "--json", "--device", "cpu"];
        ToolRun here = folder.Run(arguments);
        Assert.Equal(0, here.Status);
        Assert.Equal(WithoutTime(here.Output), WithoutTime(Jqe(without, arguments)));
    }

    // What is left beside plain arithmetic: the sets of every network against it, in a process that has no 512-bit instructions.
    [SkippableFact]
    public void SelfTestPassesWithoutTheWidestSet()
    {
        SkipUnlessThere("EnableAVX512");
        string lines = Jqe("EnableAVX512", "selftest", "--device", "cpu", "--quick", "--filter", "network, ");
        Assert.Contains("Vector128", lines, StringComparison.Ordinal);
        Assert.DoesNotContain("Vector512", lines, StringComparison.Ordinal);
        Assert.DoesNotContain("FAILED", lines, StringComparison.Ordinal);
    }

    static void SkipUnlessThere(string without)
    {
        Skip.IfNot(RuntimeInformation.ProcessArchitecture == Architecture.X64, "the switches are those of x64");
        Skip.If(Environment.GetEnvironmentVariable(CpuKernelSets.Variable) is { Length: > 0 }, $"{CpuKernelSets.Variable} forces a kernel set");
        Skip.If(without == "EnableAVX512" && !CpuKernelSets.IsAvailable(CpuKernelSet.Vector512), "this machine has no 512-bit kernels to take away");
        Skip.IfNot(Avx2.IsSupported && Fma.IsSupported, "this machine has no AVX2");
    }

    static string Jqe(string without, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "jqe.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [$"DOTNET_{without}"] = "0" },
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"jqe {string.Join(' ', arguments)}: {error.Result}{output}");
        return output;
    }

    static string WithoutTime(string json) => json[..json.IndexOf("\"milliseconds\"", StringComparison.Ordinal)];

    float[] Floats(string file) => [.. NpyArray.Read(File.ReadAllBytes(folder[file]), file).Values<float>()];
}
