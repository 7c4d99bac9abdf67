using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using JpegQualityEstimation.Cuda.Native;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Native;

public sealed class BindingTests
{
    public static TheoryData<string> Functions { get; } =
    [
        .. new[] { typeof(CudaDriver), typeof(Cudnn), typeof(Cublas) }
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Select(method => method.Name).Distinct().Order(StringComparer.Ordinal),
    ];

    // A name that is misspelt, or has the wrong version, is met here and not at a user's.
    [SkippableTheory]
    [MemberData(nameof(Functions))]
    public void EveryDeclarationIsExported(string name)
    {
        TestDevice.Require();
        NativeLibraryReport library = name.StartsWith("cudnn", StringComparison.Ordinal) ? CudaLibraries.Cudnn
            : name.StartsWith("cublas", StringComparison.Ordinal) ? CudaLibraries.Cublas : CudaLibraries.Driver;
        Skip.If(library.Handle == 0, $"{library.Library} is not here");
        // One of the two is enough.
        if (name == "cuEventElapsedTime_v2")
            name = NativeLibrary.TryGetExport(library.Handle, name, out _) ? name : "cuEventElapsedTime";
        Assert.True(NativeLibrary.TryGetExport(library.Handle, name, out _), $"{library.FoundAs} does not export {name}");
    }

    [Fact]
    public void StructuresHaveTheSizesOfTheHeaders()
    {
        Assert.Equal(88, Unsafe.SizeOf<MemoryPoolProperties>());
        Assert.Equal(48, Unsafe.SizeOf<CudnnAlgorithmPerformance>());
    }
}
