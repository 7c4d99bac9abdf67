using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using JpegQualityEstimation.Cuda.Native;
using Xunit;

namespace JpegQualityEstimation.Cuda.Tests.Native;

// The declarations against native/abi/abi.txt, which native/abi/abi.cpp prints from the vendor's headers: every number, size
// and offset, and every function's parameters. No device and no library is needed.
public sealed class AbiTests
{
    static readonly Dictionary<string, string> Table = Read();

    static readonly Type[] Declared = [.. typeof(CudaDriver).Assembly.GetTypes().Where(type => type.Namespace == typeof(CudaDriver).Namespace)];

    [Fact]
    public void EnumerationsHaveTheNumbersOfTheHeaders()
    {
        Type[] enums = [.. Declared.Where(type => type.IsEnum)];
        Assert.NotEmpty(enums);
        foreach (Type type in enums)
        {
            Assert.Equal(typeof(int), Enum.GetUnderlyingType(type));
            foreach (string member in Enum.GetNames(type))
                Assert.Equal(Entry($"value {type.Name}.{member}"), Convert.ToInt64(Enum.Parse(type, member), CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public void ConstantsHaveTheNumbersOfTheHeaders()
    {
        var constants = Declared.SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static))
            .Where(field => field.IsLiteral && !field.DeclaringType!.IsEnum && field.FieldType != typeof(string)).ToArray();
        Assert.NotEmpty(constants);
        foreach (FieldInfo field in constants)
            Assert.Equal(Entry($"value {field.DeclaringType!.Name}.{field.Name}"), Convert.ToString(field.GetRawConstantValue(), CultureInfo.InvariantCulture));
    }

    [Fact]
    public void StructuresLieAsInTheHeaders()
    {
        Type[] structures = [.. Declared.Where(type => type is { IsValueType: true, IsEnum: false, IsNested: false })];
        Assert.NotEmpty(structures);
        foreach (Type type in structures)
        {
            Assert.Equal(Entry($"size {type.Name}"), Marshal.SizeOf(type).ToString(CultureInfo.InvariantCulture));
            foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
                Assert.Equal(Entry($"offset {type.Name}.{field.Name}"), Marshal.OffsetOf(type, field.Name).ToInt64().ToString(CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public void FunctionsTakeAndGiveWhatTheHeadersSay()
    {
        Assert.Equal(8, nint.Size);
        MethodInfo[] functions = [.. Functions()];
        Assert.True(functions.Length > 50);
        foreach (MethodInfo function in functions)
        {
            string kinds = string.Join(' ', function.GetParameters().Select(parameter => Kind(parameter.ParameterType)).Prepend(Kind(function.ReturnType)));
            Assert.True(Entry($"function {function.Name}") == kinds, $"{function.Name} is {kinds}, the headers say {Entry($"function {function.Name}")}");
        }
    }

    [Fact]
    public void NothingInTheTableIsForNothing()
    {
        var used = Functions().Select(function => $"function {function.Name}").ToHashSet();
        Assert.DoesNotContain(Table.Keys.Where(key => key.StartsWith("function ", StringComparison.Ordinal)), key => !used.Contains(key));
    }

    [SkippableFact]
    public void TheEmulatedGpuExportsEveryFunction()
    {
        TestDevice.Require();
        Skip.If(TestDevice.Emulator is null, "a real device");
        nint library = NativeLibrary.Load(TestDevice.Emulator);
        Assert.DoesNotContain(Functions(), function => !NativeLibrary.TryGetExport(library, function.Name, out _));
    }

    static IEnumerable<MethodInfo> Functions() => new[] { typeof(CudaDriver), typeof(Cudnn), typeof(Cublas) }
        .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.DeclaredOnly))
        .Where(method => method.Name.StartsWith("cu", StringComparison.Ordinal));

    static string Kind(Type type)
    {
        if (type == typeof(void))
            return "v";
        if (type == typeof(float) || type == typeof(double))
            return $"f{(type == typeof(float) ? 4 : 8)}";
        int bytes = type.IsPointer || type == typeof(nint) || type == typeof(nuint) ? 8 : type.IsEnum ? 4 : Marshal.SizeOf(type);
        return string.Create(CultureInfo.InvariantCulture, $"n{bytes}");
    }

    static string Entry(string name)
    {
        Assert.True(Table.TryGetValue(name, out string? value), $"native/abi/abi.txt has no '{name}': add it to native/abi/*.inc and run native/build.sh abi");
        return value!;
    }

    static Dictionary<string, string> Read() => File.ReadLines(Path.Combine(RepositoryFolder.Root, "native", "abi", "abi.txt"))
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => line.Split(" = ", 2))
        .ToDictionary(pair => pair[0], pair => pair[1]);
}
