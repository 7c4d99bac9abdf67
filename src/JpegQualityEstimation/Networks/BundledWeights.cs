using System.Reflection;
using System.Security.Cryptography;
using JpegQualityEstimation.Tensors;

namespace JpegQualityEstimation.Networks;

// BundledWeights: the weight files that an assembly carries (embedded Weights/NAME.safetensors), each held to the SHA-256
// that stands beside it (Weights/NAME.sha256, as `sha256sum NAME.safetensors > NAME.sha256` writes it). The build refuses
// a pair that does not fit (src/BundledWeights.targets); what is loaded is looked at again, once a load.
static class BundledWeights
{
    public const string Prefix = "JpegQualityEstimation.Weights.", Suffix = ".safetensors", DigestSuffix = ".sha256";

    /// <summary>Names of the files of an assembly, ordinal order.</summary>
    public static IReadOnlyList<string> Names(Assembly assembly) =>
    [
        .. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Suffix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..^Suffix.Length])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The bytes of a file of this assembly, null where there is none of that name.</summary>
    /// <param name="name">Without folder and ending: "primary".</param>
    /// <exception cref="WeightsFormatException">The bytes are not those that were bundled.</exception>
    public static byte[]? Read(string name) => Read(name, typeof(BundledWeights).Assembly.GetManifestResourceStream);

    /// <inheritdoc cref="Read(string)"/>
    /// <param name="name">Without folder and ending.</param>
    /// <param name="open">Gives the resources of an assembly.</param>
    public static byte[]? Read(string name, Func<string, Stream?> open)
    {
        if (Bytes(Prefix + name + Suffix) is not { } file)
            return null;
        string digest = Convert.ToHexStringLower(SHA256.HashData(file));
        string? expected = Bytes(Prefix + name + DigestSuffix) is { } text ? System.Text.Encoding.ASCII.GetString(text).Split(' ', '\n')[0] : null;
        return digest == expected
            ? file
            : throw new WeightsFormatException(name + Suffix, -1, $"the bundled file is damaged: its SHA-256 is {digest}, not {expected ?? "known"}");

        byte[]? Bytes(string resource)
        {
            using Stream? stream = open(resource);
            if (stream is null)
                return null;
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
    }
}
