using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using JpegQualityEstimation.Cuda.Handles;

namespace JpegQualityEstimation.Cuda.Runtime;

// CudaModule: loaded kernels, found by name once.
sealed class CudaModule : IDisposable
{
    const string Prefix = "kernels/", Suffix = ".ptx";

    readonly ConcurrentDictionary<string, KernelFunction> functions = new(StringComparer.Ordinal);
    readonly Dictionary<string, KernelArgumentKind[]>? entries;
    readonly LoadedModuleHandle module;

    /// <param name="context">Where.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="image">PTX text or a cubin.</param>
    public CudaModule(ContextHandle context, string name, ReadOnlySpan<byte> image)
    {
        Name = name;
        // A cubin is an ELF file; what its kernels take is not looked for.
        if (!image.StartsWith("\x7FELF"u8))
            entries = PtxEntries.Read(Encoding.ASCII.GetString(image));
        module = new LoadedModuleHandle(context, name, image);
    }

    public string Name { get; }

    /// <summary>Names of the modules that this assembly carries, ordinal order.</summary>
    public static IReadOnlyList<string> EmbeddedNames { get; } =
    [
        .. typeof(CudaModule).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Suffix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..^Suffix.Length])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The PTX text of kernels/NAME.cu.</summary>
    /// <exception cref="ArgumentException">There is none; the message names those there are.</exception>
    public static byte[] Embedded(string name)
    {
        using Stream? stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Prefix + name + Suffix);
        if (stream is null)
            throw new ArgumentException($"no kernels '{name}' (there are {string.Join(", ", EmbeddedNames)})", nameof(name));
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <exception cref="ArgumentException">The module has no such kernel.</exception>
    public KernelFunction Kernel(string entry) => functions.GetOrAdd(entry, name =>
    {
        KernelArgumentKind[]? parameters = null;
        if (entries is not null && !entries.TryGetValue(name, out parameters))
            throw new ArgumentException($"module {Name} has no kernel '{name}' (it has {string.Join(", ", entries.Keys)})", nameof(entry));
        return new KernelFunction(module, Name, name, parameters);
    });

    public void Dispose() => module.Dispose();
}
